"""gcloud's own judgement of gcloud lines."""

import json
import os
import shutil
import subprocess

GCLOUD = shutil.which("gcloud")


def lint(lines, folder):
    """The lines that `gcloud meta lint-gcloud-commands` refuses, with why; its exit code says nothing."""
    lines = list(dict.fromkeys(lines))
    commands = folder / "commands.json"
    commands.write_text(json.dumps([{"command_string": line} for line in lines]))
    done = subprocess.run(
        [GCLOUD, "meta", "lint-gcloud-commands", f"--commands-file={commands}"],
        env=os.environ | {"CLOUDSDK_CONFIG": str(folder / "gcloud")},
        capture_output=True,
        text=True,
        check=True,
    )
    results = json.loads(done.stdout)
    assert len(lines) == len(results)
    return [
        (result["command_string"], result["error_message"])
        for result in results
        if result["success"] is not True
    ]
