"""Statistics as they are shown: histograms as geometry, and languages that are safe to name."""

import pytest

from tunedrop.domain.code_languages import LANGUAGES
from tunedrop.reports.histogram import HEIGHT, WIDTH, histograms, power, short
from tunedrop.reports.statistics_view import statistics_view


def buckets(*pairs):
    return [{"from": start, "examples": count} for start, count in pairs]


def code_of(**fences):
    return statistics_view({"examples": 1, "fences": fences})["code"]


def test_input_and_output_stand_on_one_scale_without_gaps():
    first, second = histograms(
        {"input": buckets((0, 1), (4, 3)), "output": buckets((16, 6)), "total": buckets((16, 9))}
    )

    lengths = ["0", "1", "2 to 3", "4 to 7", "8 to 15", "16 to 31"]
    assert [lengths, lengths] == [[row["lengths"] for row in c["rows"]] for c in (first, second)]
    assert [1, 0, 0, 3, 0, 0] == [row["examples"] for row in first["rows"]]
    (tallest,) = second["bars"]
    assert 2 * first["bars"][1]["height"] == pytest.approx(tallest["height"], abs=0.1)


def test_a_record_that_knows_only_the_sum_has_one_histogram():
    (chart,) = histograms({"input": [], "output": [], "total": buckets((64, 4))})

    assert ("Input and output together", 1) == (chart["title"], len(chart["bars"]))


def test_without_counts_there_is_no_histogram():
    assert [] == histograms({"input": [], "output": [], "total": []})


@pytest.mark.parametrize("powers", [1, 2, 7, 12, 24])
def test_bars_and_marks_stay_within_the_drawing(powers):
    counts = buckets(*((1 << power, 10**power % 7919 + 1) for power in range(powers)))

    (chart,) = histograms({"total": counts})

    for bar in chart["bars"]:
        assert 0 <= bar["x"] < bar["x"] + bar["width"] <= WIDTH
        assert 0 < bar["y"] < bar["y"] + bar["height"] <= HEIGHT
    assert len(chart["marks"]) <= 7
    assert all(0 < mark["x"] < WIDTH for mark in chart["marks"])


def test_one_example_beside_a_million_can_be_seen():
    (chart,) = histograms({"total": buckets((64, 1_000_000), (128, 1))})

    assert chart["bars"][1]["height"] >= 2


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0"), (999, "999"), (1000, "1k"), (1234, "1.2k"), (64_000, "64k"), (3_100_000, "3.1M")],
)
def test_a_count_in_a_drawing_is_short(count, expected):
    assert expected == short(count)


@pytest.mark.parametrize(
    ("start", "expected"), [(0, "0"), (512, "512"), (4096, "4k"), (1 << 21, "2M")]
)
def test_a_length_in_a_drawing_is_short(start, expected):
    assert expected == power(start)


def test_only_languages_of_our_own_list_are_named():
    shown = code_of(**{"python": 5, "c++": 3, "none": 2, "other": 4, "my password": 1, "<b>": 1})

    assert [
        ("python", 5),
        ("c++", 3),
        ("no language named", 2),
        ("others", 6),
    ] == [(entry["language"], entry["blocks"]) for entry in shown["languages"]]


def test_a_long_tail_of_languages_is_summed_up():
    blocks = {language: 20 - place for place, language in enumerate(LANGUAGES[:12])}

    languages = code_of(**blocks)["languages"]

    assert [LANGUAGES[6], "others"] == [entry["language"] for entry in languages[-2:]]
    assert sum(blocks.values()) == sum(entry["blocks"] for entry in languages)


def test_a_dataset_without_fenced_code_has_no_languages():
    assert code_of() is None
