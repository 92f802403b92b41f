"""The commands' help: an example in each, and a page that is never out of step."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tunedrop.cli.main import cli
from tunedrop.cli.reference import contexts, page
from tunedrop.contracts import TuningRequested
from tunedrop.wire import decode

ROOT = Path(__file__).parents[2]
CONTEXTS = list(contexts(cli, None))
HEAVY = ("google.auth", "google.protobuf", "grpc", "pydantic", "rich", "jinja2", "cloudevents")


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.command_path)
def test_every_command_has_an_example_in_its_help(context):
    _, _, example = context.get_help().partition("Example:\n")

    assert context.command_path in example.partition("Options:")[0]


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.command_path)
def test_every_option_says_what_it_does(context):
    silent = [
        parameter.name
        for parameter in context.command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]

    assert [] == silent


def test_the_reference_page_is_in_step():
    """`make docs` writes it again."""
    assert page() == (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def test_help_loads_nothing_heavy():
    program = (
        "import sys\nfrom tunedrop.cli.main import cli\n"
        "cli(['local', 'run', '--help'], standalone_mode=False)\n"
        "import json; print(json.dumps(list(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = json.loads(done.stdout.splitlines()[-1])

    assert [] == [name for name in HEAVY if name in loaded]


def test_help_is_asked_for_in_two_ways():
    runner = CliRunner()

    assert (
        runner.invoke(cli, ["runs", "-h"]).output == runner.invoke(cli, ["runs", "--help"]).output
    )


def test_the_example_request_fits_the_contract():
    data = (ROOT / "examples" / "requests" / "tuning-requested.json").read_bytes()
    request = decode(TuningRequested, data)

    assert {"tuning.train_steps", "budget.max_usd_per_run"} == request.overrides.keys()
