"""What got lost on the way is found once, later, and by looks that are bounded."""

import json
from datetime import timedelta
from itertools import pairwise

import pytest
from msgspec.structs import replace

from support.launching import (
    A_DAY,
    at_the_next_write,
    bring,
    drop,
    end_jobs,
    launch,
    lose_messages,
    requests,
    rows,
    steps,
)
from support.world import World
from tunedrop.domain.runs import RunState
from tunedrop.errors import AccessDeniedError, UpstreamUnavailableError
from tunedrop.handlers import sweep_lost
from tunedrop.handlers.slow_walks import is_due_again, page_of, put_by, resume

GRACE = 120


@pytest.fixture
def world():
    return World()


def lost(world, name="lost.jsonl", data=None):
    """An object whose event never came."""
    return world.store.put("test-intake", name, data or rows(name))


def handed_on(world):
    """The objects that were handed to the validator."""
    return [json.loads(body)["dataset_uri"] for body in world.publisher.bodies("tuning-requested")]


def test_an_object_whose_event_was_lost_is_found_once_and_tuned_on(world, capsys):
    info = lost(world)

    world.tick(seconds=GRACE)
    assert [info.uri] == handed_on(world)
    assert "no final receipt" in capsys.readouterr().out
    world.deliver()
    for _ in range(5):
        world.tick(seconds=300)
        world.deliver()

    assert [info.uri] == handed_on(world)
    (run_id,) = world.runs()
    assert "launched" == steps(world, run_id)[-1]
    assert 1 == len(world.store.names("test-ledger", "drops/"))


def test_exactly_the_generation_that_was_lost_is_handed_on(world):
    lost(world)
    info = lost(world, data=rows("newer"))

    world.tick(seconds=GRACE)

    (body,) = world.publisher.bodies("tuning-requested")
    assert str(info.generation) == json.loads(body)["dataset_generation"]


@pytest.mark.parametrize(
    ("seconds", "found"),
    [(0, False), (119, False), (120, True), (2 * A_DAY - 1, True), (2 * A_DAY, False)],
)
def test_neither_the_very_young_nor_the_old_are_handed_on(world, seconds, found):
    lost(world)

    world.tick(seconds=seconds)

    assert found is bool(handed_on(world))


def test_an_object_without_an_answer_is_handed_on_again_less_and_less_often(world):
    lost(world)
    asked_at = []
    for sweeps in range(1, A_DAY // 600):
        before = len(handed_on(world))
        world.tick(seconds=300)
        if len(handed_on(world)) > before:
            asked_at.append(sweeps * 300)

    gaps = [later - sooner for sooner, later in pairwise(asked_at)]
    assert 300 == asked_at[0]
    assert sorted(gaps) == gaps
    assert 6 <= len(asked_at) <= 9
    assert 1 == len({attributes["ce-id"] for _, _, attributes in world.publisher.sent})


@pytest.mark.parametrize(
    ("age", "age_before", "expected"),
    [
        (0, 0, False),
        (119, 0, False),
        (120, 0, True),
        (120, 119, True),
        (200, 120, False),
        (239, 120, False),
        (240, 120, True),
        (240, 239, True),
        (300, 240, False),
        (10**6, 0, True),
        (10**6, 10**6 - 300, False),
    ],
)
def test_whoever_is_behind_is_asked_again_at_doubling_ages(age, age_before, expected):
    ages = [timedelta(seconds=seconds) for seconds in (age, age_before, 120)]

    assert expected is is_due_again(*ages)


def test_each_object_of_a_folder_gets_its_answer(world):
    world.drop("bot/recipe.toml", b'base_model = "code-bison@002"\n')
    names = ["bot/a.jsonl", "bot/b.jsonl", "bot/notes.pdf", "bot/bad.jsonl"]
    for name in names:
        lost(world, name, data=b"nonsense\n" if "bad" in name else None)

    world.tick(seconds=GRACE)
    world.deliver()

    assert sorted(f"gs://test-intake/{name}" for name in names) == sorted(handed_on(world))
    assert 5 == len(world.store.names("test-ledger", "drops/"))


@pytest.mark.parametrize("name", ["bot/", "bot/.keep", "bot/_SUCCESS", "bot_$folder$"])
def test_placeholders_are_nobodys_loss(world, name):
    lost(world, name, data=b"x")

    world.tick(seconds=GRACE)

    assert [] == handed_on(world)


def test_an_object_that_waits_is_handed_on_too_since_what_was_to_wake_it_can_be_lost(world):
    world.drop("nowhere/x.jsonl", rows())
    lose_messages(world)
    assert any("waiting_for" in name for name in world.store.names("test-ledger", "drops/"))

    world.tick(seconds=GRACE)

    assert ["gs://test-intake/nowhere/x.jsonl"] == handed_on(world)


def test_an_object_that_a_request_asked_about_is_answered(world):
    info = lost(world)
    world.request(dataset_uri=info.uri, priority=1)

    world.tick(seconds=GRACE)

    assert [] == handed_on(world)


@pytest.mark.parametrize("name", ["a\nb.jsonl", "\x01.jsonl"])
def test_a_name_that_no_message_can_carry_is_reported_and_hinders_nobody(world, name, capsys):
    lost(world, name)
    other = lost(world)

    world.tick(seconds=GRACE)

    assert [other.uri] == handed_on(world)
    assert "a name that no message can carry" in capsys.readouterr().out


def test_a_later_look_begins_after_what_was_answered(world):
    world.drop("x.jsonl", rows())
    world.tick(seconds=1000)
    listed = []
    plain = world.store.list

    def counted(bucket, *, prefix, start_offset=""):
        listed.append(prefix)
        return plain(bucket, prefix=prefix, start_offset=start_offset)

    world.store.list = counted
    world.tick(seconds=1000)

    assert 1 == listed.count("")
    assert not [prefix for prefix in listed if prefix.startswith("drops/")]


@pytest.mark.parametrize("cursor", [b"", b"soon", b"2026-11-23", b"\xff", b"2026-11-23T12:00:00"])
def test_a_cursor_that_cannot_be_read_begins_anew(world, cursor):
    lost(world)
    world.store.put("test-state", "cursors/intake", cursor)

    world.tick(seconds=GRACE)

    assert 1 == len(handed_on(world))


@pytest.mark.parametrize("began", ["", "soon", "2026-11-23T12:00:00", "2030-01-01T00:00:00+00:00"])
def test_a_last_look_that_cannot_have_been_is_none(world, began):
    world.store.put("test-state", "cursors/intake", b"", began=began)
    lost(world)

    world.tick(seconds=GRACE)

    assert 1 == len(handed_on(world))


def test_a_bucket_that_may_not_be_listed_is_reported_and_hinders_nobody(world, capsys):
    run_id = bring(world, RunState.LAUNCHED)
    plain = world.store.list

    def denied(bucket, **options):
        if bucket == "test-intake":
            raise AccessDeniedError("storage.objects.list")
        return plain(bucket, **options)

    world.store.list = denied
    end_jobs(world, "FAILED")

    assert "failed" == steps(world, run_id)[-1]
    assert "access_denied" in capsys.readouterr().out


def test_a_broker_that_is_down_loses_no_object(world):
    infos = [lost(world, f"{letter}.jsonl") for letter in "abc"]
    publish, sent = world.publisher.publish, []

    def down(topic, data, attributes):
        if len(sent) == 1:
            raise UpstreamUnavailableError("503")
        sent.append(data)
        return publish(topic, data, attributes)

    world.publisher.publish = down
    world.tick(seconds=GRACE)
    world.publisher.publish = publish
    world.deliver()
    world.tick(seconds=300)

    assert {info.uri for info in infos} == set(handed_on(world))


def quiet(world, **options):
    """A run that was accepted and whose launch request never came."""
    run_id = drop(world, **options)
    lose_messages(world)
    return run_id


def published_after(world, run_id, seconds):
    before = len(requests(world, run_id))
    world.tick(seconds=seconds)
    return len(requests(world, run_id)) - before


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(GRACE - 1, 0), (GRACE, 1), (2 * A_DAY - 1, 1), (2 * A_DAY, 0)],
)
def test_a_verdict_that_the_launcher_has_not_heard_of_is_said_again(world, seconds, expected):
    run_id = quiet(world)

    assert expected == published_after(world, run_id, seconds)


def test_a_verdict_that_was_said_again_is_launched_and_then_left_alone(world):
    run_id = quiet(world)
    published_after(world, run_id, 200)
    world.deliver()

    assert "launched" == steps(world, run_id)[-1]
    assert 0 == published_after(world, run_id, 300)


def test_a_second_drop_of_a_known_run_is_said_as_well(world):
    run_id = drop(world)
    launch(world, run_id)
    drop(world, "again", data=rows())
    lose_messages(world)

    assert 1 == published_after(world, run_id, 200)
    world.deliver()
    assert 2 == len(world.store.names("test-ledger", f"askers/{run_id}/"))


def test_a_run_that_never_began_is_asked_for_though_its_asker_is_known(world):
    run_id = drop(world)

    def crash():
        raise SystemExit

    at_the_next_write(world, f"runs/{run_id}/", crash)
    with pytest.raises(SystemExit):
        launch(world, run_id)
    lose_messages(world)

    assert 1 == published_after(world, run_id, 200)
    world.deliver()
    assert "launched" == steps(world, run_id)[-1]


def test_a_rejected_dataset_is_not_said_again(world):
    world.drop("bad.jsonl", b"nonsense\n")
    before = len(world.publisher.sent)

    world.tick(seconds=200)

    assert before == len(world.publisher.sent)


def test_all_verdicts_have_their_turn_a_page_at_a_time(world, monkeypatch):
    monkeypatch.setattr(sweep_lost, "_VERDICTS_A_SWEEP", 2)
    runs = {quiet(world, words=f"w{number}") for number in range(5)}
    before = len(world.publisher.sent)
    counts = []

    for _ in range(3):
        world.tick(seconds=200)
        counts.append(len(world.publisher.sent) - before)

    assert [2, 4, 5] == counts
    assert runs == {json.loads(data)["run_id"] for _, data, _ in world.publisher.sent[before:]}


@pytest.mark.parametrize("state", [RunState.LAUNCHED, RunState.QUEUED, RunState.HELD])
def test_a_lost_mark_is_restored(world, state):
    run_id = bring(world, state)
    world.store.delete("test-state", f"open/{run_id}")

    world.tick()

    assert [run_id] == world.open_runs()
    assert state is world.services.runbook.marks.find(run_id).state


def test_a_run_whose_mark_was_lost_goes_on(world):
    run_id = bring(world, RunState.LAUNCHED)
    world.store.delete("test-state", f"open/{run_id}")
    world.pipelines.end("PIPELINE_STATE_FAILED")

    world.tick()

    assert "failed" == steps(world, run_id)[-1]
    assert [] == world.open_runs()


def test_an_ended_run_gets_no_mark(world):
    bring(world, RunState.FAILED)
    loaded, load = [], world.services.runbook.load
    world.services.runbook.load = lambda run_id: loaded.append(run_id) or load(run_id)

    world.tick()

    assert ([], []) == (world.open_runs(), loaded)


def test_a_mark_that_is_behind_is_found(world):
    run_id = bring(world, RunState.LAUNCHED)
    mark = dict(world.store.stat("test-state", f"open/{run_id}").metadata)
    world.store.put("test-state", f"open/{run_id}", b"", **{**mark, "announced": "2"})

    world.tick()

    assert 3 == world.services.runbook.marks.find(run_id).announced


@pytest.mark.parametrize("most", [1, 2, 3, 4, 7])
def test_lost_marks_are_found_a_page_at_a_time_whatever_a_page_holds(monkeypatch, most):
    monkeypatch.setattr(sweep_lost, "_STEPS_A_SWEEP", most)
    world = World(max_concurrent_jobs=4)
    runs = sorted(bring(world, RunState.LAUNCHED, words) for words in "abcd")
    for run_id in runs:
        world.store.delete("test-state", f"open/{run_id}")

    for _ in range(20):
        world.tick()

    assert runs == world.open_runs()


def test_a_broken_run_without_a_mark_is_reported_and_hinders_nobody(world, capsys):
    world.store.put("test-ledger", "runs/aaa-0123456789abcdef/000001.json", b"{")
    run_id = bring(world, RunState.LAUNCHED)
    world.store.delete("test-state", f"open/{run_id}")

    world.tick()

    assert [run_id] == world.open_runs()
    assert "runs/aaa-0123456789abcdef/000001.json" in capsys.readouterr().out


def walk(world, most=2):
    progress = resume(world.services, "walk")
    page, following = page_of(world.services, progress, "verdicts/", most=most)
    put_by(world.services, "walk", progress, following)
    return [info.name.removeprefix("verdicts/") for info in page]


def test_a_walk_goes_on_where_it_stopped_and_begins_again_at_the_end(world):
    for name in "abcde":
        world.store.put("test-ledger", f"verdicts/{name}", b"")

    assert [["a", "b"], ["c", "d"], ["e"], ["a", "b"]] == [walk(world) for _ in range(4)]


def test_a_walk_whose_end_is_a_pages_end_begins_again(world):
    for name in "abcd":
        world.store.put("test-ledger", f"verdicts/{name}", b"")

    assert [["a", "b"], ["c", "d"], ["a", "b"]] == [walk(world) for _ in range(3)]


def test_a_walk_through_nothing_is_one(world):
    assert [[], []] == [walk(world) for _ in range(2)]


def test_a_walk_passes_what_was_deleted_and_meets_what_came(world):
    for name in "abcd":
        world.store.put("test-state", f"verdicts/{name}", b"")
        world.store.put("test-ledger", f"verdicts/{name}", b"")
    walk(world)
    del world.store.objects["test-ledger"]["verdicts/c"]
    world.store.put("test-ledger", "verdicts/cc", b"")

    assert ["cc", "d"] == walk(world)


@pytest.mark.parametrize("cursor", [b"runs/x", b"\xff\xfe", b"x" * 5000])
def test_a_cursor_of_another_kind_begins_the_walk_again(world, cursor):
    world.store.put("test-ledger", "verdicts/a", b"")
    world.store.put("test-state", "cursors/walk", cursor)

    assert ["a"] == walk(world)


def test_looks_at_old_verdicts_read_none_of_them(world, monkeypatch):
    quiet(world)
    world.clock.skip(3 * A_DAY)
    read, plain = [], world.store.read
    monkeypatch.setattr(
        world.store, "read", lambda *args, **kwargs: read.append(args[1]) or plain(*args, **kwargs)
    )

    world.tick()

    assert not [name for name in read if name.startswith(("verdicts/", "askers/"))]


def test_created_at_is_the_storage_services_own(world):
    info = lost(world)
    skewed = replace(info, created_at=info.created_at + timedelta(seconds=60))
    world.store.objects["test-intake"][info.name] = (skewed, b"x\n")

    world.tick(seconds=GRACE)
    assert [] == handed_on(world)
    world.tick(seconds=60)

    assert [info.uri] == handed_on(world)
