"""The published shape of a result, and the numbers in it."""

import hashlib
import json

import jsonschema
import pytest

from support.datasets import good_lines, line, no_limits, row
from tunedrop.domain.checks import (
    RESULT_SCHEMA,
    CheckOptions,
    Judge,
    Limits,
    Outcome,
    check_dataset,
)
from tunedrop.domain.formats import Format

CODE, CHAT = Format.CODE_GENERATION, Format.CODE_CHAT


def test_the_result_has_the_published_keys_in_the_published_order():
    lines = [*good_lines(CODE, 2), b"oops\n"]

    published = check_dataset(
        lines, limits_for=lambda _format: Limits(base_model="code-bison@002")
    ).to_json()

    assert [
        *[
            "schema_version",
            "verdict",
            "format",
            "base_model",
            "dataset_digest",
            "lines",
            "findings",
        ],
        *["statistics", "split", "cost", "next"],
    ] == list(published)
    assert {"physical": 3, "used": 2, "fixed": 0, "rejected": 1, "blank": 0} == published["lines"]
    assert {
        "code": "not_json",
        "severity": "error",
        "count": 1,
        "lines": [3],
        "first": {
            "line": 3,
            "column": 1,
            "message": "expected a value",
            "remedy": "Correct the JSON at the column named; a JSON library writes it without such faults.",
        },
    } == published["findings"][0]
    assert (1, "rejected", "code-generation", "code-bison@002") == (
        published["schema_version"],
        published["verdict"],
        published["format"],
        published["base_model"],
    )
    assert published == json.loads(json.dumps(published))


def test_the_digest_is_that_of_the_bytes_read():
    lines = [*good_lines(CODE, 2), b"oops\r\n", b"\n", b"\xff"]

    result = check_dataset(lines, limits_for=no_limits)

    assert (hashlib.sha256(b"".join(lines)).hexdigest(), sum(map(len, lines))) == (
        result.dataset_digest,
        result.size_bytes,
    )


def test_the_statistics_count_kept_lines_in_code_points():
    value = {**row(CHAT, question="é" * 40, answer="b" * 60), "context": "c" * 10}
    lines = [line(value), line(value), b"oops\n"]

    statistics = check_dataset(lines, limits_for=no_limits).statistics

    assert (2, 4, 4, 1) == tuple(
        statistics[key] for key in ("examples", "turns", "authors", "duplicates")
    )
    assert {"input": 100, "output": 120, "total": 220} == statistics["characters"]
    assert (25, 30, 55) == tuple(statistics["tokens"][key] for key in ("input", "output", "total"))
    assert [{"from": 64, "examples": 2}] == statistics["characters_histogram"]


def test_quantiles_are_near_the_truth():
    lines = [line(row(CODE, question="q", answer="a" * size)) for size in range(400, 4400, 4)]

    tokens = check_dataset(lines, limits_for=no_limits).statistics["tokens"]["per_example"]

    assert {"p50": 599, "p95": 1049, "max": 1099} == tokens


def test_hashes_are_left_out_where_no_split_follows():
    result = check_dataset(
        good_lines(CODE, 3), limits_for=no_limits, options=CheckOptions(with_content_hashes=False)
    )

    assert (0, 3) == (len(result.content_hashes), result.lines.used)


def test_the_first_error_is_the_one_to_name():
    rejected = check_dataset([*good_lines(CODE, 2), b"oops\n"], limits_for=no_limits)
    accepted = check_dataset(good_lines(CODE, 2), limits_for=no_limits)

    assert "not_json" == rejected.first_error.code
    assert accepted.first_error is None


def test_a_format_that_comes_late_is_still_recognised():
    lines = [b"\n"] * 500 + [b"oops\n"] + good_lines(CODE, 3)

    result = check_dataset(lines, limits_for=no_limits)

    assert (CODE, 500, 3, 1) == (
        result.dataset_format,
        result.lines.blank,
        result.lines.used,
        result.lines.rejected,
    )


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(good_lines(CODE, 3), id="accepted"),
        pytest.param([*good_lines(CODE, 3), b"oops\n", b"\xef\xbb\xbf{}\r\n"], id="rejected"),
        pytest.param([b"[{}]"], id="whole-file"),
        pytest.param([], id="empty"),
    ],
)
def test_every_result_obeys_the_published_schema(lines):
    result = check_dataset(lines, limits_for=lambda _format: Limits(recommended_examples=500))

    jsonschema.Draft202012Validator.check_schema(RESULT_SCHEMA)
    jsonschema.Draft202012Validator(RESULT_SCHEMA).validate(result.to_json())


def test_a_long_line_that_nobody_cut_is_still_too_long():
    lines = [*good_lines(CODE, 2), line(row(CODE, answer="a" * 300))]

    result = check_dataset(lines, limits_for=no_limits, options=CheckOptions(max_line_bytes=200))

    assert ("overlong_line", [3]) == (result.findings[0].code, result.findings[0].lines)


def test_a_line_that_no_reader_accepts_is_rejected_even_if_nobody_knows_why():
    judge = Judge(CODE, Limits(), CheckOptions())
    judge._explain = lambda _line, *, may_be_cut: ()

    judged = judge.judge(b"oops\n")

    assert (Outcome.REJECTED, "unreadable_line") == (judged.outcome, judged.findings[0].code)


def test_a_byte_order_mark_alone_is_a_blank_line():
    lines = [b"\xef\xbb\xbf\n", *good_lines(CODE, 2), b"\xef\xbb\xbf\r\n"]

    result = check_dataset(lines, limits_for=no_limits)

    assert (2, 2, "accepted") == (result.lines.blank, result.lines.used, result.verdict)
