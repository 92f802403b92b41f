"""A fault is named by its own physical line wherever it stands, and costs no other line."""

import pytest

from support.awkward_faults import FAULTS, REMARKS
from support.awkward_lines import SHAPES, good
from support.datasets import found, no_limits
from tunedrop.domain.checks import CheckOptions, check_dataset, split_lines
from tunedrop.domain.staging import stage_lines

COUNT = 20
POSITIONS = (1, 2, 10, 19, 20)
PLACES = [(number, lf) for number in POSITIONS for lf in (True, False)]
OPTIONS = CheckOptions(max_line_bytes=16_000)


def file_with(fault, shape, number, *, ends_with_lf):
    """Twenty lines of which one is faulty."""
    lines = [good(shape, each) for each in range(1, COUNT + 1)]
    lines[number - 1] = fault.line(shape, number) + b"\n"
    data = b"".join(lines)
    return lines, data if ends_with_lf else data.removesuffix(b"\n")


def staged(data, shape):
    """The line that each physical line becomes, None where it is rejected."""
    lines = stage_lines(
        split_lines([data], OPTIONS.max_line_bytes),
        source_format=shape,
        target_format=shape,
        options=OPTIONS,
    )
    return {each.source_line: each.data or None for each in lines}


def place(number, *, ends_with_lf):
    return f"line {number}, {'' if ends_with_lf else 'no '}LF at the end"


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_fault_rejects_its_own_line_at_every_position_and_no_other(name, shape):
    fault = FAULTS[name]
    for number, lf in PLACES:
        lines, data = file_with(fault, shape, number, ends_with_lf=lf)

        result = check_dataset([data], limits_for=no_limits, options=OPTIONS)

        expected = {fault.code_at(number, COUNT, ends_with_lf=lf): [number]}
        assert expected == found(result), place(number, ends_with_lf=lf)
        assert [number] == [row["line"] for row in result.rejects.rows()]
        assert (COUNT - 1, 0, 1, 0) == tuple(result.lines.to_json().values())[1:]
        kept = {n: None if n == number else body for n, body in enumerate(lines, 1)}
        assert kept == staged(data, shape)


@pytest.mark.parametrize("name", REMARKS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_remark_is_made_on_its_own_line_at_every_position_and_the_line_stays(name, shape):
    remark = REMARKS[name]
    for number, lf in PLACES:
        lines, data = file_with(remark, shape, number, ends_with_lf=lf)

        result = check_dataset([data], limits_for=no_limits, options=OPTIONS)

        assert {remark.code: [number]} == found(result), place(number, ends_with_lf=lf)
        assert (COUNT, 0) == (result.lines.kept, result.lines.rejected)
        mended = lines[number - 1].removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"")
        lines[number - 1] = mended
        assert dict(enumerate(lines, 1)) == staged(data, shape)
