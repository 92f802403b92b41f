"""Champions whose base model retires: who is named, from when on, and the command that tunes anew."""

import json
import shlex
from datetime import timedelta

import pytest

from support.commands import commanded, tunedrop
from support.launching import launch, lose_messages
from support.registering import BASE, crown, endpoint, finished, model, registered, retire
from support.world import World
from tunedrop import registry
from tunedrop.domain import places
from tunedrop.retirement import retiring

DAY = timedelta(days=1)
FAR = 60 * DAY


@pytest.fixture
def world():
    return World()


def watched(world, days, **change):
    """What is said of all registered models when their base model retires after so many days."""
    services = retire(world, world.services.today() + days * DAY, **change)
    return retiring(services, registry.versions(services))


@pytest.mark.parametrize(("days", "named"), [(61, 0), (60, 1), (0, 1), (-30, 1)])
def test_a_champion_is_named_from_sixty_days_before(world, days, named):
    registered(world, "one")

    assert named == len(watched(world, days))


def test_the_command_asks_for_the_same_dataset_on_the_replacement_and_says_what_it_costs(world):
    run = registered(world, "one", more="[tuning]\nepochs = 4\n")

    (told,) = watched(world, 30, usd_per_million_training_tokens=20.0)

    assert (
        "tunedrop request gs://test-intake/bot/one.jsonl"
        f" --generation {run.accepted['generation']} --recipe bot"
        " --set base_model=gemini-3.1-flash-lite --set tuning.epochs=4"
    ) == told.command
    assert 2 * run.accepted["plan"]["cost"]["usd"] == pytest.approx(told.estimated_usd)
    assert "4 epochs x 20 USD per million tokens" in told.basis
    assert (BASE, "gemini-3.1-flash-lite") == (told.base_model, told.replacement)


def test_the_command_tunes_what_it_is_priced_for(world):
    registered(world, "one", more="[tuning]\nepochs = 4\n")
    overrides = {"tuning.epochs": 7, "description": 'it\'s "this"\nand that', "strict": False}
    outcome = world.request(
        dataset_uri="gs://test-intake/bot/one.jsonl", recipe="bot", overrides=overrides
    )
    lose_messages(world)
    launch(world, outcome.run_id)
    finished(world, "two")
    world.settings.__dict__["allowed_base_models"] = (BASE, "gemini-3.1-flash-lite")

    _, told = watched(world, 30, usd_per_million_training_tokens=5.0)

    with commanded(world):
        assert 0 == tunedrop(*shlex.split(told.command)[1:]).exit_code
    again = world.run(world.deliver()[0].run_id).accepted
    before = world.run(outcome.run_id).accepted
    assert "7 epochs x 5 USD per million tokens" in told.basis
    assert {"epochCount": "7"} == again["plan"]["parameters"]["hyperParameters"]
    assert {**before["recipe"]["effective"], "base_model": "gemini-3.1-flash-lite"} == (
        again["recipe"]["effective"]
    )
    assert before["generation"] == again["generation"]


def test_settings_that_the_replacement_does_not_take_are_named(world):
    more = f'[tuning]\nepochs = 4\npre_tuned_model = "{model("old")}"\n'
    registered(world, "one", more=more)

    (told,) = watched(world, 30)

    assert ("tuning.pre_tuned_model",) == told.not_taken
    assert "pre_tuned_model" not in told.command


def test_steps_become_the_epochs_of_a_replacement_that_counts_those(world):
    registered(world, "one")
    respecified(world, {"base_model": "code-bison@002", "tuning": {"train_steps": 300}})

    (told,) = watched(world, 30, name=BASE)

    assert "train_steps" not in told.command
    assert "--set tuning.epochs=" in told.command
    assert () == told.not_taken


@pytest.mark.parametrize(
    "spoil", [lambda record: record.pop("settings"), lambda record: record.pop("dataset")]
)
def test_a_record_without_settings_is_noted_and_no_traceback(world, spoil):
    registered(world, "one")
    respecified(world, spoil=spoil)
    services = retire(world, world.services.today())
    broken = []

    assert [] == retiring(services, registry.versions(services), broken=broken)
    assert places.registry_path("bot", 1) in broken[0]


def test_a_record_of_before_tokens_were_estimated_has_no_price(world):
    registered(world, "one")
    respecified(world, spoil=lambda record: record["dataset"].pop("token_estimate"))

    (told,) = watched(world, 30, usd_per_million_training_tokens=5.0)

    assert (None, "the dataset's tokens are not known") == (told.estimated_usd, told.basis)


def test_locked_fields_are_left_to_the_recipe(world):
    registered(world, "one", more="rejects_with_rows = true\n[tuning]\nepochs = 4\n")
    world.settings.__dict__["locked_fields"] = ("tuning", "base_model")

    (told,) = watched(world, 30)

    assert told.command.endswith(
        "--set base_model=gemini-3.1-flash-lite --set rejects_with_rows=true"
    )


def respecified(world, effective=None, *, spoil=lambda record: None):
    """Lay another record under the listing of the first version."""
    path = places.registry_path("bot", 1)
    info, _ = world.store.objects["test-ledger"][path]
    record = world.record(path)
    if effective:
        record["settings"]["effective"] = effective
    spoil(record)
    world.store.objects["test-ledger"][path] = info, json.dumps(record).encode()


def test_a_replacement_without_a_price_costs_an_unknown_amount(world):
    registered(world, "one")

    (told,) = watched(world, 30, usd_per_million_training_tokens=None)

    assert told.estimated_usd is None
    assert "no price is known" in told.basis


def test_without_a_replacement_there_is_no_command(world):
    registered(world, "one")

    (told,) = watched(world, 30, replacement=None)

    assert (None, "", None) == (told.replacement, told.command, told.estimated_usd)


def test_a_deployments_default_recipe_is_not_named_in_the_command(world):
    world.drop("one.jsonl", b"".join(_gemini()))
    world.deliver()
    world.tunings.end("JOB_STATE_SUCCEEDED", tuned_model=model("one"), endpoint=endpoint("one"))
    world.tick()

    (told,) = watched(world, 30)

    assert "tunedrop request gs://test-intake/one.jsonl --generation" in told.command
    assert "--recipe" not in told.command


def _gemini():
    from support.datasets import good_lines
    from tunedrop.domain.formats import Format

    return good_lines(Format.GEMINI, 20)


def test_only_champions_are_asked_about_and_the_first_to_end_comes_first(world):
    crown(world, registered(world, "one"))
    registered(world, "two", recipe="other")

    assert ["bot", "other"] == [each.recipe for each in watched(world, 30)]
