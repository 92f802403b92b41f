"""A verdict says what was found, what would be trained on and what it costs, and leaves what later steps need."""

import json

import pytest

from support.datasets import line, row
from support.world import World
from tunedrop.domain.formats import Format, content_hash, conversation_of, read_example
from tunedrop.domain.split import hashes_from_bytes
from tunedrop.domain.staging import LineMap

CODE_RECIPE = 'base_model = "code-bison@002"\n'
GEMINI_RECIPE = 'base_model = "gemini-3.5-flash"\n'
HOLDOUT = "[evaluation]\nholdout = 0.25\n"
EVALUATION = '[evaluation]\ndataset = "e.eval.jsonl"\n'
SECRET = "xyzzy-plugh"


def rows(numbers, dataset_format=Format.CODE_GENERATION):
    return b"".join(line(row(dataset_format, number)) for number in numbers)


@pytest.fixture
def world():
    return World()


def verdict_of(world, recipe, data, **metadata):
    """Drop a recipe and a dataset; the dataset's verdict."""
    world.drop("bot/recipe.toml", recipe)
    outcome = world.drop("bot/x.jsonl", data, **metadata)
    return world.record(f"verdicts/{outcome.drop_id}.json")


def verdict_beside(world, evaluation, data, *, recipe=CODE_RECIPE):
    """The same with an evaluation file that the recipe names."""
    world.drop("bot/e.eval.jsonl", evaluation)
    return verdict_of(world, recipe + EVALUATION, data)


def work(world, path):
    return world.store.read("test-work", path, max_bytes=10**7)


def findings(result):
    return {finding["code"]: finding for finding in result["findings"]}


@pytest.mark.parametrize(
    "recipe",
    [CODE_RECIPE, GEMINI_RECIPE, CODE_RECIPE + HOLDOUT, GEMINI_RECIPE + HOLDOUT],
    ids=["pipeline", "gemini", "pipeline-held-out", "gemini-held-out"],
)
def test_an_accepted_verdict_says_the_same_in_its_result_as_in_its_plan(world, recipe):
    verdict = verdict_of(world, recipe, rows(range(60)))

    plan, result = verdict["plan"], verdict["result"]
    assert "accepted" == result["verdict"] == verdict["outcome"]
    assert plan["cost"] == result["cost"]
    assert (plan["epochs"], plan["train_steps"]) == (
        result["statistics"]["epochs"],
        result["statistics"]["train_steps"],
    )
    assert verdict["training"]["rows"] == result["split"].get("training_rows", 60)
    assert f"on {verdict['training']['rows']} rows" in result["next"]


def test_a_rejected_verdict_says_what_stands_in_the_way(world):
    verdict = verdict_of(world, CODE_RECIPE, rows(range(20)) + b"oops\n")

    assert "not_json" == verdict["code"]
    assert verdict["result"]["next"].startswith("1 line stands in the way.")
    assert {} == verdict["result"]["cost"]


@pytest.mark.parametrize(
    ("recipe", "data", "words"),
    [
        (CODE_RECIPE + HOLDOUT, rows([1] * 20), "can only be held out together, 0 or 20 of them"),
        (CODE_RECIPE + "[tuning]\nadapter_size = 4\n", rows(range(20)), "tuning.adapter_size"),
    ],
    ids=["split", "plan"],
)
def test_a_good_file_that_will_not_be_tuned_on_says_why(world, recipe, data, words):
    verdict = verdict_of(world, recipe, data)

    assert ("rejected", "accepted") == (verdict["outcome"], verdict["result"]["verdict"])
    assert verdict["result"]["next"].startswith("Nothing will be tuned on it.")
    assert words in verdict["result"]["next"]


def test_prompts_of_the_evaluation_file_are_found_in_the_dataset(world):
    verdict = verdict_beside(world, rows(range(50, 62)), rows([*range(20), 55, 51]))

    found = findings(verdict["result"])["overlap_with_evaluation"]
    assert "accepted" == verdict["outcome"]
    assert (2, [21, 22]) == (found["count"], found["lines"])
    assert {"evaluation_rows": 12, "training_rows": 22} == verdict["result"]["split"]
    assert "accepted" == verdict["evaluation_result"]["verdict"]


def test_a_rejected_evaluation_file_rejects_the_drop_and_both_files_are_told_about(world):
    verdict = verdict_beside(world, rows(range(50, 62)) + b"oops\n", rows([*range(20), 3]))

    assert ("rejected", "evaluation_rejected") == (verdict["outcome"], verdict["code"])
    assert {"exact_duplicate"} <= set(findings(verdict["result"]))
    assert "evaluation file is rejected" in verdict["result"]["next"]
    assert {"not_json"} <= set(findings(verdict["evaluation_result"]))
    assert "1 line stands in the way." in verdict["evaluation_result"]["next"]


def test_a_dataset_and_an_evaluation_file_that_are_both_bad_are_both_told_about(world):
    verdict = verdict_beside(world, rows(range(12)) + b"oops\n", rows(range(20)) + b"[]\n")

    assert "not_object" == verdict["code"]
    assert ["not_object"] == [*findings(verdict["result"])][:1]
    assert ["not_json"] == [*findings(verdict["evaluation_result"])][:1]


def test_an_evaluation_file_that_is_too_long_is_refused_unread():
    world = World(max_dataset_bytes=1000)
    verdict = verdict_beside(world, rows(range(50)), rows(range(10)))

    assert ("too_large", "evaluation") == (verdict["code"], verdict["problems"][0]["where"])


def test_an_evaluation_file_of_a_format_that_does_not_fit_is_refused_as_such(world):
    chats = rows(range(12), Format.GEMINI)
    verdict = verdict_beside(world, chats, rows(range(20)))

    assert ("format_does_not_fit", "evaluation") == (
        verdict["code"],
        verdict["problems"][0]["where"],
    )


@pytest.mark.parametrize(
    ("settings", "metadata"),
    [
        ("strict = true\n", {}),
        ('[severities]\nexact_duplicate = "error"\n', {}),
        ("", {"tunedrop-strict": "true"}),
        ("", {"tunedrop-severities-exact-duplicate": "error"}),
    ],
    ids=["strict", "severity", "metadata-strict", "metadata-severity"],
)
def test_a_recipe_can_make_the_check_stricter(world, settings, metadata):
    data = rows([*range(20), 7])
    before = verdict_of(world, CODE_RECIPE, data)

    verdict = verdict_of(world, CODE_RECIPE + settings, data, **metadata)

    assert ("accepted", "exact_duplicate") == (before["code"], verdict["code"])


@pytest.mark.parametrize(
    "settings",
    [
        'tolerate = 0.5\n[severities]\nexact_duplicate = "off"\npersonal_data = "note"\n',
        "rejects_with_rows = true\n",
    ],
    ids=["severities", "rejects"],
)
def test_how_the_check_is_done_makes_no_other_run_of_the_same_rows(world, settings):
    data = rows(range(30))

    first, second = (verdict_of(world, CODE_RECIPE + more, data) for more in ("", settings))

    assert first["run_key"] == second["run_key"]
    assert first["recipe"]["effective"] != second["recipe"]["effective"]


def test_personal_data_is_looked_for_where_the_recipe_asks_for_it(world):
    person = row(Format.CODE_GENERATION, 1, question="Who is ann@tide-tables.io?")
    data = rows(range(30)) + line(person)
    asking = CODE_RECIPE + '[severities]\npersonal_data = "warning"\n'

    silent, told = (verdict_of(world, recipe, data) for recipe in (CODE_RECIPE, asking))

    assert "personal_data" not in findings(silent["result"])
    assert [31] == findings(told["result"])["personal_data"]["lines"]
    assert "accepted" == told["outcome"]


@pytest.mark.parametrize(
    ("overrides", "data", "expected"),
    [
        ({"tolerate": 0.1}, rows(range(30)) + b"oops\n", "accepted"),
        ({"evaluation.holdout": 0.4}, rows(range(30)), "accepted"),
        ({"strict": True}, rows(range(30)), "below_recommended"),
        ({"tuning.epoch": 1}, rows(range(30)), "unknown_field"),
        ({"tuning.adapter_size": 3}, rows(range(30)), "invalid_value"),
    ],
    ids=["tolerate", "holdout", "strict", "unknown", "wrong"],
)
def test_overrides_of_the_default_recipe_tell_the_check_what_to_do(
    world, overrides, data, expected
):
    world.store.put("test-intake", "x.jsonl", data)

    outcome = world.request(dataset_uri="gs://test-intake/x.jsonl", overrides=overrides)

    assert expected == world.record(f"verdicts/{outcome.drop_id}.json")["code"]


def rejects_of(world, verdict):
    """The published list of a verdict, and its object."""
    (name,) = [
        name
        for name in world.store.names("test-reports", "drops/bot-x-jsonl")
        if name.endswith(f"/{verdict['rejects']['name']}")
    ]
    info, data = world.store.objects["test-reports"][name]
    return info, [json.loads(each) for each in data.splitlines()]


TOLERANT = CODE_RECIPE + "tolerate = 0.5\n"
FAULTY = b"oops\n" + rows(range(20)) + f'{{"{SECRET}": 1}}\n'.encode()


@pytest.mark.parametrize("recipe", [CODE_RECIPE, TOLERANT], ids=["rejected", "tolerated"])
def test_rejected_lines_are_listed_beside_the_page(world, recipe):
    verdict = verdict_of(world, recipe, FAULTY)

    info, listed = rejects_of(world, verdict)
    assert (2, False) == (verdict["rejects"]["count"], verdict["rejects"]["with_rows"])
    assert [(1, "not_json"), (22, "unknown_key")] == [
        (each["line"], each["code"]) for each in listed
    ]
    assert all(each["remedy"] and "row" not in each for each in listed)
    assert info.name.rpartition("/")[0] == next(
        name.rpartition("/")[0]
        for name in world.store.names("test-reports", "drops/bot-x-jsonl")
        if name.endswith("/index.html")
    )


@pytest.mark.parametrize(
    ("asked", "allowed", "with_rows"),
    [(True, True, True), (True, False, False), (False, True, False)],
    ids=["both", "not-allowed", "not-asked"],
)
def test_rows_are_listed_only_where_recipe_and_deployment_both_allow_it(asked, allowed, with_rows):
    world = World(report_excerpts=allowed)
    wish = f"rejects_with_rows = {str(asked).lower()}\n"

    verdict = verdict_of(world, TOLERANT + wish, FAULTY)

    _, listed = rejects_of(world, verdict)
    assert with_rows == verdict["rejects"]["with_rows"]
    expected = ["oops", f'{{"{SECRET}": 1}}'] if with_rows else [None, None]
    assert expected == [each.get("row") for each in listed]


def test_without_rejected_lines_there_is_no_list(world):
    verdict = verdict_of(world, CODE_RECIPE, rows(range(20)))

    assert verdict["rejects"] is None
    assert not [name for name in world.store.names("test-reports", "") if "rejects" in name]


def test_a_redelivered_event_writes_no_list_and_no_hashes_again(world):
    world.drop("bot/recipe.toml", TOLERANT + HOLDOUT)
    info = world.store.put("test-intake", "bot/x.jsonl", FAULTY + rows(range(20, 60)))
    world.finalize(info)
    before = {
        (bucket, name): kept.generation
        for bucket in ("test-reports", "test-work")
        for name, (kept, _) in world.store.objects[bucket].items()
    }

    world.finalize(info)

    assert before == {
        (bucket, name): kept.generation
        for bucket in ("test-reports", "test-work")
        for name, (kept, _) in world.store.objects[bucket].items()
    }


def test_another_question_about_the_same_bytes_has_a_list_of_its_own(world):
    verdict = verdict_of(world, TOLERANT, FAULTY)
    outcome = world.request(
        dataset_uri="gs://test-intake/bot/x.jsonl", overrides={"rejects_with_rows": True}
    )

    other = world.record(f"verdicts/{outcome.drop_id}.json")
    assert [None, "oops"] == [rejects_of(world, each)[1][0].get("row") for each in (verdict, other)]


def test_a_file_that_is_overwritten_before_its_rows_are_read_again_is_superseded(world):
    world.drop("bot/recipe.toml", CODE_RECIPE + "rejects_with_rows = true\n")
    stream, reads = world.store.stream, []

    def overwritten(bucket, name, *, generation):
        reads.append(name)
        if len(reads) > 1:
            world.store.put(bucket, name, "other")
        return stream(bucket, name, generation=generation)

    world.store.stream = overwritten

    assert "superseded" == world.drop("bot/x.jsonl", FAULTY).code


def content_hashes(lines):
    examples = (read_example(each, Format.CODE_GENERATION) for each in lines)
    return sorted(content_hash(conversation_of(example)) for example in examples)


def test_hashes_of_held_out_rows_are_kept_with_the_run(world):
    verdict = verdict_of(world, CODE_RECIPE + HOLDOUT, rows(range(60)))

    kept = verdict["holdout_hashes"]
    held_out = work(world, verdict["evaluation"]["path"]).splitlines()
    hashes = hashes_from_bytes(work(world, kept["path"]))
    assert 15 == kept["count"] == verdict["split"]["count"] == len(held_out)
    assert content_hashes(held_out) == list(hashes)
    assert int(verdict["split"]["threshold"]) == max(hashes)


def test_hashes_of_an_evaluation_file_are_kept_for_every_row(world):
    verdict = verdict_beside(world, rows(range(50, 62)), rows(range(20)))

    kept = verdict["holdout_hashes"]
    assert 12 == kept["count"] == len(hashes_from_bytes(work(world, kept["path"])))


def test_the_same_rows_are_told_again_by_their_hashes_in_another_run(world):
    held_out = verdict_of(world, CODE_RECIPE + HOLDOUT, rows(range(60)))
    shown = work(world, held_out["evaluation"]["path"])
    again = verdict_beside(world, shown, rows(range(100, 120)), recipe=GEMINI_RECIPE)

    first, second = (
        hashes_from_bytes(work(world, verdict["holdout_hashes"]["path"]))
        for verdict in (held_out, again)
    )
    assert first == second


def test_without_rows_that_measure_no_hashes_are_kept(world):
    verdict = verdict_of(world, CODE_RECIPE, rows(range(20)))

    assert verdict["holdout_hashes"] is None
    assert [] == world.store.names("test-work", "holdout/")


def test_both_parts_of_a_split_lead_back_to_the_lines_that_were_dropped(world):
    data = rows(range(60))
    verdict = verdict_of(world, CODE_RECIPE + HOLDOUT, data)

    dropped = data.splitlines()
    for part in ("training", "evaluation"):
        line_map = LineMap.from_bytes(work(world, verdict[part]["line_map"]))
        staged = work(world, verdict[part]["path"]).splitlines()
        assert len(staged) == len(line_map)
        assert staged == [dropped[line_map.source_line(n) - 1] for n in range(1, len(staged) + 1)]


def test_a_mended_evaluation_file_leads_back_to_its_own_lines(world):
    evaluation = rows(range(50, 56)) + b"\n\n" + rows(range(56, 62))
    verdict = verdict_beside(world, evaluation, rows(range(20)))

    line_map = LineMap.from_bytes(work(world, verdict["evaluation"]["line_map"]))
    assert [6, 9, 14] == [line_map.source_line(n) for n in (6, 7, 12)]
    assert "" == verdict["training"]["line_map"]
