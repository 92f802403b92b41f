"""Pages as the handlers publish them, from records that the handlers wrote."""

import json

from support.datasets import good_lines
from support.pages import Page
from support.world import World
from tunedrop.domain import places
from tunedrop.domain.formats import Format

RECIPE = b'base_model = "code-bison@002"\n[tuning]\nepochs = 3\n[evaluation]\nholdout = 0.1\n'
ROWS = b"".join(good_lines(Format.CODE_GENERATION, 120))


def published(world, prefix):
    """A page and its data."""
    page = world.store.read("test-reports", f"{prefix}index.html", max_bytes=10**7)
    data = world.store.read("test-reports", f"{prefix}report.json", max_bytes=10**7)
    return Page(page.decode()), json.loads(data)


def drop_page(world, name):
    return published(world, places.drop_report_prefix("test-intake", name))


def test_a_drop_that_waited_gets_another_page_when_its_recipe_arrives():
    world = World()
    world.drop("bot/train.jsonl", ROWS)
    waiting, _ = drop_page(world, "bot/train.jsonl")

    world.drop("bot/recipe.toml", RECIPE)
    world.deliver()
    page, data = drop_page(world, "bot/train.jsonl")

    assert "Waiting for a recipe." in waiting.text
    assert ("accepted", 120) == (data["outcome"], data["check"]["lines"]["physical"])
    assert "108 rows to tune code-bison@002 on" in page.text


def test_a_rejected_drop_s_page_quotes_no_dataset_text():
    world = World()
    world.drop("bot/recipe.toml", RECIPE)
    world.drop(
        "bot/train.jsonl", ROWS + b'{"input_text": "a secret", "output_txt": 1}\nsecret too\n'
    )

    page, data = drop_page(world, "bot/train.jsonl")

    assert "rejected" == data["outcome"]
    assert 2 == data["check"]["lines"]["rejected"]
    assert "secret" not in page.text + json.dumps(data)


def test_a_launched_run_s_page_follows_its_job():
    world = World()
    world.drop("bot/recipe.toml", RECIPE)
    accepted = world.drop("bot/train.jsonl", ROWS)
    world.deliver()

    page, data = published(world, places.run_report_prefix(accepted.run_id))

    assert "launched" == data["state"]
    assert "Launched. The job waits to run." in page.text
    assert data["job"]["name"] in page.text


def test_the_command_on_an_edited_recipe_s_page_leads_to_another_run():
    world = World()
    world.drop("bot/recipe.toml", RECIPE)
    first = world.drop("bot/train.jsonl", ROWS)
    edited = RECIPE.replace(b"epochs = 3", b"epochs = 4")
    world.drop("bot/recipe.toml", edited)

    _, data = drop_page(world, "bot/recipe.toml")
    asked = world.request(dataset_uri="gs://test-intake/bot/train.jsonl")
    again = world.request(dataset_uri="gs://test-intake/bot/train.jsonl")

    assert ["tunedrop request gs://test-intake/bot/train.jsonl"] == data["next"]["commands"]
    assert ("accepted", "answered_before") == (asked.code, again.code)
    assert first.run_id != asked.run_id == again.run_id
