"""gcloud's own judgement of gcloud lines."""

import json
import os


def lint(lines, folder, warm):
    """The lines that `gcloud meta lint-gcloud-commands` refuses, with why; its exit code says nothing.

    Args:
        lines: Whole lines, beginning with `gcloud`.
        folder: For gcloud's own files.
        warm: A started `WarmGcloud`.
    """
    lines = list(dict.fromkeys(lines))
    commands = folder / "commands.json"
    commands.write_text(json.dumps([{"command_string": line} for line in lines]))
    words = ("meta", "lint-gcloud-commands", f"--commands-file={commands}")
    answer = warm.execute(words, os.environ | {"CLOUDSDK_CONFIG": str(folder / "gcloud")}, folder)
    assert 0 == answer.code, answer.stderr
    results = json.loads(answer.stdout)
    assert len(lines) == len(results)
    return [
        (result["command_string"], result["error_message"])
        for result in results
        if result["success"] is not True
    ]
