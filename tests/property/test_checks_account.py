"""Whatever the bytes, every physical line is accounted for and nothing raises."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.datasets import good_lines, line, no_limits, row
from tunedrop.domain.checks import CheckOptions, Overlong, check_dataset, split_lines
from tunedrop.domain.formats import Format
from tunedrop.domain.formats.blanks import is_blank
from tunedrop.domain.staging import stage_lines

FORMATS = st.sampled_from(Format)
GOOD_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1
).filter(lambda text: not is_blank(text))
PIECES = st.sampled_from(
    [
        b"\n",
        b"\r\n",
        b"\r",
        b" ",
        b"\xef\xbb\xbf",
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b",",
        b":",
        b"\\",
        b"\0",
        b"\xff",
    ]
    + [line(row(f)) for f in Format]
    + [line(row(f)).rstrip(b"\n") for f in Format]
    + [line(row(f))[:30] for f in Format]
)
FILES = st.lists(st.one_of(st.binary(max_size=20), PIECES), max_size=30).map(b"".join)


@given(data=FILES, chunk=st.integers(1, 50), longest=st.integers(0, 400))
@settings(max_examples=400, deadline=None)
def test_every_line_of_any_bytes_goes_somewhere(data, chunk, longest):
    chunks = (data[start : start + chunk] for start in range(0, len(data), chunk))
    options = CheckOptions(max_line_bytes=longest)

    result = check_dataset(chunks, limits_for=no_limits, options=options)

    physical = data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
    assert physical == result.lines.physical
    assert hashlib.sha256(data).hexdigest() == result.dataset_digest
    assert len(data) == result.size_bytes
    json.dumps(result.to_json())


@given(data=FILES, chunk=st.integers(1, 50), longest=st.integers(0, 60))
@settings(deadline=None)
def test_splitting_keeps_every_line_that_is_short_enough_and_loses_count_of_none(
    data, chunk, longest
):
    chunks = [data[start : start + chunk] for start in range(0, len(data), chunk)]

    lines = list(split_lines(chunks, longest))

    whole = data.split(b"\n")
    expected = [body + b"\n" for body in whole[:-1]] + whole[-1:]
    expected = expected if expected[-1] else expected[:-1]
    kept = [len(line.removesuffix(b"\n")) <= longest for line in expected]
    assert kept == [not isinstance(line, Overlong) for line in lines]
    assert [line for line in expected if len(line.removesuffix(b"\n")) <= longest] == [
        line for line in lines if not isinstance(line, Overlong)
    ]


@given(data=FILES, dataset_format=FORMATS)
@settings(max_examples=300, deadline=None)
def test_the_writer_keeps_exactly_the_lines_that_the_check_used(data, dataset_format):
    data = b"".join(good_lines(dataset_format, 40)) + data
    lines = list(split_lines([data], 10_000))
    result = check_dataset([data], limits_for=no_limits)
    assert result.dataset_format is dataset_format

    staged = list(stage_lines(lines, source_format=dataset_format, target_format=dataset_format))

    parts = [each.part for each in staged]
    assert (result.lines.kept, result.lines.rejected) == (
        parts.count("training"),
        parts.count("rejected"),
    )
    kept = b"".join(each.data for each in staged if each.part == "training")
    again = check_dataset([kept], limits_for=no_limits)
    assert (result.lines.kept, 0, 0, 0) == (
        again.lines.used,
        again.lines.fixed,
        again.lines.rejected,
        again.lines.blank,
    )


@given(
    dataset_format=FORMATS,
    question=GOOD_TEXT,
    answer=GOOD_TEXT,
    ascii_only=st.booleans(),
    separators=st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " :\r")]),
    ending=st.sampled_from([b"\n", b"\r\n", b""]),
)
@settings(max_examples=300, deadline=None)
def test_no_text_and_no_style_of_json_is_rejected(
    dataset_format, question, answer, ascii_only, separators, ending
):
    value = row(dataset_format, question=question, answer=answer)
    written = line(value, ensure_ascii=ascii_only, separators=separators).rstrip(b"\n") + ending

    result = check_dataset([written], limits_for=no_limits)

    assert ("accepted", 1) == (result.verdict, result.lines.kept)


@pytest.mark.parametrize("position", [0, 1, 7, 19], ids=lambda n: f"line-{n + 1}")
@pytest.mark.parametrize("dataset_format", Format)
def test_a_fault_is_named_by_its_line_wherever_it_stands(dataset_format, position):
    lines = good_lines(dataset_format, 20)
    lines[position] = b'{"no": "end"\n'

    result = check_dataset(lines, limits_for=no_limits)

    assert [[position + 1]] == [finding.lines for finding in result.findings]
    assert (19, 1) == (result.lines.used, result.lines.rejected)
