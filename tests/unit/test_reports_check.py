"""What is shown of a check on somebody's own machine, and of what a dataset holds."""

import json

import pytest

from support import records
from support.pages import Page
from tunedrop.domain.checks.result import CheckResult, Lines
from tunedrop.reports.rendering import check_page_view, render_check

EMPTY = {
    "verdict": "accepted",
    "dataset_format": None,
    "base_model": None,
    "dataset_digest": "",
    "size_bytes": 0,
    "ends_with_lf": True,
    "lines": Lines(),
    "findings": (),
    "statistics": {},
    "content_hashes": None,
}


def view_of(verdict="accepted", *, name="bot/train.jsonl", **changes):
    return check_page_view(records.full_result(verdict, **changes), name=name)


def text_of(verdict="accepted", **changes):
    return Page(render_check(view_of(verdict, **changes))).text


@pytest.mark.parametrize("verdict", ["accepted", "rejected"])
def test_the_data_makes_the_same_page_when_it_is_read_back(verdict):
    view = view_of(verdict)

    read_back = json.loads(json.dumps(view, allow_nan=False))

    assert view == read_back
    assert render_check(view) == render_check(read_back)


@pytest.mark.parametrize(
    ("verdict", "headline", "summary"),
    [
        (
            "accepted",
            "Accepted. It can be tuned on.",
            "120 usable examples, code-generation, held against the limits of code-bison@002.",
        ),
        (
            "rejected",
            "Rejected. It cannot be tuned on yet.",
            "1 of 120 lines is rejected. Line 3: The line is not JSON.",
        ),
    ],
)
def test_the_verdict_comes_first(verdict, headline, summary):
    text = text_of(verdict)

    assert text.startswith(f"{headline} bot/train.jsonl tunedrop check {headline}")
    assert text.index(summary) < text.index("What")


def test_an_accepted_file_s_next_step_is_its_upload():
    assert ["tunedrop drop bot/train.jsonl"] == view_of()["next"]["commands"]


def test_a_file_with_bad_lines_can_be_mended_by_leaving_them_out():
    assert [
        "tunedrop check --fix fixed.jsonl bot/train.jsonl",
        "tunedrop drop fixed.jsonl",
    ] == view_of("rejected")["next"]["commands"]


def test_what_the_result_says_of_the_next_step_is_said():
    said = "Uploading the file starts a tuning of code-bison@002 on 108 rows."

    assert said == view_of(next=said)["next"]["text"]


def test_a_good_file_that_its_base_model_does_not_take_is_told_why():
    refused = {**records.full_result(), "verdict": "rejected", "next": "convert the file"}

    assert "convert the file" == check_page_view(refused, name="train.jsonl")["next"]["text"]


def test_a_good_file_that_nothing_will_be_tuned_on_is_not_to_be_uploaded():
    from tunedrop.planning.forecast import blocked

    said = blocked(CheckResult(**EMPTY), "The base model is retired.").next

    view = view_of(next=said)

    assert ("wait", "What to do", []) == (
        view["tone"],
        view["next"]["title"],
        view["next"]["commands"],
    )
    assert "The base model is retired." in view["next"]["text"]


def test_standard_input_is_called_by_its_name_and_its_commands_name_a_file():
    view = view_of("rejected", name="-")

    assert "standard input" == view["name"]
    assert "tunedrop check --fix fixed.jsonl FILE" == view["next"]["commands"][0]


def test_the_page_says_how_much_the_file_holds_and_how_sure_the_estimate_is():
    text = text_of()

    for said in (
        "Estimated tokens 57,645",
        "Repetitions 12",
        "Prompts with two answers 3",
        "Epochs 3.04 Training steps 41",
        "Tokens per example, p95 256 1,400 1,536",
        "Tokens are estimated as characters / 4; its error band, 0.231 to 0.317 tokens a character",
        "makes 53,264 to 73,094 in all.",
    ):
        assert said in text


def test_the_page_says_how_the_rows_are_split_and_between_which_bounds():
    text = text_of()

    assert "108 to train on 12 held out for evaluation, 10 %" in text
    assert "Asked for: 10 %. This base model takes 10 to 250 evaluation rows." in text


def test_a_separate_evaluation_file_is_the_other_side_of_the_split():
    text = text_of(split={"training_rows": 120, "evaluation_rows": 30})

    assert (
        "120 to train on 30 in the evaluation file No row of the evaluation file is trained on."
        in text
    )


def test_a_split_that_cannot_be_had_is_not_drawn():
    split = {"holdout": 0.1, "held_out_rows": None, "training_rows": None, "bounds": [10, 11]}

    assert view_of(split=split)["check"]["split"] is None


def test_the_cost_stands_with_its_source_and_date():
    text = text_of()

    assert "$12.50 , between $11.50 and $15.88" in text
    assert "Source: the price list, as of 2026-11-20." in text


def test_each_histogram_can_be_heard_and_read_as_a_table():
    page = Page(render_check(view_of()))

    labels = [value for key, value in page.attributes if key == "aria-label"]
    assert (
        "Input: 90 of 120 examples have 64 to 127 characters; the shortest have 64 to 127,"
        " the longest 256 to 511"
    ) in labels
    assert "As a table Characters Examples 64 to 127 90 128 to 255 0 256 to 511 30" in page.text


def test_languages_of_code_are_ranked_and_parsed_blocks_are_told():
    text = text_of()

    assert "python 81 sql 9 no language named 6" in text
    assert "81 blocks were parsed; 2 of them do not parse." in text


@pytest.mark.parametrize(
    "statistics", [{}, {"examples": 3}, {"examples": 3, "turns": 6}, {"examples": 0}], ids=repr
)
def test_a_result_that_says_less_is_shown_as_far_as_it_goes(statistics):
    result = {**records.full_result(), "statistics": statistics, "split": {}, "cost": {}}

    page = Page(render_check(check_page_view(result, name="train.jsonl")))

    assert [] == page.faults
    assert "not known" not in page.text.lower()
    assert ("Examples 3" in page.text) == bool(statistics.get("examples"))


def test_a_check_s_page_leads_to_no_report():
    page = Page(render_check(view_of("rejected")))

    assert [] == [link for link in page.links if not link.startswith("#")]
    assert "nothing was uploaded" in page.text
