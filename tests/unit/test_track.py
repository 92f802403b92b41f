"""What becomes of a job, and of the model that it made."""

import json

import pytest

from support.world import World
from tunedrop.ai_ports import JobError
from tunedrop.domain.runs import RunState
from tunedrop.errors import (
    InvalidRequestError,
    MalformedEventError,
    PermanentError,
    UpstreamUnavailableError,
)
from tunedrop.handlers import track_runs

ROWS = "".join(
    json.dumps({"input_text": f"question {n}", "output_text": f"answer {n}"}) + "\n"
    for n in range(20)
)
MODEL = "projects/test-project/locations/us-central1/models/7@1"
ENDPOINT = "projects/test-project/locations/us-central1/endpoints/8"


@pytest.fixture
def world():
    world = World()
    world.drop("x.jsonl", ROWS)
    world.deliver()
    return world


def the_run(world):
    (run_id,) = world.runs()
    return world.run(run_id)


def end(world, state, **fields):
    world.pipelines.end(state, **fields)
    world.tick()
    return the_run(world)


@pytest.mark.parametrize(
    ("raw", "fields", "state", "code"),
    [
        ("PIPELINE_STATE_PENDING", {}, RunState.LAUNCHED, None),
        ("PIPELINE_STATE_RUNNING", {}, RunState.RUNNING, None),
        ("PIPELINE_STATE_PAUSED", {}, RunState.RUNNING, "job_paused"),
        ("PIPELINE_STATE_FROM_TOMORROW", {}, RunState.RUNNING, "job_state_unknown"),
        (
            "PIPELINE_STATE_SUCCEEDED",
            {"tuned_model": MODEL, "endpoint": ENDPOINT},
            RunState.KEPT,
            "manual",
        ),
        ("PIPELINE_STATE_SUCCEEDED", {}, RunState.FAILED, "no_tuned_model"),
        ("PIPELINE_STATE_FAILED", {"error": JobError(9, "boom")}, RunState.FAILED, "job_failed"),
        (
            "PIPELINE_STATE_FAILED",
            {"tuned_model": MODEL, "endpoint": ENDPOINT},
            RunState.KEPT,
            "manual",
        ),
        ("PIPELINE_STATE_CANCELLED", {}, RunState.CANCELLED, "job_cancelled"),
        ("JOB_STATE_EXPIRED", {}, RunState.FAILED, "job_expired"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_each_ending_of_a_job_has_its_place(world, raw, fields, state, code):
    run = end(world, raw, **fields)

    assert (state, code) == (run.state, run.last.detail.get("code"))
    assert run.ended is ([] == world.open_runs())


def test_a_job_that_is_gone_ends_its_run(world):
    world.pipelines.jobs.clear()
    world.tick()

    assert ("job_deleted", RunState.FAILED) == (
        the_run(world).last.detail["code"],
        the_run(world).state,
    )


def test_a_job_past_its_deadline_is_cancelled_and_reported(world):
    world.tick(seconds=the_run(world).accepted["plan"]["deadline_seconds"] + 1)

    assert "deadline_exceeded" == the_run(world).last.detail["code"]
    assert 1 == len(world.pipelines.cancelled)


def test_a_failed_jobs_words_lose_the_row_they_quote(world):
    error = JobError(
        3, 'Dataset example 3 of 20 is bad. JSON: {"input_text": "private words"}', "tuner"
    )

    run = end(world, "PIPELINE_STATE_FAILED", error=error)

    assert ("tuner", "Dataset example 3 of 20 is bad. JSON: [cut]") == (
        run.last.detail["task"],
        run.last.detail["message"],
    )


def test_a_registered_model_is_labelled_called_and_recorded_once(world):
    run = end(world, "PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)
    world.tick()

    assert run.run_id == world.models.labels[MODEL]["tunedrop-run"]
    assert [(ENDPOINT, {"prefix": "question 0"}, "code-generation")] == world.predictor.asked
    (version,) = world.store.names("test-ledger", "registry/")
    assert (MODEL, ENDPOINT, 1) == tuple(
        world.record(version)[key] for key in ("tuned_model", "endpoint", "version")
    )
    assert 1 == world.publisher.kinds().count("model-registered")


def test_a_second_run_of_a_recipe_is_its_second_version(world):
    end(world, "PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)
    world.drop("y.jsonl", ROWS + ROWS.replace("question", "other"))
    world.deliver()
    other = MODEL.replace("/7@", "/9@")
    world.pipelines.end("PIPELINE_STATE_SUCCEEDED", tuned_model=other, endpoint=ENDPOINT)
    world.tick()

    versions = [json.loads(body)["version"] for body in world.publisher.bodies("model-registered")]
    assert [1, 2] == versions


def test_an_endpoint_that_takes_its_time_is_waited_for_by_the_sweep(world):
    run = end(world, "PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL)
    world.tick()

    assert RunState.LOADING is run.state is the_run(world).state
    assert [f"tunedrop-{run.run_id}-a1"] == world.models.deployments
    world.models.endpoints[MODEL] = [ENDPOINT]
    world.tick()
    assert RunState.KEPT is the_run(world).state


def test_a_model_that_refuses_the_call_is_not_registered(world):
    world.predictor.answer = InvalidRequestError("blocked")

    run = end(world, "PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)

    assert (RunState.LOAD_FAILED, []) == (run.state, world.store.names("test-ledger", "registry/"))


def test_a_model_that_cannot_be_reached_is_asked_again_later(world):
    world.predictor.answer = UpstreamUnavailableError("503")
    run = end(world, "PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)
    world.predictor.answer = "fine"
    world.tick()

    assert RunState.SUCCEEDED is run.state
    assert RunState.KEPT is the_run(world).state


def test_the_sample_stays_out_of_every_record(world):
    world.predictor.answer = "the very answer"
    end(world, "PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)

    records = b"".join(data for _, data in world.store.objects["test-ledger"].values())
    assert b"the very answer" not in records
    assert b"question 0" not in records


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_neither_tick_nor_log_entry_is_malformed(world, body):
    with pytest.raises(MalformedEventError):
        track_runs.receive_job_event(world.services, world.vertex, world.message(body))


@pytest.mark.parametrize(
    "entry",
    [
        {"resource": None},
        {"resource": {"labels": {"pipeline_job_id": "../x"}}},
        {"resource": {"labels": {"pipeline_job_id": 5}}},
        {
            "resource": {"labels": {"pipeline_job_id": "tunedrop-other-0123456789abcdef-a1"}},
            "jsonPayload": {"state": "PIPELINE_STATE_SUCCEEDED"},
        },
    ],
    ids=["none", "path", "number", "unknown-run"],
)
def test_a_forged_log_entry_changes_nothing(world, entry):
    before = the_run(world)
    written = len(world.store.writes)

    outcome = track_runs.receive_job_event(world.services, world.vertex, world.message(entry))

    assert outcome.code in {"foreign_job", "unknown_run"}
    assert (before, written) == (the_run(world), len(world.store.writes))


def test_a_log_entry_that_lies_about_the_state_only_makes_us_look(world):
    job_id = f"tunedrop-{the_run(world).run_id}-a1"
    entry = {
        "resource": {"labels": {"pipeline_job_id": job_id}},
        "jsonPayload": {"state": "PIPELINE_STATE_SUCCEEDED"},
    }

    track_runs.receive_job_event(world.services, world.vertex, world.message(entry))

    assert RunState.LAUNCHED is the_run(world).state


def test_one_corrupt_run_starves_no_other(world, capsys):
    healthy = the_run(world).run_id
    world.store.write(
        "test-state", "open/broken-0123456789abcdef", b'{"announced":0}', if_generation=0
    )
    world.store.write(
        "test-ledger", "runs/broken-0123456789abcdef/000001.json", b"{", if_generation=0
    )

    world.pipelines.end("PIPELINE_STATE_RUNNING")
    world.tick()

    assert RunState.RUNNING is world.run(healthy).state
    assert "corrupt_record" in capsys.readouterr().out


def test_a_launch_message_that_got_lost_is_sent_again(world):
    world.drop("z.jsonl", ROWS.replace("answer", "reply"))
    world._delivered = len(world.publisher.sent)

    world.tick(seconds=1)
    assert [] == world.deliver()
    world.tick(seconds=1000)

    assert ["no_slot"] == [outcome.code for outcome in world.deliver()]


def test_a_cancelled_job_ends_when_its_own_state_says_so(world):
    run_id = the_run(world).run_id

    assert "cancel_requested" == world.control(action="cancel", run_id=run_id).code
    assert RunState.LAUNCHED is the_run(world).state
    assert RunState.CANCELLED is end(world, "PIPELINE_STATE_CANCELLED").state


@pytest.mark.parametrize("action", ["approve", "refuse"])
def test_a_decision_that_does_not_fit_the_state_is_refused(world, action):
    with pytest.raises(PermanentError) as caught:
        world.control(action=action, run_id=the_run(world).run_id)

    assert "wrong_state" == caught.value.code


def test_a_decision_about_an_unknown_run_is_refused(world):
    with pytest.raises(PermanentError) as caught:
        world.control(action="cancel", run_id="none-0123456789abcdef")

    assert "unknown_run" == caught.value.code


def test_a_model_that_never_answers_is_given_up_on_and_reported(world):
    world.predictor.answer = UpstreamUnavailableError("503")
    end(world, "PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)
    world.tick(seconds=world.settings.timings.load_deadline_seconds + 1)

    assert (RunState.LOAD_FAILED, "load_timeout") == (
        the_run(world).state,
        the_run(world).last.detail["code"],
    )


def test_a_page_that_could_not_be_written_is_written_by_the_next_sweep(world):
    write = world.store.write

    def reports_down(bucket, name, data, **options):
        if bucket == "test-reports":
            raise UpstreamUnavailableError("503")
        return write(bucket, name, data, **options)

    world.store.write = reports_down
    run = end(world, "PIPELINE_STATE_CANCELLED")
    world.store.write = write
    assert [run.run_id] == world.open_runs()
    world.tick()

    page = world.store.read("test-reports", f"runs/{run.run_id}/report.json", max_bytes=10**6)
    assert "cancelled" == json.loads(page)["state"]
    assert [] == world.open_runs()


def test_a_deployment_that_led_to_nothing_for_an_hour_is_ordered_again(world):
    end(world, "PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL)
    world.tick(seconds=1800)
    assert 1 == len(world.models.deployments)
    world.tick(seconds=3600)
    world.tick()

    assert 2 == len(world.models.deployments)


def test_a_fault_of_ours_in_one_run_starves_no_other(world, capsys):
    world.store.write("test-state", "open/broken-0123456789abcdef", b"x", if_generation=0)
    healthy = the_run(world).run_id
    load = world.services.runbook.load

    def faulty(run_id):
        if run_id.startswith("broken"):
            raise KeyError("a bug")
        return load(run_id)

    world.services.runbook.load = faulty
    world.pipelines.end("PIPELINE_STATE_RUNNING")
    world.tick()

    assert RunState.RUNNING is load(healthy).state
    assert "unexpected KeyError" in capsys.readouterr().out


def test_cancelling_a_job_that_has_ended_meanwhile_is_recorded_and_acknowledged(world):
    def ended(name):
        raise InvalidRequestError("FAILED_PRECONDITION: already done")

    world.pipelines.cancel = ended

    assert "cancel_requested" == world.control(action="cancel", run_id=the_run(world).run_id).code


def test_a_long_first_row_still_ends_with_a_page():
    world = World()
    rows = [
        json.dumps({"input_text": "潮" * 8000 + str(n), "output_text": "汐" * 200})
        for n in range(12)
    ]
    world.drop("x.jsonl", "\n".join(rows) + "\n")
    world.deliver()
    run = end(world, "PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)

    assert RunState.KEPT is run.state
    assert [] == world.open_runs()
