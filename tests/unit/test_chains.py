"""A chain of the ledger grows by one record at a time, and its end is found in two calls."""

import pytest

from support.world import World
from tunedrop import chains
from tunedrop.errors import UpstreamUnavailableError

PREFIX = "slots/0001/"
HEAD = "heads/slots/0001"


@pytest.fixture
def world():
    return World()


def grow(world, length):
    for after in range(length):
        assert append(world, after)


def append(world, after, **record):
    return chains.append(world.services, PREFIX, after=after, record=record, metadata={"n": "x"})


def newest(world, **options):
    return chains.newest(world.services, PREFIX, **options)


def calls_of(world, monkeypatch):
    """The calls to the store from now on, by name."""
    calls = []
    for name in ("stat", "read", "list", "write"):
        plain = getattr(world.store, name)

        def counted(*args, name=name, plain=plain, **kwargs):
            calls.append(name)
            return plain(*args, **kwargs)

        monkeypatch.setattr(world.store, name, counted)
    return calls


def test_an_empty_chain_has_no_end(world):
    assert newest(world) is None
    assert [] == chains.all_links(world.services, PREFIX)


def test_a_record_is_numbered_and_says_what_it_was_given(world):
    grow(world, 1)

    appended = append(world, 1, kind="slot")

    link = newest(world)
    assert appended
    assert (2, {"n": "x"}) == (link.sequence, dict(link.metadata))
    assert world.clock.now() == link.created_at
    record = world.record(f"{PREFIX}000002.json")
    assert (2, "slot") == (record["sequence"], record["kind"])


def test_the_second_to_append_after_a_record_loses(world):
    grow(world, 2)

    assert not append(world, 1, kind="late")
    assert 2 == newest(world).sequence


def test_all_records_come_in_order(world):
    grow(world, 12)

    assert list(range(1, 13)) == [
        link.sequence for link in chains.all_links(world.services, PREFIX)
    ]


def test_other_objects_of_the_folder_are_no_records(world):
    grow(world, 1)
    world.store.put("test-ledger", f"{PREFIX}000002.json.bak", "{}")
    world.store.put("test-ledger", f"{PREFIX}notes", "{}")

    assert 1 == newest(world).sequence


@pytest.mark.parametrize("length", [1, 40])
def test_the_end_is_found_in_two_calls_however_long_the_chain(world, monkeypatch, length):
    grow(world, length)
    calls = calls_of(world, monkeypatch)

    assert length == newest(world).sequence
    assert ["stat", "list"] == calls


def test_the_end_is_found_in_one_call_where_the_hint_is_known(world, monkeypatch):
    grow(world, 4)
    hint = chains.hints(world.services, "slots/")[PREFIX]
    calls = calls_of(world, monkeypatch)

    assert 4 == newest(world, hint=hint).sequence
    assert ["list"] == calls


@pytest.mark.parametrize("hint", ["1", "2", "", "-3", "many", "7", "99999999", "9" * 900])
def test_the_end_is_found_whatever_the_hint_says(world, hint):
    grow(world, 3)
    world.store.put("test-state", HEAD, "{}", sequence=hint)

    assert 3 == newest(world).sequence


def test_the_end_is_found_without_a_hint(world):
    grow(world, 3)
    world.store.delete("test-state", HEAD)

    assert 3 == newest(world).sequence


def test_a_record_stands_though_no_hint_could_be_left(world):
    write = world.store.write

    def refused(bucket, name, *args, **kwargs):
        if bucket == "test-state":
            raise UpstreamUnavailableError("503")
        return write(bucket, name, *args, **kwargs)

    world.store.write = refused
    grow(world, 2)

    assert 2 == newest(world).sequence
    assert {} == chains.hints(world.services, "slots/")


def test_hints_are_listed_by_chain(world):
    grow(world, 3)
    chains.append(world.services, "slots/0002/", after=0, record={}, metadata={})
    chains.append(world.services, "budget/2026-11-23/", after=0, record={}, metadata={})

    assert {PREFIX: 3, "slots/0002/": 1} == chains.hints(world.services, "slots/")
