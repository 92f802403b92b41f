"""One recorded job for an attempt, whatever is asked, delivered or lost."""

import json

import pytest

from support.world import World
from tunedrop.contracts import LaunchRequested
from tunedrop.domain.runs import RunState
from tunedrop.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    QuotaExhaustedError,
    RefusedError,
    UpstreamUnavailableError,
)
from tunedrop.events import PubsubDelivery
from tunedrop.handlers.decide import receive_control
from tunedrop.handlers.launch_run import receive_launch

ROWS = "".join(
    json.dumps({"input_text": f"question {n}", "output_text": f"answer {n}"}) + "\n"
    for n in range(20)
)
GEMINI_ROWS = "".join(
    json.dumps(
        {
            "contents": [
                {"role": "user", "parts": [{"text": f"q {n}"}]},
                {"role": "model", "parts": [{"text": f"a {n}"}]},
            ]
        }
    )
    + "\n"
    for n in range(20)
)


@pytest.fixture
def world():
    return World()


def accepted(world, rows=ROWS, name="x.jsonl"):
    """Drop a dataset and give the launch request that follows, undelivered."""
    world.drop(name, rows)
    return PubsubDelivery("l1", world.publisher.bodies("launch-requested")[-1], {})


def launch(world, delivery):
    return receive_launch(world.services, world.vertex, delivery)


def the_run(world):
    (run_id,) = world.runs()
    return world.run(run_id)


@pytest.mark.parametrize("times", [1, 5])
def test_one_launch_request_or_five_make_one_job(world, times):
    delivery = accepted(world)

    for _ in range(times):
        launch(world, delivery)

    assert 1 == len(world.pipelines.created)
    assert RunState.LAUNCHED is the_run(world).state
    assert 1 == world.publisher.kinds().count("run-launched")


def test_the_same_bytes_under_two_names_are_one_run_and_one_job(world):
    world.drop("x.jsonl", ROWS)
    world.drop("y.jsonl", ROWS)

    world.deliver()

    assert 1 == len(world.pipelines.created)
    (run_id,) = world.runs()
    assert 2 == len(world.store.names("test-ledger", f"askers/{run_id}/"))


def test_the_job_reads_only_staged_bytes_with_the_verdicts_digest(world):
    launch(world, accepted(world))

    ((_, body),) = world.pipelines.created
    uri = body["runtimeConfig"]["parameterValues"]["dataset_uri"]
    run = the_run(world)
    assert f"gs://test-work/staged/{run.accepted['training']['digest']}.jsonl" == uri


def test_the_job_carries_deployment_run_and_attempt(world):
    launch(world, accepted(world))

    ((job_id, body),) = world.pipelines.created
    run = the_run(world)
    assert {
        "tunedrop-deployment": "tunedrop",
        "tunedrop-run": run.run_id,
        "tunedrop-attempt": "1",
    } == body["labels"]
    assert f"tunedrop-{run.run_id}-a1" == job_id
    assert run.run_id in body["runtimeConfig"]["parameterValues"]["model_display_name"]


def test_a_job_id_taken_by_our_own_earlier_call_is_adopted(world):
    world.pipelines.refusals = [(UpstreamUnavailableError("lost answer"), True)]
    delivery = accepted(world)

    assert "launch_unknown" == launch(world, delivery).code
    assert "launch_under_way" == launch(world, delivery).code
    world.clock.skip(10_000)
    assert "launched" == launch(world, delivery).code
    assert 1 == len(world.pipelines.created)


def test_a_job_id_taken_by_somebody_elses_job_is_not_adopted(world):
    delivery = accepted(world)
    run_id = json.loads(delivery.data)["run_id"]
    world.pipelines.create(
        region="us-central1", job_id=f"tunedrop-{run_id}-a1", body={"labels": {"theirs": "yes"}}
    )

    assert "job_id_taken" == launch(world, delivery).code
    assert RunState.FAILED is the_run(world).state


def test_a_tuning_job_whose_answer_was_lost_is_found_by_its_label(world):
    world.tunings.refusals = [(UpstreamUnavailableError("lost answer"), True)]
    delivery = accepted(world, GEMINI_ROWS)

    launch(world, delivery)
    world.clock.skip(10_000)
    launch(world, delivery)

    assert 1 == len(world.tunings.created)
    assert RunState.LAUNCHED is the_run(world).state


def test_a_tuning_job_that_was_never_made_is_made_after_the_look_up(world):
    world.tunings.refusals = [UpstreamUnavailableError("refused connection")]
    delivery = accepted(world, GEMINI_ROWS)

    launch(world, delivery)
    world.clock.skip(10_000)
    launch(world, delivery)

    assert 1 == len(world.tunings.created)


@pytest.mark.parametrize(
    "error", [QuotaExhaustedError("1 job"), AccessDeniedError("actAs")], ids=lambda e: e.code
)
def test_what_waiting_or_an_operator_can_mend_is_queued_and_tried_again(world, error):
    world.pipelines.refusals = [error]

    assert error.code == launch(world, accepted(world)).code
    assert RunState.QUEUED is the_run(world).state
    assert "run-queued" in world.publisher.kinds()
    world.tick(seconds=10)
    assert [] == world.deliver()[1:]
    world.tick(seconds=10_000)
    world.deliver()
    assert RunState.LAUNCHED is the_run(world).state


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (
            InvalidRequestError(
                'bad row JSON: {"input_text": "secret words"}', violations=["f: secret [1, 2]"]
            ),
            "launch_refused",
        ),
        (NotFoundError("template"), "launch_not_found"),
    ],
    ids=["invalid", "not-found"],
)
def test_what_nothing_can_mend_ends_the_run_without_dataset_text(world, error, code):
    world.pipelines.refusals = [error]

    assert code == launch(world, accepted(world)).code
    run = the_run(world)
    assert (RunState.FAILED, code) == (run.state, run.last.detail["code"])
    assert "secret words" not in json.dumps(run.last.detail)
    assert code == json.loads(world.publisher.bodies("run-failed")[0])["code"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"drop_id": "0" * 32}, "no_verdict"),
        ({"run_id": "other-0123456789abcdef"}, "verdict_mismatch"),
    ],
    ids=["no-verdict", "another-run"],
)
def test_a_message_that_no_verdict_backs_launches_nothing(world, change, code):
    body = json.loads(accepted(world).data)
    forged = PubsubDelivery(
        "l2", LaunchRequested(**{**body, **change}).model_dump_json().encode(), {}
    )

    with pytest.raises(RefusedError) as caught:
        launch(world, forged)

    assert code == caught.value.code
    assert [] == world.pipelines.created


def test_a_rejected_dataset_is_never_launched(world):
    outcome = world.drop("x.jsonl", b"nonsense\n" * 20)
    forged = LaunchRequested(drop_id=outcome.drop_id, run_id="default-0123456789abcdef")

    with pytest.raises(RefusedError):
        launch(world, PubsubDelivery("l", forged.model_dump_json().encode(), {}))

    assert [] == world.runs()


def test_a_short_name_that_belongs_to_another_run_is_a_conflict(world):
    delivery = accepted(world)
    verdict = world.record(f"verdicts/{json.loads(delivery.data)['drop_id']}.json")
    detail = {"asked": {"correlation_id": ""}}
    world.services.runbook.start(verdict["run_id"], "f" * 64, detail)

    with pytest.raises(Exception, match="expected the run key that the verdict names") as caught:
        launch(world, delivery)

    assert "conflict" == caught.value.code
    assert [] == world.pipelines.created


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"allow_unpriced": False}, "price_unknown"), ({"max_usd_per_run": 0.01}, "over_budget")],
    ids=["unpriced", "over-budget"],
)
def test_a_run_that_may_cost_too_much_is_held_until_approved(changes, code):
    world = World(**changes)
    launch(world, accepted(world, GEMINI_ROWS * 40 if code == "over_budget" else ROWS))
    run = the_run(world)

    assert (RunState.HELD, code) == (run.state, run.last.detail["code"])
    assert json.loads(world.publisher.bodies("run-queued")[0])["held"]
    world.control(action="approve", run_id=run.run_id, reason="yes", claimed_by="ada")
    world.deliver()
    assert RunState.LAUNCHED is the_run(world).state
    assert ("yes", "ada") == tuple(
        the_run(world).newest(RunState.QUEUED).detail[key] for key in ("reason", "claimed_by")
    )


def test_a_refused_run_ends():
    world = World(allow_unpriced=False)
    launch(world, accepted(world))

    world.control(action="refuse", run_id=the_run(world).run_id)

    assert RunState.REFUSED is the_run(world).state
    world.tick()
    assert [] == world.open_runs()


def test_a_crash_after_the_record_and_before_the_fact_is_said_by_the_sweep(world):
    delivery = accepted(world)
    publish = world.publisher.publish

    def crash(topic, data, attributes):
        if "run-launched" in attributes["ce-type"]:
            raise UpstreamUnavailableError("broker")
        return publish(topic, data, attributes)

    world.publisher.publish = crash
    with pytest.raises(UpstreamUnavailableError):
        launch(world, delivery)
    world.publisher.publish = publish

    world.tick()

    assert 1 == world.publisher.kinds().count("run-launched")
    assert 1 == len(world.pipelines.created)


@pytest.mark.parametrize(
    "error", [QuotaExhaustedError("429"), InvalidRequestError("400")], ids=lambda e: e.code
)
def test_a_look_up_that_fails_leaves_the_intent_since_a_job_may_exist(world, error):
    world.tunings.refusals = [(UpstreamUnavailableError("lost answer"), True)]
    delivery = accepted(world, GEMINI_ROWS)
    launch(world, delivery)
    recent = world.tunings.recent

    def failing(**_):
        raise error

    world.tunings.recent = failing
    world.clock.skip(10_000)
    assert "launch_unknown" == launch(world, delivery).code
    assert RunState.LAUNCHING is the_run(world).state
    world.tunings.recent = recent
    world.clock.skip(10_000)

    assert "launched" == launch(world, delivery).code
    assert 1 == len(world.tunings.created)


def test_an_approval_that_a_crash_cut_short_is_recorded_as_one():
    world = World(allow_unpriced=False)
    launch(world, accepted(world))
    run_id = the_run(world).run_id
    message = world.message({"action": "approve", "run_id": run_id})
    publish = world.publisher.publish

    def down(*_):
        raise UpstreamUnavailableError("broker")

    world.publisher.publish = down
    with pytest.raises(UpstreamUnavailableError):
        receive_control(world.services, world.vertex, message)
    world.publisher.publish = publish

    assert "approved" == receive_control(world.services, world.vertex, message).code
    world._delivered = len(world.publisher.sent)
    world.tick(seconds=10_000)
    world.deliver()
    assert RunState.LAUNCHED is the_run(world).state
