"""The words for a result: short, exact, and without what is not known."""

import pytest

from tunedrop.cli.check_words import head_words, lines_words

OLD = {
    "schema_version": 1,
    "verdict": "accepted",
    "format": "gemini",
    "base_model": None,
    "dataset_digest": "0" * 64,
    "lines": {"physical": 1210, "used": 1204, "fixed": 0, "rejected": 6, "blank": 0},
    "findings": [],
    "statistics": {},
    "split": {},
    "cost": {},
    "next": "",
}
STATISTICS = {
    "examples": 1204,
    "turns": 2408,
    "duplicates": 1,
    "characters": {"input": 1000, "output": 9000, "total": 10_000},
    "tokens": {
        "estimator": "characters / 4",
        "band_per_character": [0.231, 0.317],
        "total": 2500,
        "per_example": {"p50": 2, "p95": 5, "max": 1500},
    },
    "fences": {"python": 12, "sql": 3, "Mark-4711": 1},
}


def words(**changes):
    return {name: text for name, text in head_words({**OLD, **changes}).items() if text}


def test_what_a_record_does_not_hold_is_left_out():
    assert {
        "lines": "1,210 = 1,204 used + 0 fixed + 6 rejected + 0 blank",
        "format": "gemini",
        "digest": "0" * 64,
    } == words()


def test_statistics_are_two_lines():
    said = words(statistics=STATISTICS)

    assert (
        "1,204 in 2,408 turns, 1 duplicate; fenced code: python 12, sql 3, others 1"
        == (said["examples"])
    )
    assert "about 2,500 (2,310 to 3,170); an example: p50 2, p95 5, max 1,500" == said["tokens"]


def test_a_price_comes_with_its_band_its_source_and_its_day():
    cost = {
        "usd": 12.5,
        "usd_low": 11.5,
        "usd_high": 15.875,
        "basis": "4 tokens",
        "source": "the price list",
        "as_of": "2026-11-01",
    }

    assert (
        "$12.50 ($11.50 to $15.88): 4 tokens; the price list, 2026-11-01"
        == words(cost=cost)["cost"]
    )
    unknown = {**cost, "usd": None, "usd_low": None, "usd_high": None}
    assert "not known: 4 tokens; the price list, 2026-11-01" == words(cost=unknown)["cost"]


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ({"training_rows": 1084, "held_out_rows": 120}, "1,084 to train on, 120 held out"),
        (
            {"training_rows": 1204, "evaluation_rows": 50},
            "1,204 to train on, 50 in the evaluation file",
        ),
    ],
    ids=["held out", "a file of its own"],
)
def test_a_split_says_how_many_measure_the_outcome(split, expected):
    assert expected == words(split=split)["split"]


@pytest.mark.parametrize(
    ("lines", "count", "expected"),
    [
        pytest.param([], 1, "the file as a whole", id="the file"),
        pytest.param([7], 1, "7", id="one"),
        pytest.param([7], 3, "7", id="three times on one line"),
        pytest.param([4, 5, 6, 9, 12, 13], 6, "4-6, 9, 12-13", id="joined"),
        pytest.param([1, 3, 5, 7, 9, 11, 13], 7, "1, 3, 5, 7, 9 + 2 more", id="five and the rest"),
        pytest.param(list(range(1, 101)), 100, "1-100", id="a hundred"),
        pytest.param(list(range(1, 101)), 4100, "1-100 + 4,000 more", id="beyond what is kept"),
    ],
)
def test_first_lines_are_joined_and_the_rest_is_counted(lines, count, expected):
    assert expected == lines_words({"lines": lines, "count": count})
