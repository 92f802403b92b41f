"""A card on its way through a whole local cloud: from a real function's process to a real webhook."""

import pytest

from support.drops import PATIENCE_SECONDS, Drops
from support.pubsub import wait_until
from support.webhook import SECRET, webhook
from tunedrop.local.cloud import LocalCloud
from tunedrop.local.deployment import Options


@pytest.fixture(scope="module")
def hook():
    with webhook(500) as hook:
        yield hook


@pytest.fixture(scope="module")
def drops(tmp_path_factory, hook):
    options = Options(
        settings={"webhook_url": hook.url}, vertex={"seconds_per_job": 0.2}, tick_seconds=0.5
    )
    with LocalCloud(tmp_path_factory.mktemp("notices") / "cloud", options) as cloud:
        yield Drops(cloud)


def test_a_model_that_works_is_told_to_the_webhook(drops, hook):
    drops.upload_example("tide-code")
    run = drops.registered("tide-code")

    wait_until(lambda: len(hook.cards) > 1, "the card, tried again", seconds=PATIENCE_SECONDS)

    (card,) = set(hook.cards)
    assert card.startswith("*It works.* Version 1 is registered")
    assert f"Next: `tunedrop ask {run.run_id} " in card


def test_only_the_functions_that_tell_are_given_the_address(drops):
    told = {
        process.name: SECRET in str(dict(process.launch.environment))
        for process in drops.cloud.functions
    }

    assert {
        "validator-finalized": False,
        "validator-requests": False,
        "launcher-launches": True,
        "status-job-events": True,
        "status-control": True,
    } == told


def test_the_address_lies_in_no_file_of_the_cloud(drops):
    held = [
        path
        for path in drops.cloud.layout.directory.rglob("*")
        if path.is_file() and SECRET.encode() in path.read_bytes()
    ]

    assert [] == held
    assert SECRET not in str(dict(drops.cloud.environment))
