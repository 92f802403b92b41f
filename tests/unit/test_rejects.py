"""Every rejected line is named with its reason, its row only where it is asked for, in bounded memory."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunedrop.domain.checks import Overlong, split_lines
from tunedrop.domain.finding_rules import RULES, Code
from tunedrop.domain.rejects import MAX_ROW_CHARACTERS, RejectLog


def log_of(*rejects, kept=100):
    log = RejectLog(kept)
    for reject in rejects:
        log.add(*reject)
    return log


def written(log, lines=None):
    return [json.loads(line) for line in log.to_jsonl(lines)]


def test_a_rejected_line_is_named_with_its_code_its_column_and_what_to_do():
    log = log_of((3, Code.NOT_JSON, 7), (9, Code.TOO_DEEP, None))

    assert (
        [
            {"line": 3, "code": "not_json", "column": 7, "remedy": RULES[Code.NOT_JSON].remedy},
            {"line": 9, "code": "too_deep", "column": None, "remedy": RULES[Code.TOO_DEEP].remedy},
        ]
        == list(log.rows())
        == written(log)
    )


@pytest.mark.parametrize("code", list(Code))
def test_every_code_comes_back(code):
    assert [code.value] == [row["code"] for row in log_of((1, code)).rows()]


def test_beyond_the_bound_lines_are_only_counted():
    log = log_of(*((line, Code.NOT_JSON, 1) for line in range(1, 11)), kept=4)

    rows = written(log)

    assert (10, 4) == (log.count, len(log))
    assert [1, 2, 3, 4] == [row["line"] for row in rows[:-1]]
    assert {"more": 6} == rows[-1]


def test_a_log_of_nothing_is_an_empty_file():
    assert [] == written(RejectLog(10))


def test_rows_are_read_again_and_stand_beside_their_reasons():
    lines = [b"good\n", b'{"a": 1,}\r\n', b"good\n", b"caf\xe9"]

    rows = written(log_of((2, Code.NOT_JSON, 9), (4, Code.NOT_UTF8, 4)), lines)

    assert [(2, '{"a": 1,}\r'), (4, "caf\ufffd")] == [(row["line"], row["row"]) for row in rows]
    assert not any("cut" in row for row in rows)


@pytest.mark.parametrize("letter", ["a", "é", "€", "😀"], ids=["1", "2", "3", "4"])
@pytest.mark.parametrize(
    ("more", "is_cut"), [(-1, False), (0, False), (1, True), (10, True)], ids=str
)
def test_a_long_row_is_cut_between_two_characters_and_says_so(letter, more, is_cut):
    line = letter * (MAX_ROW_CHARACTERS + more)

    (row,) = written(log_of((1, Code.NOT_JSON)), [f"{line}\n".encode()])

    assert line[:MAX_ROW_CHARACTERS] == row["row"]
    assert is_cut == row.get("cut", False)


def test_a_line_too_long_to_be_read_has_no_row_and_moves_no_other():
    lines = [
        Overlong(b"xx", 11),
        b"bad\n",
    ]

    first, second = written(log_of((1, Code.OVERLONG_LINE), (2, Code.NOT_JSON)), lines)

    assert "row" not in first
    assert "bad" == second["row"]


def test_no_more_is_read_than_the_last_line_that_is_named():
    def lines():
        yield from (b"1\n", b"2\n")
        raise AssertionError("read on")

    assert ["2"] == [row["row"] for row in written(log_of((2, Code.NOT_OBJECT)), lines())]


@given(data=st.binary(max_size=200), chosen=st.sets(st.integers(1, 8)))
def test_whatever_the_bytes_each_row_is_one_line_of_json(data, chosen):
    lines = list(split_lines([data], 16))
    log = log_of(*((line, Code.NOT_JSON) for line in sorted(chosen)))

    written_lines = list(log.to_jsonl(lines))

    assert all(line.endswith(b"\n") and 1 == line.count(b"\n") for line in written_lines)
    assert sorted(chosen) == [json.loads(line)["line"] for line in written_lines]


def test_logs_of_the_same_lines_are_equal():
    assert log_of((1, Code.CRLF, 2)) == log_of((1, Code.CRLF, 2)) != log_of((1, Code.CRLF, 3))
