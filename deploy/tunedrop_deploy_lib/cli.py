"""The command line: arguments in, text and an exit code out.

Knows no step and no resource.
"""

import argparse
import secrets
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tunedrop_deploy_lib.applying import apply
from tunedrop_deploy_lib.config_file import load_config
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.errors import DeployError, RefusedError
from tunedrop_deploy_lib.gcloud import Gcloud, run_gcloud
from tunedrop_deploy_lib.plan import plan_json, plan_text
from tunedrop_deploy_lib.removing import destroy, removable
from tunedrop_deploy_lib.selftest import selftest
from tunedrop_deploy_lib.verifying import verify

ROOT = Path(__file__).resolve().parents[2]
FINE, DIFFERENT, STOPPED, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str], *, root: Path = ROOT) -> int:
    """Run one command; 0 is fine, 1 that something is not as it should be, 2 that the tool had to stop."""
    options = _parser().parse_args(arguments)
    try:
        deployment = Deployment(load_config(options.config), root)
        code: int = options.run(deployment, options)
    except DeployError as error:
        print(error, file=sys.stderr)
        return STOPPED
    except KeyboardInterrupt:
        print("stopped; run the same command again to go on from here", file=sys.stderr)
        return INTERRUPTED
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
    command("apply", _apply, "Make the project what the plan says; can be stopped and run again.")
    command("verify", _verify, "Read everything back; list each difference and what mends it.")
    text = "Drop twelve rows in dry-run mode and follow them to the request that would be sent."
    trial = command("selftest", _selftest, text)
    trial.add_argument("--base-model", default="", help="one that the deployment allows")
    trial.add_argument(
        "--patience", type=float, default=240.0, metavar="SECONDS", help="for each hop; 240"
    )
    removal = command("destroy", _destroy, "Take the deployment down; buckets and data stay.")
    removal.add_argument("--purge", action="store_true", help="remove buckets and data too")
    removal.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _gcloud(deployment: Deployment) -> Gcloud:
    """Commands name files from the repository's root, wherever the tool is called."""
    return Gcloud(deployment.facts, execute=partial(run_gcloud, folder=deployment.root))


def _plan(deployment: Deployment, options: argparse.Namespace) -> int:
    text = plan_json(deployment) if options.json else plan_text(deployment, str(options.config))
    print(text, end="")
    return FINE


def _stage(deployment: Deployment, _options: argparse.Namespace) -> int:
    deployment.stage()
    for bundle in deployment.bundles:
        print(f"build/{bundle.function}: {len(bundle.files)} files, {bundle.digest}")
    return FINE


def _apply(deployment: Deployment, options: argparse.Namespace) -> int:
    apply(deployment, _gcloud(deployment))
    tool = f"python deploy/tunedrop_deploy.py {{}} --config {options.config}"
    print(f"Next: {tool.format('verify')}, then {tool.format('selftest')}")
    return FINE


def _verify(deployment: Deployment, options: argparse.Namespace) -> int:
    count = verify(deployment, _gcloud(deployment), config_path=str(options.config))
    return DIFFERENT if count else FINE


def _selftest(deployment: Deployment, options: argparse.Namespace) -> int:
    spoke = selftest(
        deployment,
        _gcloud(deployment),
        base_model=options.base_model,
        nonce=secrets.token_hex(6),
        patience_seconds=options.patience,
    )
    return FINE if spoke else DIFFERENT


def _destroy(deployment: Deployment, options: argparse.Namespace) -> int:
    for step in removable(deployment, purge=options.purge):
        print(f"  {step.makes}")
    if not options.yes:
        _confirm(deployment, purge=options.purge)
    destroy(deployment, _gcloud(deployment), purge=options.purge)
    return FINE


def _confirm(deployment: Deployment, *, purge: bool) -> None:
    name = deployment.names.deployment
    what = ", with every dataset, record and report" if purge else "; buckets and data stay"
    question = (
        f"Remove these from project {deployment.config.project}{what}? Type {name} to go on: "
    )
    if not sys.stdin.isatty():
        msg = "expected an answer at a terminal; say --yes where nobody can be asked"
        raise RefusedError(msg)
    if input(question).strip() != name:
        raise RefusedError(f"expected {name!r}; nothing was removed")
