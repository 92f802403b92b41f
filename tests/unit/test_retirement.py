"""Champions whose base model retires: who is named, from when on, and the command that tunes anew."""

from datetime import timedelta

import pytest

from support.registering import BASE, crown, registered, retire
from support.world import World
from tunedrop import registry
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
        "tunedrop request gs://test-intake/bot/one.jsonl --recipe bot --set base_model=gemini-3.1-flash-lite"
        == told.command
    )
    assert 2 * run.accepted["plan"]["cost"]["usd"] == pytest.approx(told.estimated_usd)
    assert "4 epochs x 20 USD per million tokens" in told.basis
    assert (BASE, "gemini-3.1-flash-lite") == (told.base_model, told.replacement)


def test_the_command_is_one_that_is_accepted(world):
    registered(world, "one", more="[tuning]\nepochs = 4\n")
    world.settings.__dict__["allowed_base_models"] = (BASE, "gemini-3.1-flash-lite")
    (told,) = watched(world, 30)
    uri, recipe, override = told.command.split()[2:7:2]
    field, _, value = override.partition("=")

    outcome = world.request(dataset_uri=uri, recipe=recipe, overrides={field: value})

    assert "accepted" == outcome.code


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
    world.tunings.end("JOB_STATE_SUCCEEDED", tuned_model="m", endpoint="e")
    world.tick()

    (told,) = watched(world, 30)

    assert "tunedrop request gs://test-intake/one.jsonl --set" in told.command


def _gemini():
    from support.datasets import good_lines
    from tunedrop.domain.formats import Format

    return good_lines(Format.GEMINI, 20)


def test_only_champions_are_asked_about_and_the_first_to_end_comes_first(world):
    crown(world, registered(world, "one"))
    registered(world, "two", recipe="other")

    assert ["bot", "other"] == [each.recipe for each in watched(world, 30)]
