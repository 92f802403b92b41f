"""The command line over a deployment in memory."""

import json
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from tunedrop import bootstrap
from tunedrop.cli.main import cli


@contextmanager
def commanded(world):
    """Have every command speak to this world."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TUNEDROP_ENV_FILE", raising=False)
        patch.delenv("STORAGE_EMULATOR_HOST", raising=False)
        bootstrap.using(world.services, world.vertex)
        yield world
    bootstrap.forget()


def tunedrop(*arguments, data=None):
    """Run a command."""
    return CliRunner().invoke(cli, [str(each) for each in arguments], input=data)


def answer(*arguments, data=None):
    """What a command says as JSON."""
    return json.loads(tunedrop(*arguments, "--json", data=data).stdout)
