"""The page about results says what is: its endings, its policies and its commands are the code's."""

import re
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from tunedrop.cli.main import cli
from tunedrop.domain.endings import TABLE
from tunedrop.domain.job_states import JobState, job_state
from tunedrop.recipes.model import Promotion
from tunedrop.reports.run_advice import ENDS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "results.md").read_text()


def cells(heading):
    """The cells of the table whose first head begins so, row by row."""
    table = re.search(rf"\| {re.escape(heading)}[^\n]*\n\|[-|]+\n((?:\|.*\n)+)", PAGE)[1]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


@pytest.mark.parametrize("row", [row for row in cells("the job") if row[1]], ids=lambda row: row[0])
def test_each_ending_is_the_tables(row):
    states = [job_state(f"JOB_STATE_{name}") for name in re.findall(r"[A-Z_]{4,}", row[0])]
    endings = [TABLE[state][0] for state in states if state in JobState]

    for ending in endings:
        assert f"`{ending.state.value}`" in row[1]
        assert not ending.is_end or f"`{ending.code}`" in row[1]


def test_each_code_of_a_failure_has_words():
    assert set() == {code for _, code in re.findall(r"`(failed|cancelled)`: `(\w+)`", PAGE)} - {
        *ENDS
    }


def test_the_policies_are_the_recipes():
    policies = [row[0].strip("`") for row in cells("policy")]

    assert {*get_args(Promotion.model_fields["policy"].annotation)} == {*policies}


@pytest.mark.parametrize("page", ["results.md", "evaluation.md", "operations.md"])
def test_every_command_that_is_named_exists(page):
    named = {*re.findall(r"tunedrop ([a-z-]+) ", (DOCS / page).read_text())} & {*cli.commands}
    missing = [name for name in named if CliRunner().invoke(cli, [name, "--help"]).exit_code]

    assert named
    assert [] == missing
