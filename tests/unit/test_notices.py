"""The card about a run: what it says, to whom it matters, and what it never holds."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from support import records, world
from tunedrop.domain.runs import ENDED, RunState
from tunedrop.reports.notices import MAX_NAME, TOLD, card_of

SETTINGS = world.settings()
RUN = records.RUN_ID
ENDINGS = {
    RunState.PROMOTED: "*It works, and it is the champion.* Version 2 is registered, served, and has answered a"
    " call. It is better than the champion before it, by more than the noise.",
    RunState.KEPT: "*It works.* Version 2 is registered, served, and has answered a call. Its recipe leaves it"
    " to a person who becomes champion.",
    RunState.FAILED: "*Failed.* The tuning job failed. (`job_failed`)",
    RunState.LOAD_FAILED: "*Tuned, but it cannot be called.* The job made a tuned model, but it could not be"
    " served, or did not answer a call. (`load_failed`)",
    RunState.CANCELLED: "*Cancelled.* The job was cancelled. (`job_cancelled`)",
    RunState.REFUSED: "*Refused by an operator.* Somebody refused the run; nothing was spent. (`refused`)",
    RunState.HELD: "*Held. Somebody has to approve it.* Its estimated price is above what a run may cost"
    " without an approval.",
    RunState.REHEARSED: "*Rehearsed. This would have been launched.* Everything was done but the create call:"
    " no job exists, and nothing was spent.",
}


def card(state, settings=SETTINGS, **changes):
    return card_of(settings, records.run(state, **changes))


def named(recipe):
    return records.accepted_detail(recipe=records.recipe(name=recipe))


@pytest.mark.parametrize("state", ENDINGS)
def test_every_end_and_every_hold_says_what_happened_in_plain_words(state):
    first, *_ = card(state).text.splitlines()

    assert ENDINGS[state] == first


def test_a_run_is_told_where_it_ends_and_where_it_waits_for_a_person():
    told = {state for state in RunState if card(state) is not None}

    assert ENDED - {RunState.SUPERSEDED} | {RunState.HELD} == TOLD == told == ENDINGS.keys()


def test_a_card_names_run_recipe_base_model_cost_page_and_next_command():
    accepted = records.accepted_detail()

    _, about, cost, page, command = card(RunState.FAILED).text.splitlines()

    recipe, base_model = accepted["recipe"]["name"], accepted["plan"]["base_model"]
    assert f"Run `{RUN}` of recipe `{recipe}` on `{base_model}`, deployment `tunedrop`" == about
    assert f"Estimated cost: ${accepted['plan']['cost']['usd']:,.2f}" == cost
    assert f"Page: https://storage.cloud.google.com/test-reports/runs/{RUN}/index.html" == page
    assert f"Next: `tunedrop show {RUN}`" == command


def test_an_evaluated_model_says_how_it_did_in_a_line_and_how_to_ask_it():
    lines = card(RunState.PROMOTED).text.splitlines()

    said = (
        "Evaluation: chrF 61.2 against 40.0 of the base model and 48.0 of the champion on 40 rows"
    )
    assert said == lines[2]
    assert f"Next: `tunedrop ask {RUN} 'Your question'`" == lines[-1]


def test_a_failure_names_the_users_line_where_it_is_known():
    lines = [{"row": 120, "line": 122, "file": "training"}]

    first, *_ = card(RunState.FAILED, detail={"lines": lines}).text.splitlines()

    assert "*Failed.* The tuning job failed. (`job_failed`, line 122 of your dataset)" == first


def test_a_held_run_names_the_command_that_lets_it_go_on():
    assert card(RunState.HELD).text.endswith(f"Next: `tunedrop approve {RUN}`")


def test_a_price_that_is_not_known_is_not_zero():
    accepted = records.accepted_detail()
    accepted["plan"] = {**accepted["plan"], "cost": {"usd": None}}

    assert "Estimated cost: not known" in card(RunState.HELD, accepted=accepted).text


def test_a_local_clouds_page_is_no_address_on_the_internet():
    local = world.settings(
        vertex_emulator_host="127.0.0.1:1", vertex_emulator_rest_host="127.0.0.1:2"
    )

    text = card(RunState.FAILED, local).text

    assert f"Page: gs://test-reports/runs/{RUN}/index.html" in text
    assert "https://" not in text


@pytest.mark.parametrize(
    ("recipe", "shown"),
    [
        ("<!channel> & <https://evil.test|click>", "&lt;!channel&gt; &amp; &lt;https://evil.test"),
        ("a`b` *c* _d_", "`a'b' *c* _d_`"),
        ("two\nlines\r\n and more", "`two lines and more`"),
        ("turned\u202earound", "`turned[U+202E]around`"),
        ("", "recipe `/` on"),
    ],
    ids=["markup", "backticks", "line-ends", "turned-text", "root"],
)
def test_a_folders_name_is_quoted_and_obeyed_by_nobody(recipe, shown):
    text = card(RunState.KEPT, accepted=named(recipe)).text

    assert shown in text
    assert 5 == len(text.splitlines())
    assert "<" not in text


def test_a_long_name_is_cut():
    text = card(RunState.FAILED, accepted=named("x" * 500)).text

    assert f"`{'x' * (MAX_NAME - 1)}…`" in text
    assert len(text) < 1000


def test_what_a_service_said_is_not_in_a_card():
    detail = {"message": "row 7 said 'my secret'", "violations": ["my secret"], "task": "my secret"}

    assert "my secret" not in card(RunState.FAILED, detail=detail).text


@pytest.mark.parametrize("state", sorted(TOLD))
def test_a_record_that_lacks_everything_still_makes_a_card(state):
    run = records.run(state)
    bare = replace(run.transitions[0], detail={})

    text = card_of(SETTINGS, replace(run, transitions=(bare, *run.transitions[1:]))).text

    assert "of recipe `/` on `no base model`" in text


def test_a_code_without_words_of_its_own_is_shown():
    text = card(RunState.FAILED, detail={"code": "brand_new"}).text

    assert "(`brand_new`)" in text


PAGE = (Path(__file__).parents[2] / "docs" / "notices.md").read_text()


def test_the_card_of_the_docs_is_one_that_would_be_sent():
    shown = PAGE.split("```\n")[1]

    sent = card(RunState.PROMOTED, world.settings(reports_bucket="my-project-tunedrop-reports"))

    assert shown == sent.text + "\n"


def test_the_docs_name_every_state_that_is_told():
    rows = [line for line in PAGE.splitlines() if "| `tunedrop " in line]

    assert {state.value for state in TOLD} == {
        name for row in rows for name in re.findall(r"`([a-z_]+)`", row)
    }
