"""Jobs are looked at by pages; those with news one by one; and those that nobody needs are cancelled."""

import pytest
from msgspec.structs import replace

from support.launching import (
    break_run,
    bring,
    code,
    decide,
    drop,
    end_jobs,
    gemini_rows,
    launch,
    lose_messages,
    raising,
    steps,
)
from support.world import World
from tunedrop.domain.job_states import job_state
from tunedrop.domain.runs import RunState
from tunedrop.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    UpstreamUnavailableError,
)

HERE, THERE = "us-central1", "europe-west4"
OURS = {"tunedrop-deployment": "tunedrop"}


@pytest.fixture
def world():
    return World(max_concurrent_jobs=5)


def launched(world, words="x", *, data=None):
    run_id = drop(world, words, data=data)
    launch(world, run_id)
    lose_messages(world)
    return run_id


def elsewhere(world, words="far"):
    """A run whose job is in another region."""
    recipe = f'base_model = "code-bison@002"\n[tuning]\nregion = "{THERE}"\n'
    world.drop(f"{words}/recipe.toml", recipe.encode())
    run_id = drop(world, words, folder=f"{words}/")
    launch(world, run_id)
    lose_messages(world)
    assert THERE == world.run(run_id).accepted["plan"]["region"]
    return run_id


def job_of(world, run_id):
    return world.run(run_id).launched.detail["job_name"]


def put_job(world, labels, *, raw="JOB_STATE_RUNNING", region=HERE):
    """A tuning job that somebody made with such labels."""
    job = world.tunings.create(region=region, job_id="x", body={"labels": labels})
    world.tunings.jobs[job.name] = replace(job, state=job_state(raw), raw_state=raw)
    return job.name


def labels_of(run_id, attempt=1):
    return {**OURS, "tunedrop-run": run_id, "tunedrop-attempt": str(attempt)}


def watched(world):
    """Count the calls for single jobs, by name."""
    asked = []
    for service in (world.pipelines, world.tunings):
        get = service.get
        service.get = lambda name, get=get: asked.append(name) or get(name)
    return asked


def listed(world):
    """Collect the looks through jobs, as (backend, region, labels, since)."""
    looks = []
    for backend, service in (("pipeline_job", world.pipelines), ("tuning_job", world.tunings)):
        recent = service.recent

        def look(*, region, labels, since, backend=backend, recent=recent):
            looks.append((backend, region, dict(labels), since))
            yield from (
                job
                for job in recent(region=region, labels=labels, since=since)
                if f"/locations/{region}/" in job.name
            )

        service.recent = look
    return looks


def test_jobs_without_news_are_not_asked_one_by_one(world):
    launched(world)
    launched(world, data=gemini_rows())
    asked = watched(world)

    world.tick()

    assert [] == asked


@pytest.mark.parametrize("raw", ["PENDING", "QUEUED", "CANCELLING"])
def test_a_state_that_takes_no_step_is_no_news(world, raw):
    launched(world)
    asked = watched(world)

    end_jobs(world, raw)

    assert [] == asked


@pytest.mark.parametrize("raw", ["SUCCEEDED", "FAILED", "CANCELLED", "FROM_TOMORROW", "RUNNING"])
def test_a_state_that_may_take_a_step_is_asked_for_whole(world, raw):
    run_id = launched(world)
    asked = watched(world)

    end_jobs(world, raw)

    assert [job_of(world, run_id)] == asked[:1]


def test_a_running_job_that_goes_on_is_no_news_any_more(world):
    bring(world, RunState.RUNNING)
    asked = watched(world)

    world.tick()

    assert [] == asked


def test_a_job_that_is_on_no_page_is_asked_for(world):
    run_id = launched(world)
    asked = watched(world)
    world.pipelines.recent = lambda **_: iter(())

    world.tick()

    assert [job_of(world, run_id)] == asked
    assert RunState.LAUNCHED is world.run(run_id).state


def test_each_backend_and_region_in_use_is_looked_at_once_for_our_own_label(world):
    launched(world)
    elsewhere(world)
    looks = listed(world)

    world.tick()

    assert [
        ("pipeline_job", THERE),
        ("pipeline_job", HERE),
        ("tuning_job", THERE),
        ("tuning_job", HERE),
    ] == [look[:2] for look in looks]
    assert all(labels == OURS for _, _, labels, _ in looks)


def test_looks_go_back_to_the_oldest_job_that_is_expected_and_a_day_at_least(world):
    launched(world, data=gemini_rows())
    began = world.clock.now()
    world.clock.skip(3 * 24 * 3600)
    looks = listed(world)

    world.tick()

    since = {look[:2]: (began - look[3]).total_seconds() for look in looks}
    assert 3600 == since["tuning_job", HERE]
    assert (-2 * 24 * 3600 + 3600) == since["tuning_job", THERE]


@pytest.mark.parametrize(
    "error", [AccessDeniedError("403"), UpstreamUnavailableError("503"), InvalidRequestError("400")]
)
def test_a_region_that_refuses_keeps_nobody_else_from_being_watched(world, error, capsys):
    near, far = launched(world), elsewhere(world)
    recent, get = world.pipelines.recent, world.pipelines.get

    def refusing(*, region, labels, since):
        if region == THERE:
            raise error
        yield from recent(region=region, labels=labels, since=since)

    def refused(name):
        if THERE in name:
            raise error
        return get(name)

    world.pipelines.recent, world.pipelines.get = refusing, refused
    end_jobs(world, "FAILED")

    assert ("failed", "job_failed") == code(world, near)
    assert RunState.LAUNCHED is world.run(far).state
    assert f"jobs in {THERE}: " in capsys.readouterr().out
    world.pipelines.recent, world.pipelines.get = recent, get
    world.tick()
    assert ("failed", "job_failed") == code(world, far)


def test_a_region_without_our_jobs_that_refuses_is_not_worth_a_word(world, capsys):
    launched(world)
    recent = world.tunings.recent

    def refusing(*, region, labels, since):
        if region == THERE:
            raise AccessDeniedError("403")
        yield from recent(region=region, labels=labels, since=since)

    world.tunings.recent = refusing
    world.tick()

    assert THERE not in capsys.readouterr().out


def test_a_page_that_breaks_off_leaves_its_jobs_to_be_asked_for(world):
    run_id = launched(world)
    recent = world.pipelines.recent

    def breaking(**arguments):
        yield next(recent(**arguments))
        raise UpstreamUnavailableError("503")

    world.pipelines.recent = breaking
    end_jobs(world, "FAILED")

    assert ("failed", "job_failed") == code(world, run_id)


def test_an_extra_job_of_an_attempt_is_cancelled_once_the_attempt_has_one(world, capsys):
    run_id = launched(world, data=gemini_rows())
    extra = put_job(world, labels_of(run_id))

    world.tick()

    assert [extra] == world.tunings.cancelled
    assert RunState.LAUNCHED is world.run(run_id).state
    assert "job.superfluous" in capsys.readouterr().out


def test_an_extra_job_that_is_stopping_is_left_alone(world):
    run_id = launched(world, data=gemini_rows())
    put_job(world, labels_of(run_id), raw="JOB_STATE_CANCELLING")

    world.tick()

    assert [] == world.tunings.cancelled


@pytest.mark.parametrize("raw", ["JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED"])
def test_an_extra_job_that_has_ended_is_left_alone(world, raw):
    run_id = launched(world, data=gemini_rows())
    put_job(world, labels_of(run_id), raw=raw)

    world.tick()

    assert [] == world.tunings.cancelled


def test_while_an_attempt_looks_for_its_job_none_is_cancelled(world):
    run_id = drop(world, data=gemini_rows())
    world.tunings.refusals = [(UpstreamUnavailableError("lost"), True)]
    launch(world, run_id)
    put_job(world, labels_of(run_id))

    world.tick()

    assert [] == world.tunings.cancelled


@pytest.mark.parametrize(
    "labels",
    [
        {},
        OURS,
        {"tunedrop-deployment": "another", "tunedrop-run": "RUN", "tunedrop-attempt": "1"},
        {**OURS, "tunedrop-run": "RUN"},
        {**OURS, "tunedrop-run": "RUN", "tunedrop-attempt": ""},
        {**OURS, "tunedrop-run": "RUN", "tunedrop-attempt": "one"},
        {**OURS, "tunedrop-run": "RUN", "tunedrop-attempt": "²"},
        {**OURS, "tunedrop-run": "RUN", "tunedrop-attempt": "7"},
        {**OURS, "tunedrop-run": "unknown-0123456789abcdef", "tunedrop-attempt": "1"},
        {**OURS, "tunedrop-run": "../x", "tunedrop-attempt": "1"},
        {**OURS, "tunedrop-attempt": "1"},
    ],
    ids=str,
)
def test_a_foreign_job_is_left_alone(world, labels):
    run_id = launched(world, data=gemini_rows())
    put_job(world, {key: run_id if value == "RUN" else value for key, value in labels.items()})

    world.tick()

    assert ([], "launched") == (world.tunings.cancelled, steps(world, run_id)[-1])


@pytest.mark.parametrize(
    "state",
    [RunState.FAILED, RunState.CANCELLED, RunState.REFUSED, RunState.SUPERSEDED],
)
def test_a_live_job_of_an_attempt_that_is_over_is_cancelled(world, state):
    run_id = bring(world, state)
    zombie = put_job(world, labels_of(run_id))

    world.tick()

    # Asked of the run's own backend, which here knows no such name.
    assert [zombie] == world.pipelines.cancelled
    assert state is world.run(run_id).state


def test_a_live_job_of_an_earlier_attempt_is_cancelled(world):
    run_id = launched(world, data=gemini_rows())
    old = job_of(world, run_id)
    world.tick(seconds=world.run(run_id).accepted["plan"]["deadline_seconds"] + 1)
    assert ("failed", "deadline_exceeded") == code(world, run_id)
    decide(world, "retry", run_id)
    world.deliver()
    world.tunings.cancelled.clear()

    world.tick()

    assert [old] == world.tunings.cancelled
    assert 2 == world.run(run_id).attempt


def test_a_job_in_a_region_that_no_open_run_uses_is_found_as_well(world):
    run_id = launched(world, data=gemini_rows())
    world.tunings.end("JOB_STATE_FAILED")
    world.tick()
    zombie = put_job(world, labels_of(run_id), region=THERE)
    listed(world)

    world.tick()

    assert [zombie] == world.tunings.cancelled


@pytest.mark.parametrize("error", [InvalidRequestError("ended"), NotFoundError("gone")])
def test_an_extra_job_that_ends_at_this_very_moment_is_no_trouble(world, error, capsys):
    run_id = launched(world, data=gemini_rows())
    put_job(world, labels_of(run_id))
    world.tunings.cancel = raising(error)

    assert "swept" == world.tick().code
    assert RunState.LAUNCHED is world.run(run_id).state


def test_an_extra_job_that_cannot_be_cancelled_keeps_no_other_from_it(world):
    extras = []
    for words in "ab":
        world.clock.skip(1)
        run_id = launched(world, words, data=gemini_rows(words))
        extras.append(put_job(world, labels_of(run_id)))
    cancel = world.tunings.cancel

    def refusing(name):
        if name == extras[1]:
            raise AccessDeniedError("403")
        cancel(name)

    world.tunings.cancel = refusing
    world.tick()

    assert extras[:1] == world.tunings.cancelled


def test_an_extra_job_of_a_broken_run_keeps_no_other_from_being_cancelled(world):
    run_id = launched(world, data=gemini_rows())
    extra = put_job(world, labels_of(run_id))
    world.clock.skip(1)
    put_job(world, labels_of(break_run(world)))

    world.tick()

    assert [extra] == world.tunings.cancelled


def test_a_job_past_its_deadline_is_news_though_it_runs_on(world):
    run_id = bring(world, RunState.RUNNING)
    seconds = world.run(run_id).accepted["plan"]["deadline_seconds"]

    world.tick(seconds=seconds - 60)
    assert RunState.RUNNING is world.run(run_id).state
    world.tick(seconds=120)

    assert ("failed", "deadline_exceeded") == code(world, run_id)


def test_a_job_that_waits_for_quota_is_left_alone(world):
    run_id = launched(world)
    created = len(world.pipelines.created)

    for _ in range(20):
        end_jobs(world, "PENDING")
        world.clock.skip(600)

    assert RunState.LAUNCHED is world.run(run_id).state
    assert (created, []) == (len(world.pipelines.created), world.pipelines.cancelled)
