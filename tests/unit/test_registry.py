"""A registered model: our own record first, then the service's registry, and all of it found again by a listing."""

import json
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import asdict, replace

from support.launching import at_the_next_write, raising
from support.memory import START
from support.registering import (
    BASE,
    endpoint,
    finished,
    launched,
    look,
    model,
    registered,
)
from support.world import World, settings
from tunedrop import registry
from tunedrop.domain import places
from tunedrop.domain.registered import Registered
from tunedrop.errors import (
    AccessDeniedError,
    CorruptRecordError,
    InvalidRequestError,
    NotFoundError,
    UpstreamUnavailableError,
)
from tunedrop.handlers.champions import Champion

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def world():
    return World()


def record_of(world, version=1, recipe="bot"):
    return world.record(places.registry_path(recipe, version))


def test_the_record_says_what_the_model_was_made_of_and_by_whom(world):
    run = registered(world, "one", billable_tokens=1000, dropped_rows=2)

    record = record_of(world)

    assert {
        "kind": "tuned_model",
        "recipe": "bot",
        "version": 1,
        "run_id": run.run_id,
        "attempt": 1,
        "job_name": run.launched.detail["job_name"],
        "tuned_model": model("one"),
        "endpoint": endpoint("one"),
        "base_model": BASE,
        "dataset_format": "gemini",
        "adopted": False,
        "rows": {"dropped": 2},
        "metrics": {},
    }.items() <= record.items()
    info = world.store.stat("test-intake", "bot/one.jsonl")
    dataset, training = record["dataset"], run.accepted["training"]
    assert (info.uri, str(info.generation)) == (dataset["uri"], dataset["generation"])
    assert {key: training[key] for key in ("digest", "path", "rows")}.items() <= dataset.items()
    assert dataset["digest"] == dataset["object_digest"]
    assert 130 == dataset["token_estimate"]
    assert run.accepted["recipe"]["effective"] == record["settings"]["effective"]
    assert run.accepted["plan"]["parameters"] == record["settings"]["sent"]
    assert {"requester", "correlation_id"} == record["asked"].keys()


def test_no_text_of_the_dataset_is_in_the_record(world):
    registered(world, "one")

    text = json.dumps(record_of(world))

    assert not any(word in text for word in ("question", "answer"))


def test_what_was_billed_is_worked_out_from_the_services_own_count(world):
    run = registered(world, "one", more="[tuning]\nepochs = 4\n", billable_tokens=250_000)

    cost = record_of(world)["cost"]

    assert run.accepted["plan"]["cost"] == cost["estimated"]
    assert 10.0 == cost["billed"]["usd"]
    assert cost["billed"]["basis"].startswith(
        "250,000 billable tokens x 4 epochs x 10 USD per million tokens ("
    )


def test_what_the_service_does_not_count_is_not_taken_for_nothing(world):
    registered(world, "one")

    billed = record_of(world)["cost"]["billed"]

    assert billed["usd"] is None
    assert "does not say" in billed["basis"]


def test_a_decision_about_the_attempt_is_part_of_the_record():
    world = World(max_usd_per_run=0.0)
    run_id = launched(world, "one")
    world.control(action="approve", run_id=run_id, claimed_by="ada")
    world.deliver()
    finished(world, "one")

    (decided,) = record_of(world)["decided"]

    assert ("approved", "ada") == (decided["code"], decided["claimed_by"])


def test_the_last_value_of_each_metric_is_part_of_the_record(world):
    run_id = launched(world, "one")
    series = [
        {"metric": "/train_total_loss", "points": [[1, 2.5], [9, 0.5]]},
        {"metric": "/eval_total_loss", "points": []},
    ]
    kept = json.dumps({"schema_version": 1, "series": series}).encode()
    world.store.put("test-work", places.curves_path(run_id, 1), kept)

    finished(world, "one")

    assert {"/train_total_loss": {"step": 9, "value": 0.5}} == record_of(world)["metrics"]


def test_a_listing_tells_all_columns_without_reading_a_record(world, monkeypatch):
    run = registered(world, "one", billable_tokens=1000)
    monkeypatch.setattr(type(world.store), "read", None)

    (found,) = registry.versions(world.services)

    assert Registered(
        recipe="bot",
        version=1,
        run_id=run.run_id,
        attempt=1,
        base_model=BASE,
        dataset_format="gemini",
        tuned_model=model("one"),
        endpoint=endpoint("one"),
        at=world.clock.now(),
        dataset_digest=run.accepted["training"]["digest"],
        estimated_usd=run.accepted["plan"]["cost"]["usd"],
        billed_usd=1000 * run.accepted["plan"]["epochs"] * 10 / 1_000_000,
    ) == replace(found, at=world.clock.now())


@pytest.mark.parametrize("recipe", ["böt/ümläut 100%", "\U0001f600" * 120])
def test_a_recipe_of_any_name_is_listed_by_metadata_in_plain_ascii(world, monkeypatch, recipe):
    registered(world, "one", recipe=recipe)
    (info,) = world.services.ledger.list("registry/")
    size = sum(len(name) + len(value) for name, value in info.metadata.items())
    monkeypatch.setattr(type(world.store), "read", None)

    assert [recipe] == [each.recipe for each in registry.versions(world.services)]
    assert size < 8192
    assert all(value.isascii() for value in info.metadata.values())


def test_a_version_without_metadata_is_read_from_its_record(world):
    registered(world, "one")
    (told,) = registry.versions(world.services)
    (info,) = world.services.ledger.list("registry/")

    info.metadata.clear()

    assert [told] == registry.versions(world.services)


def test_a_version_that_cannot_be_read_at_all_is_named(world):
    world.store.put("test-ledger", places.registry_path("bot", 1), b'{"schema_version": 1}')

    with pytest.raises(CorruptRecordError, match=places.registry_path("bot", 1)):
        registry.versions(world.services)


@pytest.mark.parametrize("data", [b'{"schema_version": 1}', b"{"])
def test_a_version_that_cannot_be_read_is_reported_and_keeps_no_other_from_its_number(
    world, data, capsys
):
    world.store.put("test-ledger", places.registry_path("bot", 1), data)

    run = registered(world, "one")

    assert 2 == run.last.detail["version"]
    assert "corrupt_record" in capsys.readouterr().out


def test_the_services_registry_is_told_whose_model_it_is(world):
    run = registered(world, "one")

    assert {"tunedrop-run": run.run_id, "tunedrop-attempt": "1"}.items() <= world.models.labels[
        model("one")
    ].items()
    assert (
        f"bot, version 1: run {run.run_id}, attempt 1, of tunedrop"
        == (world.models.descriptions[model("one")])
    )
    assert [] == run.last.detail["notes"]


def candidates(world):
    return [name for name, aliases in world.models.aliases.items() if "candidate" in aliases]


def test_the_newest_version_of_a_recipe_is_its_candidate(world):
    registered(world, "one")
    assert [model("one")] == candidates(world)

    registered(world, "two")
    assert [model("two")] == candidates(world)

    registered(world, "three", recipe="other")
    assert {model("two"), model("three")} == set(candidates(world))


@pytest.mark.parametrize("error", [InvalidRequestError("no aliases here"), NotFoundError("404")])
def test_a_location_without_aliases_is_a_note_and_no_failure(world, error):
    world.models.no_aliases = error

    run = registered(world, "one")

    assert ["aliases_unsupported"] == run.last.detail["notes"]


def test_a_registry_that_takes_no_labels_is_a_note_and_no_failure(world):
    world.models.annotate = raising(NotFoundError("404"))

    run = registered(world, "one")

    assert ["not_annotated"] == run.last.detail["notes"]
    assert [model("one")] == candidates(world)


@pytest.mark.parametrize("act", ["annotate", "move_alias"])
def test_our_record_comes_first_and_a_later_pass_completes_the_rest(world, act):
    whole = getattr(world.models, act)
    setattr(world.models, act, raising(UpstreamUnavailableError("503")))
    run_id = launched(world, "one")
    finished(world, "one")
    assert ("succeeded", model("one")) == (
        world.run(run_id).state.value,
        record_of(world)["tuned_model"],
    )

    setattr(world.models, act, whole)
    look(world)

    run = world.run(run_id)
    assert ("registered", 1) == (run.state.value, run.last.detail["version"])
    assert run_id == world.models.labels[model("one")]["tunedrop-run"]
    assert [model("one")] == candidates(world)
    assert 1 == len(registry.versions(world.services))


@pytest.mark.parametrize("act", ["annotate", "move_alias"])
def test_a_registry_of_the_services_that_never_answers_fails_no_model_that_works(world, act):
    setattr(world.models, act, raising(AccessDeniedError("403")))
    run_id = launched(world, "one")
    finished(world, "one")
    asked = len(world.predictor.asked)
    for _ in range(3):
        world.clock.skip(3 * 3600)
        look(world)

    run = world.run(run_id)
    assert "registered" == run.state.value
    assert {"annotate": "not_annotated", "move_alias": "aliases_unsupported"}[
        act
    ] in run.last.detail["notes"]
    assert asked == len(world.predictor.asked)


def test_a_refusal_that_repeats_the_question_is_told_by_its_code_alone(world):
    world.predictor.answer = lambda _, instance: raising(
        InvalidRequestError(f"400 cannot answer {instance} for you")
    )()
    run_id = launched(world, "one")
    finished(world, "one")

    run = world.run(run_id)
    assert ("load_failed", "load_failed") == (run.state.value, run.last.detail["code"])
    assert "question" not in run.last.detail["message"]


def test_a_crash_right_after_the_record_leaves_one_version(world):
    def crash():
        raise SystemExit

    run_id = launched(world, "one")
    at_the_next_write(world, "registry/", crash, after=True)
    with pytest.raises(SystemExit):
        finished(world, "one")

    look(world)

    assert ("registered", 1) == (
        world.run(run_id).state.value,
        world.run(run_id).last.detail["version"],
    )
    assert 1 == len(registry.versions(world.services))


def test_a_version_number_that_another_run_takes_meanwhile_is_left_to_it(world):
    registered(world, "one")
    standing = record_of(world)

    def taken():
        path, other = places.registry_path("bot", 2), {**standing, "version": 2, "run_id": "x"}
        world.services.ledger.create(path, other, metadata=registry.metadata_of(other))

    launched(world, "two")
    at_the_next_write(world, "registry/", taken)
    finished(world, "two")

    assert [1, 2, 3] == [each.version for each in registry.versions(world.services)]
    assert model("two") == record_of(world, 3)["tuned_model"]


def test_a_pass_that_comes_late_leaves_the_candidate_to_the_later_version(world):
    error = UpstreamUnavailableError("503")
    move, world.models.move_alias = world.models.move_alias, raising(error)
    launched(world, "one")
    finished(world, "one")
    late = {**record_of(world), "version": 2, "run_id": "later", "tuned_model": model("two")}
    world.services.ledger.create(
        places.registry_path("bot", 2), late, metadata=registry.metadata_of(late)
    )
    world.models.move_alias = move
    look(world)

    assert [] == candidates(world)


def test_ten_thousand_versions_and_two_hundred_promotions_are_listed_with_eleven_calls(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from tunedrop.catalog import load_catalog
    from tunedrop.cli import models as command
    from tunedrop.handlers import champions
    from tunedrop.services import Services
    from tunedrop_bench.counting import Calls, CountingPublisher, CountingStore, StillClock

    calls, clock = Calls(), StillClock()
    store = CountingStore(calls, clock, apart="test-intake")
    services = Services.assemble(
        settings=settings(),
        catalog=load_catalog(),
        store=store,
        publisher=CountingPublisher(calls),
        clock=clock,
        nonces=lambda: "nonce",
    )
    for number in range(10_000):
        each = made(f"recipe-{number % 50}", 1 + number // 50)
        path = places.registry_path(each.recipe, each.version)
        told = registry.to_metadata(msgspec.to_builtins(each))
        store.write("test-ledger", path, b"", if_generation=0, metadata=told)
    for number in range(200):
        sequence = 1 + number // 50
        champion = champion_of(made(f"recipe-{number % 50}", 40 * sequence))
        assert champions.append(services, replace(champion, sequence=sequence))
    calls.by_kind.clear()
    broken = []

    found = command.registered(services, broken=broken)

    crowned = {(each["recipe"], each["version"]) for each in found if each["champion"]}
    assert 10_000 == len(found)
    assert {(f"recipe-{number}", 160) for number in range(50)} == crowned
    assert ({"listed": 11}, []) == (dict(calls.by_kind), broken)
    calls.by_kind.clear()

    found = command.registered(services, "recipe-7", broken=broken)

    assert [160] == [each["version"] for each in found if each["champion"]]
    assert (200, {"listed": 2, "read": 1}) == (len(found), dict(calls.by_kind))


def made(recipe, version):
    return Registered(
        recipe=recipe,
        version=version,
        run_id=f"{recipe}-{version:016x}",
        attempt=1,
        base_model=BASE,
        dataset_format="gemini",
        tuned_model=model(f"{recipe}-{version}"),
        endpoint=endpoint(f"{recipe}-{version}"),
        at=START,
        dataset_digest="ab" * 32,
        estimated_usd=1.5,
    )


def champion_of(each):
    shared = {
        name: value for name, value in asdict(each).items() if name in Champion.__struct_fields__
    }
    return Champion(sequence=1, action="promoted", code="always", **shared)
