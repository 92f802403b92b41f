"""Writes the golden plans and the permissions table of docs/deploy.md again: `python tests/deploy/write_expected.py`.

Read the difference before keeping it; the tests hold both to what the tool says.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "deploy"), str(ROOT / "tests")]

from conftest import CONFIGS, document_text  # noqa: E402 — after the path
from tunedrop_deploy_lib.config_file import load_config  # noqa: E402
from tunedrop_deploy_lib.deployment import Deployment  # noqa: E402
from tunedrop_deploy_lib.permissions import END, START, permissions_table  # noqa: E402
from tunedrop_deploy_lib.plan import plan_text  # noqa: E402


def deployment_of(path):
    return Deployment(load_config(path), ROOT)


def main():
    page = ROOT / "docs" / "deploy.md"
    before, _, rest = page.read_text().partition(START)
    table = permissions_table(deployment_of(ROOT / "deploy" / "config.example.toml"))
    page.write_text(f"{before}{START}\n{table}{END}{rest.partition(END)[2]}")
    for document in CONFIGS.values():
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder, "config.toml")
            config.write_text(document_text(document))
            deployment = deployment_of(config)
        plan = plan_text(deployment, "deploy/config.toml")
        for bundle in deployment.bundles:
            plan = plan.replace(bundle.digest, "DIGEST")
        golden = Path(__file__).parent / "golden" / f"plan-{deployment.config.deployment}.sh"
        golden.write_text(plan)


if __name__ == "__main__":
    main()
