"""Who is told what of a run, over the real handlers: each end once, and the run the same whoever listens."""

import json
import os
import subprocess
import sys

import pytest
from pydantic import SecretStr

from support.webhook import HANG, SECRET, webhook
from support.world import BUCKETS, World, settings
from tunedrop import bootstrap
from tunedrop.adapters.webhook import WebhookNotices
from tunedrop.config import Settings
from tunedrop.domain.runs import RunState
from tunedrop.errors import InvalidRequestError, UpstreamUnavailableError
from tunedrop.post import SILENCE
from tunedrop.reports.notices import TOLD

ROWS = "".join(
    json.dumps({"input_text": f"question {n}", "output_text": f"answer {n}"}) + "\n"
    for n in range(20)
)
LOCATION = "projects/test-project/locations/us-central1"
ENDING = {"tuned_model": f"{LOCATION}/models/7@1", "endpoint": f"{LOCATION}/endpoints/8"}
LOCAL = {
    "vertex_emulator_host": "127.0.0.1:8085",
    "vertex_emulator_rest_host": "127.0.0.1:8086",
}


def launched(folder="bot", policy="manual", **options):
    """A world in which a dataset was dropped and its launch delivered."""
    world = World(**options)
    recipe = f'base_model = "code-bison@002"\n[promotion]\npolicy = "{policy}"\n'
    world.drop(f"{folder}/recipe.toml", recipe)
    world.drop(f"{folder}/x.jsonl", ROWS.encode())
    world.deliver()
    return world


def ended(world, state, **fields):
    world.pipelines.end(state, **fields)
    world.tick(60)
    return world


def registered(**options):
    return ended(launched(**options), "JOB_STATE_SUCCEEDED", **ENDING)


def load_failed():
    world = launched()
    world.predictor.answer = InvalidRequestError("no such endpoint")
    return ended(world, "JOB_STATE_SUCCEEDED", **ENDING)


def refused_at_create():
    world = World()
    world.pipelines.refusals = [InvalidRequestError("no")]
    world.drop("bot/recipe.toml", b'base_model = "code-bison@002"\n')
    world.drop("bot/x.jsonl", ROWS.encode())
    world.deliver()
    return world


def decided(action):
    world = launched(allow_unpriced=False)
    (run_id,) = world.runs()
    world.notices.told.clear()
    world.control(action=action, run_id=run_id, reason="why", claimed_by="ann")
    return world


STORIES = {
    "kept": (registered, RunState.KEPT, "It works."),
    "promoted": (
        lambda: registered(policy="always"),
        RunState.PROMOTED,
        "It works, and it is the champion.",
    ),
    "failed": (lambda: ended(launched(), "JOB_STATE_FAILED"), RunState.FAILED, "Failed."),
    "refused-at-create": (refused_at_create, RunState.FAILED, "Failed."),
    "load-failed": (load_failed, RunState.LOAD_FAILED, "Tuned, but it cannot be called."),
    "cancelled": (
        lambda: ended(launched(), "JOB_STATE_CANCELLED"),
        RunState.CANCELLED,
        "Cancelled.",
    ),
    "refused": (lambda: decided("refuse"), RunState.REFUSED, "Refused by an operator."),
    "cancelled-while-held": (lambda: decided("cancel"), RunState.CANCELLED, "Cancelled."),
    "held": (lambda: launched(allow_unpriced=False), RunState.HELD, "Held."),
    "rehearsed": (
        lambda: launched("tunedrop-selftest/7f3a"),
        RunState.REHEARSED,
        "Rehearsed.",
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_each_end_and_each_hold_is_told_once(story):
    play, state, headline = STORIES[story]
    world = play()
    (run_id,) = world.runs()

    world.tick(300)
    world.tick(300)

    (card,) = world.notices.told
    assert (state, run_id) == (world.run(run_id).state, card.run_id)
    assert card.text.startswith(f"*{headline}")


def test_every_state_that_is_told_has_a_story():
    assert TOLD == {state for _, state, _ in STORIES.values()}


def test_a_run_on_its_way_tells_nobody():
    world = launched()
    world.pipelines.end("JOB_STATE_RUNNING")

    world.tick(60)

    (run_id,) = world.runs()
    assert RunState.RUNNING is world.run(run_id).state
    assert [] == world.notices.told


def test_what_a_crash_left_untold_is_told_by_the_sweep():
    world = launched()
    world.pipelines.end("JOB_STATE_FAILED")
    publish = world.publisher.publish

    def crash(*_):
        raise UpstreamUnavailableError("broker")

    world.publisher.publish = crash
    world.tick()
    assert [] == world.notices.told
    world.publisher.publish = publish

    world.tick(300)

    (card,) = world.notices.told
    assert "*Failed.*" in card.text


def warnings(capsys):
    """What was logged that somebody may have to look at; the webhook's address is in no line at all."""
    out = capsys.readouterr().out
    assert SECRET not in out
    lines = [json.loads(line) for line in out.splitlines()]
    return [line["message"] for line in lines if line["severity"] == "WARNING"]


def quick_notices(address, patience_seconds=5.0):
    return WebhookNotices(
        address=SecretStr(address),
        loopback=True,
        rests_seconds=(0.0, 0.0),
        timeout_seconds=0.2,
        patience_seconds=patience_seconds,
    )


@pytest.mark.parametrize(
    ("answers", "count", "said"),
    [
        ((), 1, []),
        ((500, 500), 3, []),
        ((500, 500, 500), 3, ["it answered 500, 3 times"]),
        ((HANG, HANG, HANG), 3, ["ReadTimeout, 3 times"]),
        ((404,), 1, ["it answered 404"]),
    ],
    ids=["taken", "taken-at-last", "broken", "hanging", "gone"],
)
def test_a_run_is_the_same_whatever_the_webhook_does(answers, count, said, capsys):
    untold = registered()

    with webhook(*answers) as hook:
        world = registered(notices=quick_notices(hook.url))

    assert count == len(hook.cards)
    assert 1 == len(set(hook.cards))
    assert said == [line.rpartition(": ")[2] for line in warnings(capsys)]
    assert untold.store.objects == world.store.objects
    assert untold.publisher.sent == world.publisher.sent
    assert SECRET not in repr(world.store.objects)


def test_an_address_that_cannot_be_used_stops_nothing_and_is_not_repeated(capsys):
    world = registered(notices=quick_notices(f"gopher://{SECRET}"))

    (run_id,) = world.runs()
    (line,) = warnings(capsys)
    assert RunState.KEPT is world.run(run_id).state
    assert "its address does not begin with https://" in line
    assert SECRET not in repr(world.store.objects)


def test_without_an_address_nobody_is_told():
    assert SILENCE is bootstrap.build_notices(settings())


def test_a_local_deployment_tells_a_webhook_of_this_machine(capsys):
    with webhook() as hook:
        notices = bootstrap.build_notices(settings(webhook_url=hook.url, **LOCAL))
        registered(notices=notices)

    (card,) = hook.cards
    assert "*It works.*" in card
    assert [] == warnings(capsys)


def test_a_deployment_in_the_cloud_tells_no_webhook_of_this_machine(capsys):
    with webhook() as hook:
        registered(notices=bootstrap.build_notices(settings(webhook_url=hook.url)))

    assert [] == hook.requests
    (line,) = warnings(capsys)
    assert "does not begin with https://" in line


def test_a_card_takes_a_small_part_of_a_handlers_time():
    timings = {
        "create_timeout_seconds": 0.1,
        "handler_deadline_seconds": 0.8,
        "request_timeout_seconds": 0.9,
        "ack_deadline_seconds": 1,
        "clock_skew_seconds": 0.1,
        "lease_seconds": 1.2,
    }
    with webhook(HANG) as hook:
        given = settings(webhook_url=hook.url, timings=timings, **LOCAL)
        registered(notices=bootstrap.build_notices(given))

    assert 1 == len(hook.cards)


def test_the_secret_shows_in_no_representation_and_leaves_with_no_mapping():
    variables = {
        "TUNEDROP_PROJECT": "test-project",
        **{f"TUNEDROP_{name.upper()}": bucket for name, bucket in BUCKETS.items()},
        "TUNEDROP_WEBHOOK_URL": f"https://hooks.example.com/services/{SECRET}\n",
    }

    given = Settings.from_mapping(variables)

    assert given.webhook_url.get_secret_value().endswith(SECRET)
    assert SECRET not in repr(given) + str(given) + given.model_dump_json()
    assert "TUNEDROP_WEBHOOK_URL" not in given.to_mapping()


def test_a_function_without_a_webhook_never_loads_the_code_that_posts():
    script = (
        "import sys; from tunedrop import bootstrap; bootstrap.deployed_services(); "
        "print('tunedrop.adapters.webhook' in sys.modules)"
    )
    variables = {
        "TUNEDROP_PROJECT": "test-project",
        **{f"TUNEDROP_{name.upper()}": bucket for name, bucket in BUCKETS.items()},
        "STORAGE_EMULATOR_HOST": "http://127.0.0.1:9",
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "False" == done.stdout.strip()
