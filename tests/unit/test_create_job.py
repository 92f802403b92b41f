"""Intent, slot, a look for what is there, money, call: what each answer leads to, and what a crash leaves."""

import json
from datetime import timedelta

import pytest
from msgspec.structs import replace

from support.launching import (
    A_DAY,
    LONG,
    at_the_next_write,
    bring,
    code,
    decide,
    drop,
    gemini_rows,
    launch,
    lose_messages,
    money,
    queue,
    raising,
    slots,
    start,
    steps,
)
from support.world import World
from tunedrop import errors
from tunedrop.domain.runs import RunState
from tunedrop.errors import (
    AlreadyExistsError,
    BusyError,
    FencedError,
    NotFoundError,
    QuotaExhaustedError,
    UpstreamUnavailableError,
)
from tunedrop.handlers import create_job
from tunedrop.handlers.create_job import ANSWERS, Answer, answer_of

LOST = (UpstreamUnavailableError("the answer was lost"), True)
GONE = UpstreamUnavailableError("the connection was refused")


@pytest.fixture
def world():
    return World(max_usd_per_day=1)


@pytest.fixture
def run_id(world):
    """A run of the backend that takes no ids."""
    return drop(world, data=gemini_rows())


def taken_over(world, run_id):
    """The answer to a request once the earlier intent's owner can do nothing any more."""
    world.clock.skip(LONG)
    return launch(world, run_id)


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (errors.AlreadyExistsError, Answer.REFUSED),
        (errors.NotFoundError, Answer.REFUSED),
        (errors.InvalidRequestError, Answer.REFUSED),
        (errors.PreconditionFailedError, Answer.REFUSED),
        (errors.QuotaExhaustedError, Answer.LATER),
        (errors.AccessDeniedError, Answer.LATER),
        (errors.UpstreamUnavailableError, Answer.UNKNOWN),
        (errors.OutOfTimeError, Answer.UNKNOWN),
        (errors.ConfigError, Answer.UNKNOWN),
        (errors.CorruptRecordError, Answer.UNKNOWN),
        (errors.RefusedError, Answer.UNKNOWN),
        (errors.TunedropError, Answer.UNKNOWN),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_one_table_tells_definitive_answers_from_ambiguous_ones(error, answer):
    assert answer is answer_of(error("words"))[0]


def test_whatever_is_not_in_the_table_is_ambiguous():
    class NewError(errors.TunedropError):
        pass

    assert (
        (Answer.UNKNOWN, "launch_unknown")
        == answer_of(NewError("x"))
        == ANSWERS[errors.TunedropError]
    )


def test_the_intent_comes_first_then_slot_then_money_then_the_call(world, run_id):
    called = []
    create = world.tunings.create

    def seen(**arguments):
        called.append(len(world.store.writes))
        return create(**arguments)

    world.tunings.create = seen
    before = len(world.store.writes)
    launch(world, run_id)

    ledger = [
        (number, name.split("/")[0])
        for number, (bucket, name) in enumerate(world.store.writes)
        if bucket == "test-ledger" and number >= before
    ]
    kinds = [kind for number, kind in ledger if number < called[0]]
    assert ["askers", "runs", "starts", "runs", "slots", "budget"] == kinds
    assert ["runs"] == [kind for number, kind in ledger if number >= called[0]]


def test_the_intent_says_what_will_be_asked_and_until_when_it_holds(world, run_id):
    world.tunings.refusals = [GONE]
    launch(world, run_id)

    intent = world.run(run_id).last
    lease = timedelta(seconds=world.settings.timings.lease_seconds)
    assert (intent.at + lease).isoformat() == intent.detail["lease_expires_at"]
    assert ("tuning_job", "us-central1", f"tunedrop-{run_id}-a1") == tuple(
        intent.detail[key] for key in ("backend", "region", "job_id")
    )
    assert run_id == intent.detail["request"]["labels"]["tunedrop-run"]


@pytest.mark.parametrize("seconds", [0, 660, 749])
def test_an_intent_is_left_to_its_owner_until_lease_and_lag_are_over(world, run_id, seconds):
    world.tunings.refusals = [LOST]
    launch(world, run_id)

    world.clock.skip(seconds)

    assert "launch_under_way" == launch(world, run_id)
    assert ["accepted", "launching"] == steps(world, run_id)


def test_an_intent_is_taken_over_right_when_lease_and_lag_are_over(world, run_id):
    world.tunings.refusals = [GONE]
    launch(world, run_id)

    world.clock.skip(750)

    assert "launched" == launch(world, run_id)


def test_a_job_left_behind_is_adopted_by_its_labels_with_slot_and_money_of_its_intent(
    world, run_id, capsys
):
    world.tunings.refusals = [LOST]
    launch(world, run_id)

    assert "launched" == taken_over(world, run_id)
    run = world.run(run_id)
    ((job_id, _),) = world.tunings.created
    assert next(iter(world.tunings.jobs)) == run.last.detail["job_name"]
    assert {1: run_id} == slots(world)
    assert 1 == run.last.detail["slot"]
    assert 1 == len(money(world))
    assert "job.adopted" in capsys.readouterr().out
    assert f"tunedrop-{run_id}-a1" == job_id


def test_of_several_jobs_left_behind_the_oldest_is_adopted(world, run_id):
    world.tunings.refusals = [LOST]
    launch(world, run_id)
    world.clock.skip(5)
    _, body = world.tunings.created[0]
    world.tunings.create(region="us-central1", job_id="zombie", body=body)

    taken_over(world, run_id)

    assert world.run(run_id).last.detail["job_name"].endswith("/tuningJobs/1")


@pytest.mark.parametrize(
    "labels",
    [
        {"tunedrop-deployment": "another"},
        {"tunedrop-run": "default-00000000000000ff"},
        {"tunedrop-attempt": "2"},
    ],
    ids=lambda labels: next(iter(labels)),
)
def test_a_job_with_other_labels_is_not_adopted(world, run_id, labels):
    world.tunings.refusals = [GONE]
    launch(world, run_id)
    ours = world.run(run_id).last.detail["request"]
    body = {**ours, "labels": {**ours["labels"], **labels}}
    foreign = world.tunings.create(region="us-central1", job_id="x", body=body)

    assert "launched" == taken_over(world, run_id)
    assert foreign.name != world.run(run_id).last.detail["job_name"]


def test_a_first_intent_is_not_held_against_any_list(world, run_id):
    world.tunings.recent = raising(QuotaExhaustedError("429"))

    assert "launched" == launch(world, run_id)


def test_a_run_that_was_queued_after_an_intent_looks_before_it_asks_again(world, run_id):
    world.tunings.refusals = [QuotaExhaustedError("429")]
    launch(world, run_id)
    body = world.run(run_id).newest(RunState.LAUNCHING).detail["request"]
    zombie = world.tunings.create(region="us-central1", job_id="zombie", body=body)

    assert "launched" == taken_over(world, run_id)
    assert zombie.name == world.run(run_id).last.detail["job_name"]
    assert 1 == len(world.tunings.created)


def test_a_job_found_though_every_slot_is_taken_counts_above_the_cap(world, run_id):
    world.tunings.refusals = [LOST]
    launch(world, run_id)
    world.store.put(
        "test-ledger",
        "slots/0001/000002.json",
        b"{}",
        state="taken",
        run_id="default-00000000000000aa",
        attempt="1",
        intent="2",
        base_model="m",
    )

    assert "launched" == taken_over(world, run_id)
    assert {1: "default-00000000000000aa", 2: run_id} == slots(world)
    assert "no_slot" == launch(world, drop(world, "other"))


def test_an_id_that_is_taken_by_a_job_that_cannot_be_read_stays_unknown(world):
    run_id = drop(world)
    world.pipelines.refusals = [LOST]
    launch(world, run_id)
    get = world.pipelines.get
    world.pipelines.recent = lambda **_: iter(())
    world.pipelines.get = raising(UpstreamUnavailableError("503"))

    assert "launch_unknown" == taken_over(world, run_id)
    assert {1: run_id} == slots(world)
    world.pipelines.get = raising(NotFoundError("not yet"))
    assert "launch_unknown" == taken_over(world, run_id)
    world.pipelines.get = get
    assert "launched" == taken_over(world, run_id)
    assert 1 == len(world.pipelines.created)


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"tunedrop-deployment": "another"},
        {"tunedrop-run": "default-00000000000000ff"},
        {"tunedrop-attempt": "2"},
    ],
    ids=lambda labels: next(iter(labels), "none"),
)
def test_an_id_that_is_taken_by_a_job_with_other_labels_ends_the_attempt(world, labels):
    run_id = drop(world)
    job_id = f"tunedrop-{run_id}-a1"
    ours = {
        "tunedrop-deployment": "tunedrop",
        "tunedrop-run": run_id,
        "tunedrop-attempt": "1",
    }
    body = {"labels": {**ours, **labels} if labels else {}}
    world.pipelines.create(region="us-central1", job_id=job_id, body=body)

    assert "job_id_taken" == launch(world, run_id)
    assert ("failed", "job_id_taken") == code(world, run_id)
    assert {} == slots(world)


def test_a_create_is_not_begun_with_too_little_of_the_lease_left(world, run_id):
    at_the_next_write(world, "budget/", lambda: world.clock.skip(601))

    assert "launch_unknown" == launch(world, run_id)
    assert [] == world.tunings.created
    assert "launching" == steps(world, run_id)[-1]


def test_a_create_is_begun_with_just_enough_of_the_lease_left(world, run_id):
    at_the_next_write(world, "budget/", lambda: world.clock.skip(599))

    assert "launched" == launch(world, run_id)


def test_a_worker_that_froze_after_its_intent_creates_nothing_once_another_took_over(world, run_id):
    answers = []
    at_the_next_write(world, "slots/", lambda: answers.append(taken_over(world, run_id)))

    with pytest.raises(BusyError):
        launch(world, run_id)

    assert ["launched"] == answers
    assert 1 == len(world.tunings.created)
    assert ["accepted", "launching", "launching", "launched"] == steps(world, run_id)


def test_a_worker_that_froze_after_its_slot_creates_nothing_once_another_took_over(world, run_id):
    answers = []
    at_the_next_write(world, "budget/", lambda: answers.append(taken_over(world, run_id)))

    assert "launch_unknown" == launch(world, run_id)

    assert ["launched"] == answers
    assert 1 == len(world.tunings.created)
    assert 1 == len(money(world))


def test_a_worker_that_froze_in_the_call_leaves_an_extra_job_and_records_nothing(world, run_id):
    create = world.tunings.create

    def frozen(**arguments):
        world.tunings.create = create
        taken_over(world, run_id)
        return create(**arguments)

    world.tunings.create = frozen

    with pytest.raises(BusyError):
        launch(world, run_id)

    assert 2 == len(world.tunings.created)
    assert 1 == steps(world, run_id).count("launched")
    world.tick()
    assert ["2"] == [name.rsplit("/", 1)[1] for name in world.tunings.cancelled]


def test_two_workers_with_the_same_request_make_one_job(world, run_id):
    answers = []
    at_the_next_write(world, f"runs/{run_id}/000002", lambda: answers.append(launch(world, run_id)))

    with pytest.raises(BusyError):
        launch(world, run_id)

    assert ["launched"] == answers
    assert 1 == len(world.tunings.created)


def test_no_slot_left_after_the_intent_takes_the_run_back_to_the_queue(world, run_id):
    other = drop(world, "other")
    at_the_next_write(world, f"runs/{run_id}/000002", lambda: launch(world, other))

    assert "no_slot" == launch(world, run_id)
    assert ["accepted", "launching", "queued"] == steps(world, run_id)
    assert ({1: other}, [], [run_id]) == (slots(world), money(world), queue(world))


def test_no_money_left_after_the_intent_frees_the_slot_again():
    world = World(max_usd_per_day=0.004, max_concurrent_jobs=2)
    run_id, other = (drop(world, words, data=gemini_rows(words)) for words in "ab")
    at_the_next_write(world, f"runs/{run_id}/000002", lambda: launch(world, other))

    assert "daily_budget" == launch(world, run_id)
    assert ["accepted", "launching", "queued"] == steps(world, run_id)
    assert [other] == list(slots(world).values())
    assert "daily_budget" == launch(world, run_id)
    world.clock.skip(A_DAY)
    assert "launched" == launch(world, run_id)


def test_a_refusal_for_good_gives_slot_and_money_back(world, run_id):
    world.tunings.refusals = [NotFoundError("base model")]

    assert "launch_not_found" == launch(world, run_id)
    taken, given_back = money(world)
    assert (taken, {}) == (-given_back, slots(world))
    assert [] == queue(world)


def test_an_unknown_answer_keeps_slot_and_money(world, run_id):
    world.tunings.refusals = [GONE]

    assert "launch_unknown" == launch(world, run_id)
    assert {1: run_id} == slots(world)
    assert 1 == len(money(world))


def test_a_launch_that_stays_unknown_for_a_day_has_failed(world, run_id):
    answers = []
    while not answers or answers[-1] == "launch_unknown":
        world.tunings.refusals = [GONE]
        answers.append(taken_over(world, run_id))

    assert ["launch_unknown"] * (1 + A_DAY // LONG) + ["launch_timeout"] == answers
    assert ("failed", "launch_timeout") == code(world, run_id)
    assert {} == slots(world)
    assert [] == world.tunings.created
    assert "launch_timeout" == json.loads(world.publisher.bodies("run-failed")[0])["code"]


def test_a_job_that_shows_up_after_a_day_is_adopted_all_the_same(world, run_id):
    world.tunings.refusals = [LOST]
    launch(world, run_id)
    recent = world.tunings.recent
    world.tunings.recent = raising(UpstreamUnavailableError("503"))
    while world.run(run_id).in_doubt_since + timedelta(days=1) > world.clock.now():
        taken_over(world, run_id)
    world.tunings.recent = recent

    assert "launched" == taken_over(world, run_id)


def test_the_sweep_resumes_an_intent_whose_owner_is_gone(world, run_id):
    world.tunings.refusals = [GONE]
    launch(world, run_id)
    lose_messages(world)

    world.tick(seconds=700)
    assert [] == world.deliver()
    world.tick(seconds=300)

    assert ["launched"] == [outcome.code for outcome in world.deliver()]


def test_a_crash_between_intent_and_slot_is_resumed_by_the_sweep(world, run_id):
    def crash():
        raise SystemExit

    at_the_next_write(world, "slots/", crash)
    with pytest.raises(SystemExit):
        launch(world, run_id)
    lose_messages(world)

    world.tick(seconds=1000)

    assert ["launched"] == [outcome.code for outcome in world.deliver()]
    assert {1: run_id} == slots(world)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "record", ["runs/{}/000001", "starts/", "runs/{}/000002", "budget/", "queue/"]
)
def test_a_crash_at_any_record_costs_time_and_nothing_else(world, run_id, record, after):
    crashed = []

    def crash():
        crashed.append(1)
        raise SystemExit

    if record == "queue/":
        decide(world, "pause")
    at_the_next_write(world, record.format(run_id), crash, after=after)
    with pytest.raises(SystemExit):
        launch(world, run_id)
    decide(world, "resume")

    for _ in range(4):
        world.tick(seconds=1000)
        world.deliver()

    assert [1] == crashed
    assert "launched" == steps(world, run_id)[-1]
    assert 1 == len(world.tunings.created)
    assert 1 == len(money(world))


def test_a_retry_is_an_attempt_of_its_own_with_its_own_job_and_money(world, run_id):
    launch(world, run_id)
    world.tunings.end("JOB_STATE_FAILED")
    world.tick()
    lose_messages(world)
    decide(world, "retry", run_id)

    assert ["launched"] == [outcome.code for outcome in world.deliver()]
    assert ["1", "2"] == [body["labels"]["tunedrop-attempt"] for _, body in world.tunings.created]
    assert 2 == len(money(world))


def test_an_earlier_attempts_job_is_not_adopted_by_the_next(world):
    run_id = bring(world, RunState.FAILED)
    decide(world, "retry", run_id)
    world.pipelines.refusals = [(UpstreamUnavailableError("lost"), False)]
    world.deliver()
    world.clock.skip(LONG)

    assert "launched" == launch(world, run_id)
    assert world.run(run_id).last.detail["job_name"].endswith("-a2")


def test_a_refusal_is_recorded_without_what_it_quotes(world, run_id):
    world.tunings.refusals = [QuotaExhaustedError('429 for JSON: {"input": "private words"}')]

    launch(world, run_id)

    assert "private words" not in json.dumps(world.run(run_id).last.detail)


def test_a_taken_id_is_looked_at_once_and_by_name(world):
    run_id = drop(world)
    asked = []
    world.pipelines.refusals = [AlreadyExistsError("x")]
    world.pipelines.get = lambda name: (
        asked.append(name)
        or replace(world.pipelines.jobs.get(name) or _job(world, run_id), name=name)
    )

    assert "launched" == launch(world, run_id)
    expected = f"projects/test-project/locations/us-central1/pipelineJobs/tunedrop-{run_id}-a1"
    assert [expected] == asked


def _job(world, run_id):
    body = world.run(run_id).last.detail["request"]
    name = f"{run_id}-elsewhere"
    return world.pipelines.create(region="us-central1", job_id=name, body=body)


def test_nothing_is_intended_for_a_run_that_another_worker_took_on(world):
    run_id = drop(world)
    run = start(world, run_id)
    launch(world, run_id)

    with pytest.raises(FencedError):
        create_job.attempt(world.services, world.vertex, run)

    assert 1 == len(world.pipelines.created)
