"""The index: built from notes, marks and champions, equal to what the ledger renders to, whatever crashes or races."""

import json
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
from tunedrop.catalog import load_catalog
from tunedrop.domain import naming, places
from tunedrop.domain.formats import Format
from tunedrop.domain.runs import RunState
from tunedrop.errors import UpstreamUnavailableError
from tunedrop.handlers import champions
from tunedrop.handlers.champions import Champion
from tunedrop.handlers.closing import close
from tunedrop.handlers.index_of_ledger import index_of_ledger
from tunedrop.handlers.sweep_index import write_index
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


def begin(world, number):
    run_id, key = naming.run_id("bot", naming.digest(str(number))), naming.digest(str(number))
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
