"""A day's story in the docs is what the commands print when it happens."""

from pathlib import Path

import pytest

from support.busy_day import DROPS, BusyDay

PAGE = (Path(__file__).parents[2] / "docs" / "day.md").read_text(encoding="utf-8")


def shown():
    """The blocks of the page, in order."""
    return [block.partition("\n")[2].rstrip() for block in PAGE.split("```")[1::2]]


def printed(text):
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip()


@pytest.fixture(scope="module")
def day():
    """What the commands print at the moments of the story."""
    day, out = BusyDay(), []
    day.drop_all()
    out.append(day.listed())
    day.decide("approve", "cliff/a.jsonl", "within this month's budget")
    day.until(11, failing={"moor/a.jsonl"})
    out.append(day.listed())
    day.decide("retry", "moor/a.jsonl", "the service had a bad morning")
    out.append(day.listed("--waiting"))
    day.until(18)
    out.append(day.listed())
    return day, out


def test_the_page_shows_what_the_commands_print(day):
    assert [printed(text) for text in day[1]] == shown()


def test_the_story_is_the_one_that_was_asked_for(day):
    world, runs = day[0].world, day[0].runs
    states = {
        name: [step.state.value for step in world.run(run_id).transitions]
        for name, run_id in runs.items()
    }

    assert len(DROPS) == len(set(runs.values()))
    assert ["held"] == [step for step in states["cliff/a.jsonl"] if step == "held"]
    assert "superseded" == states["reef/v1.jsonl"][-1]
    assert [1, 2] == [
        states["moor/a.jsonl"].count("failed"),
        world.run(runs["moor/a.jsonl"]).attempt,
    ]
    assert len(DROPS) - 1 == sum(steps[-1] == "registered" for steps in states.values())
