"""A training's loss as `tunedrop show` draws it."""

import json

import pytest
from click.testing import CliRunner

from support.commands import commanded
from support.datasets import good_lines
from support.world import World
from tunedrop.cli.curve import FINE, PLAIN, drawing
from tunedrop.cli.main import cli
from tunedrop.domain.curves import METRICS, Point, Series
from tunedrop.domain.formats import Format
from tunedrop.domain.places import run_report_prefix

LOSS = Series(METRICS[0], tuple(Point(step, 200 / (step + 100)) for step in range(1, 301)))
EVALUATION = Series(
    METRICS[3], tuple(Point(step, 1 + abs(step - 160) / 200) for step in range(20, 301, 20))
)


def test_in_plain_ascii_the_best_evaluation_is_marked():
    assert [
        "",
        "loss   . training   o evaluation   @ best evaluation",
        "1.98 |.",
        "     | .",
        "     |  oo                  o o",
        "     |   . oo            o o",
        "     |    ..  o o     o o",
        "     |      ...  o @o",
        "     |         ....",
        "     |             ......",
        " 0.5 |                   ......",
        "     +-------------------------",
        "      1        step         300",
        "best evaluation: step 160, loss 1",
        "loss in training: 0.5 at step 300",
        "loss in evaluation: 1.7 at step 300",
    ] == drawing((LOSS, EVALUATION), width=32, pen=PLAIN)


def test_in_a_terminal_the_line_is_drawn_in_dots():
    text = "\n".join(drawing((LOSS, EVALUATION), width=80, pen=FINE))

    assert 1 == text.count(FINE.best) - 1
    assert any("\u2800" < character <= "\u28ff" for character in text)


@pytest.mark.parametrize("width", [1, 30, 80, 500])
@pytest.mark.parametrize("pen", [FINE, PLAIN], ids=["fine", "plain"])
def test_no_line_is_wider_than_the_terminal_or_what_can_be_read(width, pen):
    lines = drawing((LOSS, EVALUATION), width=width, pen=pen)

    assert max(map(len, lines[2:13])) <= min(max(width, 30), 76)


def test_last_numbers_alone_are_said_without_a_chart():
    last = Series(METRICS[0], (Point(50, 0.5),))

    assert ["", "loss in training: 0.5 at step 50"] == drawing((last,), width=80, pen=PLAIN)


def test_without_metrics_nothing_is_drawn():
    assert [] == drawing((), width=80, pen=FINE)


@pytest.fixture
def world():
    with commanded(World()) as world:
        yield world


def shown(world, report, *options):
    """What `show` prints of a run whose page has this data."""
    world.drop("x.jsonl", b"".join(good_lines(Format.GEMINI, 20)))
    world.deliver()
    (run_id,) = world.runs()
    if report is not None:
        world.store.put("test-reports", f"{run_report_prefix(run_id)}report.json", report)
    return CliRunner().invoke(cli, ["show", run_id, *options]).stdout


def test_show_draws_what_the_page_of_the_run_shows(world):
    curves = {"best": None, "series": [{"metric": METRICS[0], "points": [[1, 2.0], [9, 1.0]]}]}
    report = json.dumps({"curves": curves, "else": 1}).encode()

    assert "loss in training: 1 at step 9" in shown(world, report)
    assert curves["series"] == json.loads(shown(world, report, "--json"))["curves"]


@pytest.mark.parametrize("report", [None, b"{", b"{}", b'{"curves": null}', b'{"curves": {}}'])
def test_a_page_without_metrics_or_that_cannot_be_read_draws_nothing(world, report):
    text = shown(world, report)

    assert "loss" not in text
    assert "state" in text
