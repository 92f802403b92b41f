"""Every awkward file in every shape: the right verdict, the right codes, the right physical lines.

Where the checker's answer is known to be wrong the table holds the right one with a doubt, which has to go with the fault.
"""

import json

import pytest

from support.awkward import MODULES, TABLE
from support.awkward_lines import CANARY, SHAPES
from support.datasets import found
from tunedrop.domain.checks import check_dataset
from tunedrop.domain.findings import RULES, Code, Scope, Severity

CASES = [(name, shape) for name in TABLE for shape in SHAPES]
_NEVER_SEEN = Code.UNREADABLE_LINE
"""Stands for what nobody knows how to bring about."""


def check(file):
    """Check a file in pieces of an odd size."""
    pieces = (file.data[start : start + 99_991] for start in range(0, len(file.data), 99_991))
    return check_dataset(pieces, limits_for=lambda _: file.limits, options=file.options)


@pytest.mark.parametrize(("name", "shape"), CASES, ids=str)
def test_an_awkward_file_gets_the_right_answer(name, shape):
    file = TABLE[name](shape)

    result = check(file)

    answer = (result.verdict, found(result))
    if file.doubt:
        assert (file.verdict, file.found) != answer, "the doubt can go"
        pytest.xfail(file.doubt)
    assert (file.verdict, file.found) == answer
    assert_account(file, result)
    assert_says_enough_and_no_text(result)


def assert_account(file, result):
    """Every physical line went to one place, and the findings say which."""
    lines = result.lines
    assert file.physical_lines == lines.physical
    assert lines.used + lines.fixed + lines.rejected + lines.blank == lines.physical
    if result.dataset_format is None or any(len(f.lines) != f.count for f in result.findings):
        return
    assert lines.rejected == len(lines_of(result, Severity.ERROR, Scope.LINE))
    assert lines.fixed == len(lines_named(result, {Code.BOM, Code.CRLF}))


def lines_of(result, severity, scope):
    codes = {f.code for f in result.findings if f.severity is severity}
    return lines_named(result, {code for code in codes if RULES[code].scope is scope})


def lines_named(result, codes):
    return {number for f in result.findings if f.code in codes for number in f.lines}


def assert_says_enough_and_no_text(result):
    """A message and a remedy with every finding, and not a word of the dataset anywhere."""
    published = result.to_json()
    assert all(f["first"]["message"] and f["first"]["remedy"] for f in published["findings"])
    said = json.dumps([published, list(result.rejects.rows())], ensure_ascii=False)
    assert CANARY not in said.lower()
    assert said.isprintable()


def test_the_table_has_every_code_and_all_its_entries_are_named_for_what_they_hold():
    seen = {Code(code) for build in TABLE.values() for s in SHAPES for code in build(s).found}

    assert set(Code) - {_NEVER_SEEN} == seen
    assert len(TABLE) >= 60
    assert {module.__name__ for module in MODULES} == {b.__module__ for b in TABLE.values()}
