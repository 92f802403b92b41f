"""The forecast: what a good file would start and cost, what stands in a bad one's way, in one shape for all."""

from array import array
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tunedrop.catalog import load_catalog
from tunedrop.domain.checks import CheckResult, Lines
from tunedrop.domain.findings import RULES, Code, Finding, LineFinding
from tunedrop.domain.split import Holdout
from tunedrop.domain.tuning import evaluation_share_problems
from tunedrop.handlers.limits import check_options, evaluation_limits
from tunedrop.planning import (
    MOST_EVALUATION_ROWS,
    Place,
    evaluation_bounds,
    facts_of,
    forecast,
    holdout_of,
    plan_run,
    route_recipe,
)
from tunedrop.recipes import recipe_from_mapping

CATALOG = load_catalog()
TODAY = date(2026, 11, 26)
GEMINI = {"base_model": "gemini-3.5-flash"}
CODE = {"base_model": "code-bison@002", "on_retired": "try"}
OWN = {
    "pipeline": {
        "template_uri": "https://us-kfp.pkg.dev/my-project/templates/tune/v1",
        "dataset_format": "code-generation",
        "parameters": {"train": "{dataset_uri}"},
    }
}


def checked(rows=600, *, hashes=None, **changes):
    """The result of a good file of *rows* rows of 4,000 characters each."""
    result = CheckResult(
        verdict="accepted",
        dataset_format=None,
        base_model=None,
        dataset_digest="0" * 64,
        size_bytes=1,
        ends_with_lf=True,
        lines=Lines(used=rows),
        findings=(),
        statistics={"turns": 2 * rows, "characters": {"total": 4000 * rows}},
        content_hashes=array("Q", range(1, rows + 1) if hashes is None else hashes),
    )
    return replace(result, **changes)


def rejected(*codes, used=8, count=2):
    findings = tuple(
        Finding(code, RULES[code].severity, 3, LineFinding(code, "a message", 1), count, [3])
        for code in codes
    )
    return checked(verdict="rejected", findings=findings, lines=Lines(used=used, rejected=count))


def way(mapping, **sections):
    recipe = recipe_from_mapping({**mapping, **sections}, source="r.toml")
    return {"recipe": recipe, "route": route_recipe(recipe, CATALOG, today=TODAY)}


def entry(name):
    return CATALOG.find(name)


def test_a_good_file_says_what_its_upload_would_start():
    result = forecast(checked(), **way(GEMINI))

    assert {} == result.split
    assert (3, None) == (result.statistics["epochs"], result.statistics["train_steps"])
    assert 18.0 == result.cost["usd"]
    assert (
        "Uploading the file starts a tuning of gemini-3.5-flash on 600 rows for 3 epochs. "
        "It costs about 18.00 USD."
    ) == result.next


def test_a_cost_has_its_basis_its_source_and_its_date():
    cost = forecast(checked(), **way(GEMINI)).cost

    assert ["usd", "usd_low", "usd_high", "basis", "source", "as_of"] == list(cost)
    assert cost["usd_low"] < cost["usd"] < cost["usd_high"]
    assert date.fromisoformat(cost["as_of"]) <= TODAY


@pytest.mark.parametrize(
    ("tuning", "epochs", "train_steps", "words"),
    [
        ({}, 4.0, 300, "for 4 epochs (300 steps)"),
        ({"epochs": 2}, 2.0, 150, "for 2 epochs (150 steps)"),
        ({"train_steps": 75}, 1.0, 75, "for 1 epoch (75 steps)"),
        ({"train_steps": 1}, 8 / 600, 1, "for 0.01 epochs (1 step)"),
    ],
    ids=["default", "epochs", "steps", "a step"],
)
def test_epochs_and_steps_are_told_in_both_ways(tuning, epochs, train_steps, words):
    result = forecast(checked(), **way(CODE, tuning=tuning))

    assert (epochs, train_steps) == (result.statistics["epochs"], result.statistics["train_steps"])
    assert words in result.next


def test_a_cost_that_nobody_knows_is_not_told():
    result = forecast(checked(), **way(CODE))

    assert result.cost["usd"] is None
    assert "What it costs is not known." in result.next


def test_a_trifle_is_not_told_as_nothing():
    assert (
        "less than 0.01 USD"
        in forecast(
            checked(statistics={"turns": 1, "characters": {"total": 100}}), **way(GEMINI)
        ).next
    )


def test_a_template_of_ones_own_is_forecast_without_a_length():
    result = forecast(checked(), **way(OWN))

    assert (None, None) == (result.statistics["epochs"], result.statistics["train_steps"])
    assert "a tuning of your own template on 600 rows. What it costs" in result.next


def test_held_out_rows_are_told_and_not_trained_on():
    result = forecast(checked(), **way(GEMINI, evaluation={"holdout": 0.1}))

    assert {
        "holdout": 0.1,
        "held_out_rows": 60,
        "training_rows": 540,
        "bounds": [1, 1000],
    } == result.split
    assert "on 540 rows" in result.next
    assert 16.2 == result.cost["usd"]


def test_an_evaluation_file_takes_no_row_from_training():
    result = forecast(checked(), **way(GEMINI), evaluation_count=40)

    assert {"evaluation_rows": 40, "training_rows": 600} == result.split
    assert 18.0 == result.cost["usd"]


def test_a_split_that_cannot_be_had_is_told_with_the_numbers_it_needs():
    result = forecast(checked(10), **way(CODE, evaluation={"holdout": 0.1}))

    assert {
        "holdout": 0.1,
        "held_out_rows": None,
        "training_rows": None,
        "bounds": [10, 250],
    } == result.split
    assert {} == result.cost
    assert "epochs" not in result.statistics
    assert result.next.startswith("Nothing will be tuned on it.")
    assert "between 10 and 250 examples to hold out" in result.next


@pytest.mark.parametrize(
    ("mapping", "sections", "evaluation_count"),
    [
        (GEMINI, {}, None),
        (GEMINI, {"evaluation": {"holdout": 0.25}, "tuning": {"epochs": 2}}, None),
        (GEMINI, {}, 50),
        (CODE, {"evaluation": {"holdout": 0.1}}, None),
        ({**CODE, "on_retired": "reroute"}, {"tuning": {"train_steps": 150}}, None),
    ],
    ids=["gemini", "gemini-held-out", "gemini-file", "code-held-out", "rerouted"],
)
def test_the_forecast_and_the_plan_agree(mapping, sections, evaluation_count):
    result, going = checked(), way(mapping, **sections)
    place = Place(
        project="p",
        region="us-central1",
        allowed_base_models=CATALOG.names(),
    )
    facts = facts_of(result, holdout_of(**going, result=result), evaluation_count)

    plan = plan_run(going["recipe"], going["route"], facts, place).to_record()
    seen = forecast(result, **going, evaluation_count=evaluation_count)

    assert plan["cost"] == seen.cost
    assert (plan["epochs"], plan["train_steps"]) == (
        seen.statistics["epochs"],
        seen.statistics["train_steps"],
    )
    assert facts.example_count == seen.split.get("training_rows", 600)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (
            rejected(Code.NOT_JSON, Code.EMPTY_TEXT),
            "2 lines stand in the way. Correct what is listed, or leave those lines out: tunedrop check --fix",
        ),
        (rejected(Code.NOT_JSON, count=1), "1 line stands in the way."),
        (rejected(Code.NOT_JSON, Code.TOO_FEW_EXAMPLES), "Add examples. Then check the file"),
        (rejected(Code.NOT_JSON, used=0), "Correct the JSON"),
        (checked(verdict="rejected"), "Correct what is listed."),
    ],
    ids=["lines", "a line", "the file", "every line", "no error"],
)
def test_a_bad_file_says_what_stands_in_the_way_and_the_next_command(result, words):
    seen = forecast(result, **way(GEMINI))

    assert seen.next.startswith(words)
    assert "tunedrop check" in seen.next
    assert ({}, {}) == (seen.split, seen.cost)
    assert seen.statistics == result.statistics


def test_nothing_is_forecast_where_nobody_knows_what_would_be_tuned():
    result = checked()

    assert result == forecast(result, recipe=None, route=None)


def test_nothing_is_forecast_of_texts_that_were_not_looked_at():
    result = checked(statistics={"turns": 2}, hashes=())

    seen = forecast(result, **way(GEMINI, evaluation={"holdout": 0.1}))

    assert ({}, {}) == (seen.split, seen.cost)
    assert "Only the structure was checked" in seen.next


@pytest.mark.parametrize(
    ("name", "rows", "bounds"),
    [
        ("code-bison@002", 1_000_000, (10, 250)),
        ("codechat-bison@002", 1_000_000, (1, MOST_EVALUATION_ROWS)),
        ("gemini-3.5-flash", 10, (1, 1000)),
        ("gemini-3.5-flash", 4333, (1, 1000)),
        ("gemini-3.5-flash", 4337, (1, 1000)),
        ("gemini-3.5-flash", 4338, (1, 1001)),
        ("gemini-3.5-flash", 13_000, (1, 3000)),
        ("gemini-3.5-flash", 21_666, (1, 4999)),
        ("gemini-3.5-flash", 21_667, (1, 5000)),
        ("gemini-3.5-flash", 10_000_000, (1, 5000)),
    ],
)
def test_the_bounds_of_an_evaluation_set_are_the_documented_ones(name, rows, bounds):
    assert bounds == evaluation_bounds(entry(name), rows)


@given(rows=st.integers(2, 60_000))
def test_the_most_that_may_be_held_out_keeps_the_services_rule_and_no_more_does(rows):
    limits = entry("gemini-3.5-flash").evaluation
    _, most = evaluation_bounds(entry("gemini-3.5-flash"), rows)

    def problems(count):
        return count > limits.max_examples or evaluation_share_problems(
            count,
            rows - count,
            max_share=limits.max_share_of_training,
            applies_above=limits.share_applies_above,
        )

    assert not problems(most)
    assert problems(most + 1)


def test_a_wish_beyond_the_share_of_training_is_cut_to_it():
    result = checked(10_000)

    holdout = holdout_of(**way(GEMINI, evaluation={"holdout": 0.5}), result=result)

    assert Holdout(2307, 2307) == holdout


def test_without_a_wish_nothing_is_held_out():
    assert holdout_of(**way(GEMINI), result=checked()) is None


def test_a_recipe_becomes_the_options_of_a_check():
    recipe = way(
        GEMINI, tolerate=0.1, strict=True, severities={"lossy": "off"}, evaluation={"holdout": 0.1}
    )["recipe"]
    prompts = frozenset({7})

    options = check_options(recipe, allowed_buckets=frozenset({"b"}), evaluation_prompts=prompts)

    assert (0.1, True, {"lossy": "off"}) == (
        options.tolerate,
        options.is_strict,
        options.severities,
    )
    assert (frozenset({"b"}), prompts) == (options.allowed_buckets, options.evaluation_prompts)
    assert (True, True) == (options.with_content_hashes, options.with_prompt_hashes)


@pytest.mark.parametrize("mapping", [None, GEMINI, OWN], ids=["none", "base-model", "template"])
def test_hashes_are_kept_only_where_something_is_done_with_them(mapping):
    recipe = mapping and way(mapping)["recipe"]

    training = check_options(recipe, allowed_buckets=frozenset())
    evaluation = check_options(recipe, allowed_buckets=frozenset(), is_evaluation=True)

    assert (False, False) == (training.with_content_hashes, training.with_prompt_hashes)
    assert (True, True) == (evaluation.with_content_hashes, evaluation.with_prompt_hashes)


@pytest.mark.parametrize(
    ("name", "most"),
    [("gemini-3.5-flash", 5000), ("codechat-bison@002", MOST_EVALUATION_ROWS)],
)
def test_an_evaluation_file_always_has_an_upper_bound(name, most):
    assert most == evaluation_limits(entry(name)).max_examples
