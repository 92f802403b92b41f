"""The command line: arguments in, text and an exit code out.

Knows no step and no resource.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tunedrop_deploy_lib.config_file import load_config
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.errors import DeployError
from tunedrop_deploy_lib.plan import plan_json, plan_text

ROOT = Path(__file__).resolve().parents[2]
FINE, STOPPED = 0, 2


def main(arguments: Sequence[str], *, root: Path = ROOT) -> int:
    """Run one command; 0 is fine, 2 that the tool had to stop."""
    options = _parser().parse_args(arguments)
    try:
        deployment = Deployment(load_config(options.config), root)
        code: int = options.run(deployment, options)
    except DeployError as error:
        print(error, file=sys.stderr)
        return STOPPED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tunedrop_deploy.py",
        description="Deploy tunedrop to a Google Cloud project with gcloud.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("--config", type=Path, required=True, metavar="FILE")
        added.set_defaults(run=run)
        return added

    text = "Print every gcloud line in order, with why and what it costs."
    command("plan", _plan, text).add_argument("--json", action="store_true", help="for programs")
    command("stage", _stage, "Write bundles and settings under build/; call nothing.")
    return parser


def _plan(deployment: Deployment, options: argparse.Namespace) -> int:
    text = plan_json(deployment) if options.json else plan_text(deployment, str(options.config))
    print(text, end="")
    return FINE


def _stage(deployment: Deployment, _options: argparse.Namespace) -> int:
    deployment.stage()
    for bundle in deployment.bundles:
        print(f"build/{bundle.function}: {len(bundle.files)} files, {bundle.digest}")
    return FINE
