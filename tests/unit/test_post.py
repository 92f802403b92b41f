"""What cannot be said or shown of a run does not keep it from ending; what a service could not do is done again."""

import pytest

from support.launching import bring
from support.world import World
from tunedrop import post
from tunedrop.domain.runs import RunState
from tunedrop.errors import CorruptRecordError, UpstreamUnavailableError
from tunedrop.handlers import steps
from tunedrop.handlers.follow_run import follow


def broken(*_):
    raise KeyError("recipe")


@pytest.fixture
def world():
    return World()


@pytest.fixture
def run_id(world):
    """Of a run whose job has failed, which nobody has heard of."""
    run_id = bring(world, RunState.RUNNING)
    world.pipelines.end("PIPELINE_STATE_FAILED")
    return run_id


def test_a_card_that_cannot_be_made_is_reported_and_the_run_ends(
    world, run_id, monkeypatch, capsys
):
    monkeypatch.setattr(post, "card_of", broken)

    for _ in range(2):
        follow(world.services, world.vertex, run_id)

    assert (RunState.FAILED, []) == (world.run(run_id).state, world.open_runs())
    assert 1 == len(world.publisher.bodies("run-failed"))
    assert [] == world.notices.told
    assert "unexpected KeyError" in capsys.readouterr().out


@pytest.mark.parametrize("error", [KeyError("recipe"), CorruptRecordError("verdicts/1.json")])
def test_a_page_that_cannot_be_made_is_reported_and_the_run_ends(
    world, run_id, monkeypatch, capsys, error
):
    def fail(*_):
        raise error

    monkeypatch.setattr(steps, "publish_run_report", fail)

    follow(world.services, world.vertex, run_id)

    assert (RunState.FAILED, []) == (world.run(run_id).state, world.open_runs())
    logged = capsys.readouterr().out
    assert "unexpected KeyError" in logged or "verdicts/1.json" in logged


def test_a_page_that_a_service_did_not_take_is_written_with_the_next_delivery(
    world, run_id, monkeypatch
):
    def fail(*_):
        raise UpstreamUnavailableError("storage")

    with monkeypatch.context() as patched:
        patched.setattr(steps, "publish_run_report", fail)
        with pytest.raises(UpstreamUnavailableError):
            follow(world.services, world.vertex, run_id)
    left = world.open_runs()
    follow(world.services, world.vertex, run_id)

    assert ([run_id], []) == (left, world.open_runs())
    assert (
        "failed"
        in world.store.read("test-reports", f"runs/{run_id}/report.json", max_bytes=10**7).decode()
    )
