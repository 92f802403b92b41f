"""How values are written for people."""

import pytest
from markupsafe import Markup

from tunedrop.reports import words


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (0.25, "0.25 s"),
        (59.6, "59.6 s"),
        (60, "1 min"),
        (3599.7, "1 h"),
        (4092, "1 h 8 min"),
        (90061, "1 d 1 h"),
    ],
)
def test_a_duration_names_its_two_largest_units(seconds, expected):
    assert expected == words.duration(seconds)


def test_a_moment_is_told_in_utc_whatever_offset_it_was_recorded_with():
    assert "1 Dec 2026, 23:05:00 UTC" == words.moment("2026-12-02T08:05:00+09:00")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(None, "not known"), (0, "$0.00"), (0.0312, "$0.031"), (1234.5, "$1,234.50")],
)
def test_money(amount, expected):
    assert expected == words.usd(amount)


@pytest.mark.parametrize(
    ("lines", "expected"), [([], ""), ([5], "5"), ([1, 2, 3, 9, 11, 12], "1-3, 9, 11-12")]
)
def test_neighbouring_lines_are_joined(lines, expected):
    assert expected == words.line_ranges(lines)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0 bytes"), (1023, "1,023 bytes"), (9740, "9.5 KiB (9,740 bytes)")],
)
def test_a_size_is_told_exactly_as_well(count, expected):
    assert expected == words.size(count)


@pytest.mark.parametrize(
    ("value", "expected"), [(3, "3"), (1234567, "1,234,567"), (3.037037037, "3.03704"), (3.0, "3")]
)
def test_a_number_has_no_needless_decimals(value, expected):
    assert expected == words.number(value)


def test_nested_settings_become_dotted_names():
    nested = {"base_model": "m", "tuning": {"epochs": 3, "deep": {"er": [1]}}}

    assert [("base_model", "m"), ("tuning.epochs", 3), ("tuning.deep.er", [1])] == words.flat(
        nested
    )


@pytest.mark.parametrize(
    ("value", "expected"), [("a", "a"), (True, "true"), ([1, "ü"], '[1, "ü"]'), (None, "null")]
)
def test_values_that_are_not_texts_are_written_as_json(value, expected):
    assert expected == words.plain(value)


def test_a_long_value_is_cut_and_its_length_told():
    assert "x" * 300 + "… (1,000 characters)" == words.plain("x" * 1000)


def test_the_bar_shows_every_kind_of_line_that_there_is():
    pieces = words.bar({"used": 999_999, "rejected": 1, "fixed": 0, "blank": 0})

    assert ["used", "rejected"] == [piece["kind"] for piece in pieces]
    assert pieces[1]["width"] > 0.5
    assert 100 == pytest.approx(sum(piece["width"] for piece in pieces), abs=0.01)
    assert pieces[0]["width"] == pytest.approx(pieces[1]["start"], abs=0.01)


def test_a_file_without_lines_has_no_bar():
    assert [] == words.bar({})


def test_text_of_people_s_own_scripts_is_left_alone():
    text = "née 東京 שלום 👩\u200d💻\n\tend"

    assert text == words.inert(text)


def test_markup_of_our_own_is_left_alone():
    assert Markup("<b>\u202e</b>") == words.inert(Markup("<b>\u202e</b>"))


def test_what_stands_in_backticks_is_code_and_stays_text():
    assert "the key <code>&lt;a&gt;</code> &amp; more" == words.ticked("the key `<a>` & more")


def test_a_backtick_on_its_own_is_a_backtick():
    assert "a ` b" == words.ticked("a ` b")


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 lines"), (1, "1 line"), (1200, "1,200 lines")]
)
def test_what_is_counted_is_named_in_the_right_number(count, expected):
    assert expected == words.counted(count, "line", "lines")


def finding(severity, code, count=1):
    return {"severity": severity, "code": code, "count": count}


def test_findings_are_grouped_with_what_is_graver_first():
    groups = words.by_severity(
        [finding("note", "crlf"), finding("error", "not_json", 4), finding("error", "bom")]
    )

    assert [("Errors", 5), ("Notes", 1)] == [(g["title"], g["times"]) for g in groups]


def test_in_a_long_list_all_but_the_errors_are_folded():
    many = [finding("error", f"code_{number}") for number in range(30)]

    groups = words.by_severity([*many, finding("warning", "exact_duplicate")])

    assert [True, False] == [group["is_open"] for group in groups]
