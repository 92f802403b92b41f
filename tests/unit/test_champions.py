"""The champions of a recipe: a chain that keeps who, why and when, and whose end is the present one."""

import pytest
from msgspec.structs import asdict, replace

from support.launching import raising
from support.memory import START
from support.world import World
from tunedrop.domain import places
from tunedrop.errors import CorruptRecordError, UpstreamUnavailableError
from tunedrop.handlers import champions
from tunedrop.handlers.champions import Champion

FIRST = Champion(
    sequence=1,
    at=START,
    recipe="support-bot",
    version=1,
    run_id="support-bot-0123456789abcdef",
    attempt=1,
    tuned_model="projects/p/locations/us/models/7@1",
    endpoint="projects/p/locations/us/endpoints/8",
    base_model="gemini-3.5-flash",
    dataset_format="gemini",
    action="promoted",
    code="better_than_base",
    evidence="evidence/x/evidence.json",
    evidence_sha256="ab" * 32,
)
SECOND = replace(
    FIRST, sequence=2, version=2, previous_version=1, reason="ça va, 50%", code="by_hand"
)


@pytest.fixture
def world():
    return World()


def append(world, *given):
    return [champions.append(world.services, each) for each in given]


def test_a_recipe_has_no_champion_until_one_is_recorded(world):
    assert champions.newest(world.services, "support-bot") is None
    assert [] == champions.history(world.services, "support-bot")
    assert [] == champions.every(world.services)


def test_a_champion_is_read_back_as_it_was_written_by_metadata_and_by_record_alike(world):
    assert [True, True] == append(world, FIRST, SECOND)

    assert [FIRST, SECOND] == champions.history(world.services, "support-bot")
    assert SECOND == champions.newest(world.services, "support-bot")
    record = world.record(places.champions_prefix("support-bot") + "000002.json")
    assert ("champion", "ça va, 50%") == (record["kind"], record["reason"])
    assert asdict(SECOND).keys() <= record.keys()
    stripped = world.store.stat(
        "test-ledger", f"{places.champions_prefix('support-bot')}000002.json"
    )
    stripped.metadata.clear()
    assert SECOND == champions.newest(world.services, "support-bot")


def test_what_a_listing_says_is_ascii(world):
    append(world, FIRST, SECOND)

    for info in world.store.list("test-ledger", prefix="champions/"):
        assert all(value.isascii() for value in info.metadata.values())


def test_what_is_too_long_for_metadata_is_read_from_the_record(world):
    long = replace(FIRST, recipe="🦊" * 500, reason="漢" * 200, claimed_by="字" * 200)
    append(world, long)

    assert {} == next(world.store.list("test-ledger", prefix="champions/")).metadata
    assert [long] == champions.every(world.services)


def test_of_two_under_one_number_the_first_stands(world):
    other = replace(FIRST, version=9)

    assert [True, False] == append(world, FIRST, other)
    assert FIRST == champions.newest(world.services, "support-bot")


def test_every_recipe_s_champion_is_listed_without_reading_a_record(world, monkeypatch):
    others = [replace(FIRST, recipe=name) for name in ("a/b", "zebra")]
    append(world, *others, FIRST, SECOND)
    monkeypatch.setattr(type(world.store), "read", None)

    assert [others[0], SECOND, others[1]] == champions.every(world.services)


def test_a_record_that_cannot_be_read_is_reported_and_starves_no_other_recipe(world, capsys):
    prefix = places.champions_prefix("support-bot")
    world.store.put("test-ledger", f"{prefix}000001.json", '{"schema_version": 1}')
    other = replace(FIRST, recipe="zebra")
    append(world, other)

    with pytest.raises(CorruptRecordError, match="expected a champion's record"):
        champions.newest(world.services, "support-bot")
    assert [other] == champions.every(world.services)
    assert "corrupt_record" in capsys.readouterr().out


def test_whoever_needs_all_of_them_is_told_of_one_that_cannot_be_read(world, monkeypatch):
    path = f"{places.champions_prefix('support-bot')}000001.json"
    world.store.put("test-ledger", path, '{"schema_version": 1}')
    other = replace(FIRST, recipe="zebra")
    append(world, other)
    broken = []

    assert [other] == champions.certain(world.services, broken=broken)
    assert [True] == [line.startswith(path) for line in broken]
    with pytest.raises(CorruptRecordError, match=path):
        champions.certain(world.services)
    monkeypatch.setattr(world.store, "read", raising(UpstreamUnavailableError("503")))
    with pytest.raises(UpstreamUnavailableError):
        champions.certain(world.services, broken=broken)
