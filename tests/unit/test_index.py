"""The index: built from notes, marks and champions, equal to what the ledger renders to, whatever crashes or races."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import RLock

import pytest
from msgspec.structs import replace

from support import records
from support.datasets import good_lines
from support.memory import START
from support.pages import Page
from support.world import World
from tunedrop import time_left
from tunedrop.catalog import load_catalog
from tunedrop.domain import naming, places
from tunedrop.domain.formats import Format
from tunedrop.domain.runs import RunState
from tunedrop.errors import UpstreamUnavailableError
from tunedrop.handlers import champions
from tunedrop.handlers.champions import Champion
from tunedrop.handlers.closing import close
from tunedrop.handlers.index_of_ledger import index_of_ledger
from tunedrop.handlers.run_pages import publish_run_report
from tunedrop.handlers.sweep_index import write_index
from tunedrop.reports import index_notes
from tunedrop.reports.index_data import MOST_RUNS, News, RunRow, empty_index, read_index
from tunedrop.reports.index_view import index_view
from tunedrop.reports.rendering import render_index

REPORTS = "test-reports"
RECIPE = 'base_model = "gemini-3.5-flash"\n'
ROWS = b"".join(good_lines(Format.GEMINI, 20))


@pytest.fixture
def world():
    return World()


def index_in(world):
    return read_index(world.store.read(REPORTS, "index.json", max_bytes=10**7))


def page_in(world):
    return world.store.read(REPORTS, "index.html", max_bytes=10**7).decode()


def notes_in(world):
    return world.store.names(REPORTS, "changes/")


def make_safe(store):
    """Let threads use a store at once, one call after another as the service's own clients do."""
    lock = RLock()

    def alone(act, result):
        def call(*args, **options):
            with lock:
                return result(act(*args, **options))

        return call

    for name in ("stat", "read", "write", "delete"):
        setattr(store, name, alone(getattr(store, name), lambda done: done))
    store.list = alone(store.list, list)


def begin(world, number, *, recipe="bot"):
    key = naming.digest(str(number))
    run_id = naming.run_id(recipe, key)
    run = world.services.runbook.start(run_id, key, records.accepted_detail())
    world.services.runbook.announce(run)
    return run


def end(world, run):
    """As a worker ends a run: its last step, then its closing."""
    run = world.services.runbook.step(run, RunState.CANCELLED, {"code": "cancelled"})
    close(world.services, run)


def crown(world, *, sequence, recipe="bot", run_id=records.RUN_ID):
    told = records.champion(sequence=sequence, recipe=recipe, run_id=run_id, version=sequence)
    told["at"] = START + timedelta(minutes=sequence)
    assert champions.append(world.services, Champion(**told))


def test_after_a_hundred_endings_at_once_and_one_sweep_it_is_what_the_ledger_renders_to(world):
    world.drop("bot/recipe.toml", RECIPE)
    world.drop("bot/train.jsonl", ROWS)
    write_index(world.services)
    runs = [begin(world, number) for number in range(100)]
    write_index(world.services)
    crown(world, sequence=1)

    make_safe(world.store)
    with ThreadPoolExecutor(10) as workers:
        list(workers.map(lambda run: end(world, run), runs))
    write_index(world.services)

    assert index_of_ledger(world.services) == index_in(world)
    assert ["cancelled"] * 100 == [row.state for row in index_in(world).runs]
    view = index_view(world.settings, world.services.catalog, index_of_ledger(world.services))
    assert render_index(view) == page_in(world)
    assert [] == notes_in(world)


def test_a_whole_sweep_lists_what_it_has_done_itself(world):
    world.drop("bot/recipe.toml", RECIPE)
    accepted = world.drop("bot/train.jsonl", ROWS)
    world.deliver()
    world.tick()
    before = {row.run_id: row.state for row in index_in(world).runs}
    world.tunings.end("JOB_STATE_FAILED")
    world.tick()

    assert {accepted.run_id: "launched"} == before
    assert {accepted.run_id: "failed"} == {row.run_id: row.state for row in index_in(world).runs}
    assert index_of_ledger(world.services) == index_in(world)
    page = Page(page_in(world))
    assert (
        f"https://storage.cloud.google.com/{REPORTS}/runs/{accepted.run_id}/index.html"
        in page.links
    )
    drop = places.drop_report_prefix("test-intake", "bot/train.jsonl")
    assert f"https://storage.cloud.google.com/{REPORTS}/{drop}index.html" in page.links


def test_nothing_new_is_nothing_written(world):
    world.drop("bot/recipe.toml", RECIPE)
    write_index(world.services)
    write_index(world.services)
    written = len(world.store.writes)

    write_index(world.services)

    assert written == len(world.store.writes)


@pytest.mark.parametrize("what", ["missing", "unreadable"])
def test_a_lost_index_is_made_of_the_ledger_again(world, what):
    world.drop("bot/recipe.toml", RECIPE)
    world.drop("bot/train.jsonl", ROWS)
    end(world, begin(world, 1))
    write_index(world.services)
    stood = index_in(world)

    if what == "missing":
        world.store.delete(REPORTS, "index.json")
    else:
        world.store.put(REPORTS, "index.json", b'{"schema_version": 1, "day": "never"')
    write_index(world.services)

    assert stood == index_in(world)


def test_a_drop_that_waited_is_listed_once_with_its_final_answer(world):
    world.drop("bot/train.jsonl", ROWS)
    write_index(world.services)
    waiting = [row.outcome for row in index_in(world).drops]
    world.drop("bot/recipe.toml", RECIPE)
    world.deliver()
    write_index(world.services)

    assert ["waiting_for_recipe"] == waiting
    outcomes = {row.name: row.outcome for row in index_in(world).drops}
    assert {"bot/train.jsonl": "accepted", "bot/recipe.toml": "recipe_accepted"} == outcomes
    assert index_of_ledger(world.services) == index_in(world)


def test_objects_that_get_no_page_get_no_row(world):
    world.drop("bot/.keep", b"")
    write_index(world.services)

    assert ((), ()) == (index_in(world).drops, index_of_ledger(world.services).drops)


class CrashError(Exception):
    """Stands for the end of a process."""


def crashing_at(world, number):
    """Let the *number*-th write or deletion in REPORTS be the last thing that a process does."""
    store, count = world.store, iter(range(1, 1000))
    write, delete = store.write, store.delete

    def counted(act):
        def call(bucket, *args, **options):
            done = act(bucket, *args, **options)
            if bucket == REPORTS and next(count) == number:
                raise CrashError
            return done

        return call

    store.write, store.delete = counted(write), counted(delete)
    try:
        write_index(world.services)
    except CrashError:
        return True
    finally:
        store.write, store.delete = write, delete
    return False


def test_a_crash_between_any_two_steps_is_made_good_by_the_next_sweep():
    crashes = 0
    while True:
        world = World()
        world.drop("bot/recipe.toml", RECIPE)
        write_index(world.services)
        end(world, begin(world, 1))
        crown(world, sequence=1)
        crashed = crashing_at(world, crashes + 1)
        write_index(world.services)

        assert index_of_ledger(world.services) == index_in(world)
        view = index_view(world.settings, world.services.catalog, index_in(world))
        assert render_index(view) == page_in(world)
        assert [] == notes_in(world)
        if not crashed:
            break
        crashes += 1
    assert 3 == crashes  # the data, the page, the note


def test_a_note_that_is_written_again_meanwhile_is_kept(world):
    write_index(world.services)
    run = begin(world, 1)
    end(world, run)
    (name,) = notes_in(world)
    delete = world.store.delete

    def late(bucket, name, **options):
        world.store.delete = delete
        info = world.store.stat(bucket, name)
        world.store.write(bucket, name, b"{}", if_generation=None, metadata=info.metadata)
        delete(bucket, name, **options)

    world.store.delete = late
    write_index(world.services)

    assert [name] == notes_in(world)
    write_index(world.services)
    assert [] == notes_in(world)


def test_two_sweeps_at_once_do_no_harm(world):
    world.drop("bot/recipe.toml", RECIPE)
    write_index(world.services)
    for number in range(20):
        end(world, begin(world, number))

    make_safe(world.store)
    with ThreadPoolExecutor(4) as workers:
        for done in [workers.submit(write_index, world.services) for _ in range(4)]:
            done.result()
    write_index(world.services)

    assert index_of_ledger(world.services) == index_in(world)
    assert [] == notes_in(world)


def test_an_older_sweep_takes_nothing_back(world):
    end(world, begin(world, 1))
    write_index(world.services)
    newest = page_in(world)

    write = world.store.write
    raced = []

    def overtaken(bucket, name, *args, **options):
        if name == "index.json" and not raced:
            raced.append(name)
            write_index(world.services)
        return write(bucket, name, *args, **options)

    end(world, begin(world, 2))
    world.store.write = overtaken
    write_index(world.services)

    assert newest != page_in(world)
    assert index_of_ledger(world.services) == index_in(world)


def test_a_new_champion_is_read_by_its_hint_and_the_pages_of_both_runs_follow(world):
    world.drop("bot/recipe.toml", RECIPE)
    first = bring_to_an_end(world, "1")
    second = bring_to_an_end(world, "2")
    write_index(world.services)
    crown(world, sequence=1, run_id=first)
    write_index(world.services)
    stood = page_of(world, first)
    crown(world, sequence=2, run_id=second)
    write_index(world.services)

    assert "it is the champion" in stood["headline"]
    assert "it is the champion" not in page_of(world, first)["headline"]
    assert "it is the champion" in page_of(world, second)["headline"]
    assert [("bot", 2)] == [(row.recipe, row.version) for row in index_in(world).champions]


def bring_to_an_end(world, name):
    outcome = world.drop(f"bot/{name}.jsonl", ROWS + b"".join(good_lines(Format.GEMINI, int(name))))
    world.deliver()
    endpoint = f"projects/test-project/locations/us/endpoints/{name}"
    model = f"projects/test-project/locations/us/models/{name}@1"
    world.tunings.end("JOB_STATE_SUCCEEDED", tuned_model=model, endpoint=endpoint)
    world.tick()
    return outcome.run_id


def page_of(world, run_id):
    data = world.store.read(REPORTS, f"runs/{run_id}/report.json", max_bytes=10**7)
    return json.loads(data)


def test_all_champions_since_the_last_index_are_shown_again(world):
    world.drop("bot/recipe.toml", RECIPE)
    first, middle, last = [bring_to_an_end(world, name) for name in "123"]
    crown(world, sequence=1, run_id=first)
    write_index(world.services)
    crown(world, sequence=2, run_id=middle)
    publish_run_report(world.services, world.run(middle))
    crown(world, sequence=3, run_id=last)
    write_index(world.services)

    shown = [page_of(world, run_id)["champion"] for run_id in (first, middle, last)]
    assert [(False, 3), (False, 3), (True, 3)] == [
        (each["is_this"], each["version"]) for each in shown
    ]


def test_a_champion_is_listed_once_the_pages_of_all_its_runs_are_written(world):
    world.drop("bot/recipe.toml", RECIPE)
    first, second = bring_to_an_end(world, "1"), bring_to_an_end(world, "2")
    crown(world, sequence=1, run_id=first)
    write_index(world.services)
    crown(world, sequence=2, run_id=second)
    write = world.store.write

    def down(bucket, name, *args, **options):
        if name.startswith(f"runs/{first}/"):
            raise UpstreamUnavailableError("storage")
        return write(bucket, name, *args, **options)

    world.store.write = down
    write_index(world.services)
    world.store.write = write
    without = [row.sequence for row in index_in(world).champions]
    write_index(world.services)

    assert [1] == without
    assert [2] == [row.sequence for row in index_in(world).champions]
    assert not page_of(world, first)["champion"]["is_this"]


def test_a_page_that_can_never_be_made_does_not_hide_the_champion(world):
    write_index(world.services)
    world.store.put("test-ledger", places.transition_path(records.RUN_ID, 1), b"{")
    crown(world, sequence=1)
    write_index(world.services)

    assert ["bot"] == [row.recipe for row in index_in(world).champions]


def test_champions_that_there_is_no_time_for_come_with_the_next_sweeps(world):
    write_index(world.services)
    for number in range(20):
        crown(world, sequence=1, recipe=f"bot-{number}")
    slow_down(world, 1)

    found = []
    for _ in range(3):
        with time_left.limited(world.clock, 60):
            write_index(world.services)
        found.append(len(index_in(world).champions))

    assert 0 < found[0] < found[1] <= found[2] == 20


def slow_down(world, seconds):
    """Let each call of the store take so long."""

    def slow(act):
        def call(*args, **options):
            world.clock.skip(seconds)
            return act(*args, **options)

        return call

    for name in ("stat", "read", "write", "delete", "list"):
        setattr(world.store, name, slow(getattr(world.store, name)))


def test_an_index_that_cannot_be_made_anew_in_time_is_left_to_the_next_sweep(world, capsys):
    world.drop("bot/recipe.toml", RECIPE)
    end(world, begin(world, 1))
    left = notes_in(world)

    with time_left.limited(world.clock, 0):
        write_index(world.services)

    assert [] == world.store.names(REPORTS, "index.")
    assert left == notes_in(world)
    assert "the next sweep tries again" in capsys.readouterr().out
    write_index(world.services)
    assert index_of_ledger(world.services) == index_in(world)


def test_an_index_that_a_person_began_anew_fills_with_news_and_all_champions(world):
    crown(world, sequence=1)
    end(world, begin(world, 1))
    world.store.put(REPORTS, "index.json", '{"schema_version": 1, "day": "2026-01-01"}')
    write_index(world.services)

    assert index_of_ledger(world.services) == index_in(world)


def test_an_index_that_was_replaced_before_it_was_read_is_looked_for_again(world):
    write_index(world.services)
    end(world, begin(world, 1))
    read, listed = world.store.read, world.store.list
    listings = Counter()

    def overtaken(*args, **options):
        world.store.read = read
        write_index(world.services)
        return read(*args, **options)

    def counted(bucket, *, prefix, **options):
        listings[prefix] += 1
        return listed(bucket, prefix=prefix, **options)

    world.store.read, world.store.list = overtaken, counted
    write_index(world.services)

    assert 0 == listings["runs/"] == listings["drops/"]
    assert index_of_ledger(world.services) == index_in(world)


def test_a_champion_whose_hint_was_lost_is_found_on_the_next_day(world):
    write_index(world.services)
    crown(world, sequence=1)
    world.store.delete("test-state", places.head_path(places.champions_prefix("bot")))
    write_index(world.services)
    without = index_in(world).champions
    world.clock.skip(24 * 3600)
    write_index(world.services)

    assert () == without
    assert ["bot"] == [row.recipe for row in index_in(world).champions]


def test_a_note_that_nobody_can_read_is_left_out_and_taken_away(world, capsys):
    world.store.put(REPORTS, "changes/runs/strange/000001", b"{}", row='{"run_id": 7}')

    write_index(world.services)

    assert [] == notes_in(world)
    write_index(world.services)
    assert "expected a row of the index" in capsys.readouterr().out


def test_drops_do_not_starve_endings(world, monkeypatch):
    monkeypatch.setattr(index_notes, "MOST_AT_ONCE", 2)
    write_index(world.services)
    for number in range(4):
        index_notes.leave_drop_note(
            world.services, records.receipt("accepted", drop_id=f"{number:032d}")
        )
    end(world, begin(world, 1))
    write_index(world.services)

    assert (2, 1) == (len(index_in(world).drops), len(index_in(world).runs))
    assert 2 == len(notes_in(world))


def test_a_late_look_brings_no_rehearsal_back(world):
    day = START.date()
    rehearsal = naming.run_id("tunedrop-selftest/7f3a", naming.digest("1"))
    accepted, rehearsed = (
        News(runs=(RunRow(rehearsal, sequence, state, 1, START, START),))
        for sequence, state in ((1, "accepted"), (2, "rehearsed"))
    )

    index = empty_index(day).with_news(rehearsed, day).with_news(accepted, day)

    assert () == index.runs


def test_rehearsals_take_no_places_from_runs_and_drops(world, monkeypatch):
    for name in ("MOST_RUNS", "MOST_DROPS"):
        monkeypatch.setattr(f"tunedrop.handlers.index_of_ledger.{name}", 1)
    world.drop("bot/recipe.toml", RECIPE)
    end(world, begin(world, 0))
    for number in range(3):
        world.clock.skip(1)
        world.drop(f"{records.REHEARSAL}/{number}.jsonl", ROWS)
        begin(world, number + 1, recipe=records.REHEARSAL)

    made = index_of_ledger(world.services)

    assert (["bot/recipe.toml"], ["cancelled"]) == (
        [row.name for row in made.drops],
        [row.state for row in made.runs],
    )


def test_a_broken_receipt_does_not_keep_the_others_from_the_index(world):
    world.drop("bot/recipe.toml", RECIPE)
    world.store.put("test-ledger", "drops/test-intake/00/1.json", b"{")

    assert 1 == len(index_of_ledger(world.services).drops)


def test_a_sweep_without_a_service_changes_nothing_and_the_next_one_goes_on(world):
    write_index(world.services)
    end(world, begin(world, 1))
    listed = world.store.list

    def down(*_, **__):
        raise UpstreamUnavailableError("storage")

    world.store.list = down
    with pytest.raises(UpstreamUnavailableError):
        write_index(world.services)
    world.store.list = listed
    write_index(world.services)

    assert index_of_ledger(world.services) == index_in(world)


def test_the_newest_are_kept_and_rows_add_up_in_any_order():
    day = START.date()
    rows = [
        RunRow(f"run-{number:04d}", 1, "failed", 1, START, START + timedelta(seconds=number))
        for number in range(MOST_RUNS + 10)
    ]
    at_once = empty_index(day).with_news(News(runs=tuple(rows)), day)
    one_by_one = empty_index(day)
    for row in reversed(rows):
        one_by_one = one_by_one.with_news(News(runs=(row,)), day)

    assert MOST_RUNS == len(at_once.runs)
    assert at_once == one_by_one
    assert rows[-1] == at_once.runs[0]
    stale = replace(rows[-1], sequence=0, state="running")
    assert at_once == at_once.with_news(News(runs=(stale,)), day)


@pytest.mark.parametrize(("days", "mark"), [(-61, ""), (-60, "retires on"), (0, "retired on")])
def test_a_champion_is_marked_sixty_days_before_its_base_model_retires(world, days, mark):
    catalog = load_catalog()
    entry = next(each for each in catalog.entries.values() if each.retirement.on)
    champion = replace(records.index().champions[0], base_model=entry.name)
    day = entry.retirement.on + timedelta(days=days)

    view = index_view(world.settings, catalog, replace(empty_index(day), champions=(champion,)))

    assert f"{mark} {entry.retirement.on}" * bool(mark) == view["champions"][0]["retires"]
