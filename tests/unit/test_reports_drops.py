"""What is shown of a drop, outcome by outcome."""

import json

import pytest

from support import records
from support.pages import Page
from support.world import settings
from tunedrop.reports.rendering import drop_view, render_drop
from tunedrop.reports.statistics_view import statistics_view

PAGE = "gs://test-reports/drops/support-bot-train-jsonl-4710904e57ea/index.html"
JUDGED = {"accepted", "rejected"}


def view_of(outcome, *, verdict=None, deployment=None, **changes):
    judged = verdict or (records.verdict(outcome) if outcome in JUDGED else None)
    return drop_view(deployment or settings(), records.receipt(outcome, **changes), judged)


def text_of(outcome, **changes):
    return Page(render_drop(view_of(outcome, **changes))).text


@pytest.mark.parametrize("outcome", records.OUTCOMES)
def test_the_verdict_comes_first_on_the_page_of_every_outcome(outcome):
    view = view_of(outcome)

    page = Page(render_drop(view))

    assert [] == page.faults
    assert 1 == page.tags.count("h1")
    assert page.text.index(view["headline"]) < page.text.index(view["next"]["title"])
    assert view["next"]["text"] in page.text


@pytest.mark.parametrize("outcome", records.OUTCOMES)
def test_the_data_of_every_outcome_makes_the_same_page_when_it_is_read_back(outcome):
    view = view_of(outcome)

    read_back = json.loads(json.dumps(view, allow_nan=False))

    assert view == read_back
    assert render_drop(view) == render_drop(read_back)


def test_every_outcome_has_a_headline_of_its_own():
    assert len(records.OUTCOMES) == len({view_of(o)["headline"] for o in records.OUTCOMES})


def test_a_drop_whose_run_is_rehearsed_says_so_and_promises_no_model():
    verdict = records.verdict("accepted", recipe=records.recipe(name=records.REHEARSAL))

    view = view_of("accepted", verdict=verdict)

    text = Page(render_drop(view)).text
    assert (True, "good") == (view["rehearsal"], view["tone"])
    assert text.startswith("Accepted. Its run is rehearsed, and not launched.")
    assert "What would be launched" in text
    assert "tuned model" not in view["next"]["text"]
    assert not view_of("accepted")["rehearsal"]


def test_an_outcome_that_a_later_version_adds_still_gets_a_page():
    view = view_of("too_slow_to_check")

    assert "Recorded as too_slow_to_check." == view["headline"]
    assert "too_slow_to_check" in Page(render_drop(view)).text


def test_the_view_of_a_rejected_drop():
    asked = {"requester": "ada", "correlation_id": "c-1"}

    view = view_of("rejected", asked=asked)

    link = "https://storage.cloud.google.com/" + PAGE.removeprefix("gs://")
    expected = {
        "schema_version": 1,
        "kind": "drop",
        "outcome": "rejected",
        "rehearsal": False,
        "launched": False,
        "code": "not_json",
        "headline": "Rejected. Nothing was launched.",
        "tone": "bad",
        "summary": "5 of 120 lines are rejected. Line 3: The line is not JSON.",
        "deployment": "tunedrop",
        "at": "2026-11-23T12:00:00+00:00",
        "drop_id": records.DROP_ID,
        "object": {
            "uri": "gs://test-intake/support-bot/train.jsonl",
            "bucket": "test-intake",
            "name": "support-bot/train.jsonl",
            "generation": "1700000000000005",
            "size_bytes": 9740,
        },
        "asked": {
            "requester": "ada",
            "correlation_id": "c-1",
            "priority": 5,
            "recipe": None,
            "inline_recipe": None,
            "overrides": {},
        },
        "recipe": {
            "name": "support-bot",
            "source": "gs://test-intake/support-bot/recipe.toml",
            "effective": {},
        },
        "check": {
            "format": "code-generation",
            "base_model": "code-bison@002",
            "digest": "d6" * 32,
            "lines": {"physical": 120, "used": 110, "fixed": 2, "rejected": 5, "blank": 3},
            "findings": [
                {
                    "code": "not_json",
                    "severity": "error",
                    "count": 5,
                    "lines": [3, 7, 8, 9, 40],
                    "first_line": 3,
                    "column": None,
                    "meaning": records.meaning("not_json"),
                    "message": "expected a value",
                    "remedy": records.remedy("not_json"),
                },
                {
                    "code": "crlf",
                    "severity": "note",
                    "count": 1,
                    "lines": [2],
                    "first_line": 2,
                    "column": None,
                    "meaning": records.meaning("crlf"),
                    "message": "ends in CRLF",
                    "remedy": records.remedy("crlf"),
                },
            ],
            "statistics": statistics_view(
                {
                    "examples": 112,
                    "turns": 240,
                    "duplicates": 0,
                    "tokens": {"estimator": "characters / 4", "total": 1295},
                }
            ),
            "split": None,
            "cost": None,
        },
        "evaluation_check": None,
        "rejects": None,
        "problems": [],
        "training": None,
        "evaluation": None,
        "held_out": None,
        "plan": None,
        "run": None,
        "next": {
            "title": "What to do",
            "text": (
                "Correct the lines that are listed and upload the file again. Or leave them out:"
                " the first command writes a file of the lines that can be used, and the second"
                " uploads it. Nothing was spent."
            ),
            "address": "",
            "example": "",
            "commands": [
                "tunedrop check --fix fixed.jsonl train.jsonl",
                "gcloud storage cp fixed.jsonl gs://test-intake/support-bot/train.jsonl",
            ],
        },
        "index": "https://storage.cloud.google.com/test-reports/index.html",
        "report": {
            "uri": PAGE,
            "link": link,
            "data_uri": PAGE.replace("index.html", "report.json"),
            "data_link": link.replace("index.html", "report.json"),
        },
    }
    assert expected == view


def test_a_file_that_leaving_lines_out_does_not_mend_is_only_to_be_checked_again():
    found = [("not_json", 3, "expected a value"), ("too_few_examples", None, "9 usable examples")]
    verdict = records.verdict("rejected", result=records.result("rejected", found=found))

    view = view_of("rejected", verdict=verdict)

    assert ["tunedrop check train.jsonl"] == view["next"]["commands"]


def test_a_file_without_a_usable_line_is_only_to_be_checked_again():
    lines = {"physical": 1, "used": 0, "fixed": 0, "rejected": 1, "blank": 0}
    found = [("not_json", 1, "expected a value")]
    verdict = records.verdict(
        "rejected", result=records.result("rejected", lines=lines, found=found)
    )

    view = view_of("rejected", verdict=verdict)

    assert ["tunedrop check train.jsonl"] == view["next"]["commands"]
    assert "1 of 1 line is rejected. Line 1: The line is not JSON." == view["summary"]


def test_the_list_of_rejected_lines_is_linked_where_it_lies_beside_the_page():
    rejects = {"name": "rejects-5-c1b5095f.jsonl", "count": 5, "with_rows": False}
    verdict = records.verdict("rejected", rejects=rejects)

    view = view_of("rejected", verdict=verdict)

    page = Page(render_drop(view))
    assert PAGE.replace("index.html", rejects["name"]) == view["rejects"]["uri"]
    assert view["rejects"]["link"] in page.links
    assert "5 rejected lines stand in the list of rejects" in page.text
    assert "with what the line says" not in page.text


def test_findings_stand_in_groups_by_how_grave_they_are():
    text = text_of("rejected")

    assert text.index("Errors 1 kind, 5 in all") < text.index("not_json")
    assert text.index("not_json") < text.index("Notes 1 kind") < text.index("crlf")
    assert records.meaning("not_json") in text


def test_a_rejected_drop_s_page_names_lines_counts_and_remedies():
    text = text_of("rejected")

    for said in ("Line 3: expected a value", "5 times", "Lines 3, 7-9, 40.", "5 rejected"):
        assert said in text
    assert records.remedy("not_json") in text


def test_a_long_list_of_lines_is_folded_away():
    found = [("not_json", line, "expected a value") for line in range(2, 400, 2)]
    verdict = records.verdict("rejected", result=records.result("rejected", found=found))

    page = Page(render_drop(view_of("rejected", verdict=verdict)))

    assert "199 times The first 100 lines 2, 4, 6" in page.text
    assert "Line 2: expected a value" in page.text
    assert [] == page.faults


def test_an_accepted_drop_s_page_says_what_it_costs_takes_and_leads_to():
    page = Page(render_drop(view_of("accepted")))

    summary = "108 rows to tune code-bison@002 on; it should cost about $12.50, and it should take about 1 h 8 min."
    assert summary in page.text
    assert "between $11.50 and $15.88" in page.text
    assert "Source: the price list, as of 2026-11-20." in page.text
    run = f"https://storage.cloud.google.com/test-reports/runs/{records.RUN_ID}/index.html"
    assert run in page.links


def test_an_unknown_price_is_not_zero():
    cost = {**records.plan()["cost"], "usd": None, "usd_low": None, "usd_high": None}
    verdict = records.verdict("accepted", plan=records.plan(cost=cost))

    text = text_of("accepted", verdict=verdict)

    assert "its cost is not known" in text
    assert "Not known , which is not zero" in text
    assert "$" not in text


def test_a_drop_without_a_recipe_is_told_where_to_put_one_and_what_is_enough():
    view = view_of("waiting_for_recipe")

    assert "gs://test-intake/support-bot/recipe.toml" == view["next"]["address"]
    assert 'base_model = "gemini-3.5-flash"\n\n[tuning]\nepochs = 3\n' == view["next"]["example"]
    assert ["gcloud storage cp recipe.toml gs://test-intake/support-bot/recipe.toml"] == view[
        "next"
    ]["commands"]


def test_the_example_recipe_can_be_used():
    from tunedrop.recipes import parse_recipe

    recipe = parse_recipe(view_of("waiting_for_recipe")["next"]["example"].encode(), source="r")

    assert ("gemini-3.5-flash", 3) == (recipe.base_model, recipe.tuning.epochs)


def test_a_recipe_that_cannot_be_used_is_what_a_waiting_drop_s_page_shows():
    text = text_of("waiting_for_recipe", problems=[records.problem()])

    assert "cannot be used: correct what is listed" in text
    assert "did you mean epochs?" in text


def test_a_missing_evaluation_file_is_named_with_its_address():
    view = view_of("waiting_for_evaluation")

    assert "gs://test-intake/support-bot/day.eval.jsonl" == view["next"]["address"]


def test_a_good_recipe_starts_nothing_by_itself_and_its_page_names_the_command_that_does():
    view = view_of("recipe_accepted")

    assert "Editing a recipe starts nothing by itself." in view["next"]["text"]
    (command,) = view["next"]["commands"]
    assert "tunedrop request gs://test-intake/support-bot/train.jsonl" == command
    assert {"base_model": "code-bison@002", "tuning": {"epochs": 3.0}} == view["recipe"][
        "effective"
    ]


def test_a_name_that_is_not_read_is_answered_with_the_names_that_are():
    text = text_of("ignored_not_a_dataset")

    for name in (".jsonl", ".ndjson", "recipe.toml", ".eval.jsonl"):
        assert name in text


def test_a_superseded_drop_says_why():
    assert "deleted before it was looked at" in text_of("superseded")


def test_a_refused_recipe_or_request_is_shown_problem_by_problem():
    verdict = records.verdict("rejected", result=None, problems=[records.problem()])

    view = view_of("rejected", verdict=verdict, code="unknown_field")

    assert [records.problem()] == view["problems"]
    assert [] == view["next"]["commands"]
    assert "recipe.toml: tuning.epoch" in Page(render_drop(view)).text


def test_a_bad_evaluation_file_is_told_apart_from_a_bad_dataset():
    bad = records.verdict("rejected")["result"]
    verdict = records.verdict("rejected", result=records.result(), evaluation_result=bad)

    text = text_of("rejected", verdict=verdict, code="evaluation_rejected")

    assert "The evaluation file has errors; the dataset itself has none." in text
    assert "The evaluation file, line by line" in text


def test_commands_quote_names_that_a_shell_would_take_apart():
    view = view_of("rejected", name="a b/it's; rm -rf x.jsonl")

    quoted = "it'\"'\"'s; rm -rf x.jsonl'"
    assert [
        f"tunedrop check --fix fixed.jsonl '{quoted}",
        f"gcloud storage cp fixed.jsonl 'gs://test-intake/a b/{quoted}",
    ] == view["next"]["commands"]


def test_a_file_name_that_looks_like_an_option_is_not_taken_for_one():
    view = view_of("rejected", name="support-bot/--help.jsonl")

    assert "tunedrop check --fix fixed.jsonl ./--help.jsonl" == view["next"]["commands"][0]


def test_what_a_request_adds_is_shown():
    asked = {
        "requester": "ci",
        "correlation_id": "c-9",
        "recipe": "support-bot",
        "overrides": {"tuning.epochs": 5},
    }

    text = text_of("accepted", asked=asked)

    assert "Requested by ci" in text
    assert "Asked for tuning.epochs 5" in text


def test_the_local_cloud_s_pages_link_to_each_other_where_they_lie():
    local = settings(
        vertex_emulator_host="127.0.0.1:8085", vertex_emulator_rest_host="127.0.0.1:8086"
    )

    page = Page(render_drop(view_of("accepted", deployment=local)))

    assert f"../../runs/{records.RUN_ID}/index.html" in page.links
    assert "../../drops/support-bot-train-jsonl-4710904e57ea/report.json" in page.links


ENDED_BEFORE = {
    "failed": "failed",
    "cancelled": "cancelled",
    "refused": "refused",
    "load_failed": "tuned, and could not be called",
}


@pytest.mark.parametrize("state", ENDED_BEFORE)
def test_a_drop_whose_run_had_ended_names_the_command_that_goes_on_with_it(state):
    view = view_of("accepted", run_state=state)

    text = Page(render_drop(view)).text

    assert [f"tunedrop retry {records.RUN_ID}"] == view["next"]["commands"]
    assert "Accepted. Its run had ended before." == view["headline"]
    assert f"which was {ENDED_BEFORE[state]} when this was dropped" in text
    assert "dropping them again starts nothing" in text
    assert "What would be launched" in text


def test_a_drop_whose_run_is_registered_leads_to_its_model():
    view = view_of("accepted", run_state="registered")

    assert ("The same was tuned before.", "", []) == (
        view["headline"].removeprefix("Accepted. "),
        view["summary"],
        view["next"]["commands"],
    )


@pytest.mark.parametrize("state", ["", "queued", "superseded"])
def test_a_drop_whose_run_goes_on_is_on_its_way(state):
    view = view_of("accepted", run_state=state)

    assert ("Accepted. Its tuning run is on its way.", True) == (view["headline"], view["launched"])
