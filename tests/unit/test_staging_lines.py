"""The staged bytes, the split into files, and the way back to the user's lines."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.datasets import good_lines, line, no_limits, row
from tunedrop.domain.checks import CheckOptions, Limits, Overlong, check_dataset, split_lines
from tunedrop.domain.findings import Code, Severity
from tunedrop.domain.formats import Format, read_example
from tunedrop.domain.split import choose_holdout
from tunedrop.domain.staging import LineMap, StagedLine, bytes_change, stage_lines

CODE, CHAT, GEMINI = Format.CODE_GENERATION, Format.CODE_CHAT, Format.GEMINI


def stage(lines, source=CODE, target=None, **options):
    """Stage a list of lines."""
    return list(stage_lines(lines, source_format=source, target_format=target or source, **options))


def test_kept_lines_are_staged_byte_by_byte_and_the_rest_is_named():
    good = b' {"output_text": "b", "input_text":"caf\\u00e9"}\n'
    lines = [good, b"\n", b"oops\n", b"\xef\xbb\xbf" + good[1:-1] + b"\r\n", good.rstrip()]

    staged = stage(lines)

    assert [
        StagedLine("training", 1, good),
        StagedLine("rejected", 3, code="not_json", remedy=staged[1].remedy),
        StagedLine("training", 4, good[1:]),
        StagedLine("training", 5, good),
    ] == [
        each if each.part == "rejected" else StagedLine(each.part, each.source_line, each.data)
        for each in staged
    ]
    assert staged[1].remedy


def test_code_lines_become_gemini_lines_under_the_default_context():
    staged = stage(
        [line(row(CODE, question="Why?", answer="So."))], CODE, GEMINI, default_context="Be brief."
    )

    assert {
        "contents": [
            {"role": "user", "parts": [{"text": "Why?"}]},
            {"role": "model", "parts": [{"text": "So."}]},
        ],
        "systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]},
    } == json.loads(staged[0].data)


def test_a_context_of_its_own_goes_before_the_default():
    lines = [line({**row(CHAT), "context": "own"}), line(row(CHAT))]

    staged = stage(lines, CHAT, GEMINI, default_context="ours")

    assert ["own", "ours"] == [read_example(each.data, GEMINI).context for each in staged]


def test_gemini_lines_without_instruction_get_the_default_context():
    staged = stage([line(row(GEMINI))], GEMINI, default_context="ours")

    assert "ours" == read_example(staged[0].data, GEMINI).context


def test_the_default_context_of_a_chat_model_changes_no_line():
    lines = good_lines(CHAT, 2)

    assert lines == [each.data for each in stage(lines, CHAT, default_context="ours")]


@pytest.mark.parametrize("target", [CODE, GEMINI])
def test_held_out_lines_go_to_a_part_of_their_own_and_none_is_lost(target):
    lines = good_lines(CODE, 60)
    result = check_dataset(lines, limits_for=no_limits)
    split = choose_holdout(result.content_hashes, 0.25, minimum=10, maximum=250)

    staged = stage(lines, CODE, target, holdout=split)

    parts = [each.part for each in staged]
    assert (15, 45) == (parts.count("holdout"), parts.count("training"))
    assert list(range(1, 61)) == [each.source_line for each in staged]


def test_lines_that_differ_in_white_space_alone_are_never_parted():
    pairs = [
        line(row(CODE, n, answer=f"x{n}", question=q))
        for n in range(30)
        for q in (f"q {n}", f"q\n  {n}")
    ]
    result = check_dataset(pairs, limits_for=no_limits)
    split = choose_holdout(result.content_hashes, 0.3, minimum=10, maximum=250)

    parts = [each.part for each in stage(pairs, holdout=split)]

    assert parts[::2] == parts[1::2]
    assert {"training", "holdout"} == set(parts)


def test_an_overlong_line_is_rejected_by_its_number():
    lines = [
        *good_lines(CODE, 1),
        Overlong(b"x" * 10, 11),
        b"\n",
    ]

    staged = stage([*lines, *good_lines(CODE, 1)])

    assert [("training", 1, ""), ("rejected", 2, "overlong_line"), ("training", 4, "")] == [
        (each.part, each.source_line, each.code) for each in staged
    ]


def test_a_warning_that_a_recipe_made_an_error_rejects_here_too():
    value = {
        "messages": [{"author": author, "content": "a"} for author in ("user", "user", "assistant")]
    }
    options = CheckOptions(severities={Code.NOT_ALTERNATING: Severity.ERROR})

    assert ["not_alternating"] == [
        each.code for each in stage([line(value)], CHAT, options=options)
    ]


def test_lines_that_do_not_fit_the_target_are_rejected():
    value = {
        "messages": [{"author": author, "content": "a"} for author in ("user", "assistant") * 2]
    }

    staged = stage([line(value), line(row(CHAT))], CHAT, CODE)

    assert [("rejected", "not_convertible"), ("training", "")] == [
        (each.part, each.code) for each in staged
    ]


GOOD = b"".join(good_lines(CODE, 3))
SOURCES = {
    "clean": (GOOD, False),
    "no-last-lf": (GOOD[:-1], True),
    "blank": (GOOD + b"\n", True),
    "crlf": (GOOD.replace(b"\n", b"\r\n"), True),
    "byte-order-mark": (b"\xef\xbb\xbf" + GOOD, True),
    "rejected": (GOOD + b"oops\n", True),
}


@pytest.mark.parametrize(("data", "expected"), SOURCES.values(), ids=SOURCES)
def test_a_plain_copy_is_allowed_exactly_when_the_staged_bytes_are_the_source(data, expected):
    lines = list(split_lines([data], 10_000))
    result = check_dataset(lines, limits_for=no_limits)

    changes = bytes_change(result, source_format=CODE, target_format=CODE)

    staged = b"".join(each.data for each in stage(lines) if each.part == "training")
    assert expected is changes
    assert expected is (staged != data)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"target_format": GEMINI}, id="conversion"),
        pytest.param(
            {"source_format": GEMINI, "target_format": GEMINI, "default_context": "ours"},
            id="context",
        ),
    ],
)
def test_conversion_and_a_gemini_context_change_the_bytes(asked):
    result = check_dataset(good_lines(CODE, 3), limits_for=no_limits)

    assert bytes_change(result, **{"source_format": CODE, **asked})


def test_a_split_changes_the_bytes_and_a_chat_context_does_not():
    result = check_dataset(good_lines(CHAT, 30), limits_for=no_limits)
    split = choose_holdout(result.content_hashes, 0.5, minimum=10, maximum=250)

    assert bytes_change(result, source_format=CHAT, target_format=CHAT, holdout=split)
    assert not bytes_change(result, source_format=CHAT, target_format=CHAT, default_context="ours")


def test_limits_of_the_check_hold_for_the_writer():
    parts = [{"functionCall": {"name": "f"}}]
    value = {
        "contents": [{"role": "user", "parts": [{"text": "a"}]}, {"role": "model", "parts": parts}]
    }
    limits = Limits(unsupported_parts=frozenset({"functionCall"}))

    assert ["unsupported_part"] == [
        each.code for each in stage([line(value)], GEMINI, limits=limits)
    ]
    assert ["training"] == [each.part for each in stage([line(value)], GEMINI)]


@given(st.sets(st.integers(1, 300)))
@settings(deadline=None)
def test_a_line_map_finds_every_source_line_again(source_lines):
    line_map = LineMap()
    for number in sorted(source_lines):
        line_map.append(number)

    read = LineMap.from_bytes(line_map.to_bytes())

    assert len(source_lines) == len(read)
    assert sorted(source_lines) == [read.source_line(staged) for staged in range(1, len(read) + 1)]


def test_a_line_map_is_as_small_as_its_gaps_are_few():
    line_map = LineMap()
    gaps = set(random.Random(3).sample(range(1, 100_000), 50))
    for number in range(1, 100_001):
        if number not in gaps:
            line_map.append(number)

    assert len(line_map.to_bytes()) < 1000


@pytest.mark.parametrize("staged_line", [0, 3, -1])
def test_a_staged_line_that_does_not_exist_has_no_source(staged_line):
    line_map = LineMap()
    line_map.append(4)
    line_map.append(5)

    with pytest.raises(IndexError, match="lines 1 to 2"):
        line_map.source_line(staged_line)


@pytest.mark.parametrize(
    "data", [b"", b"x\n", b"2\n1 2 3\n", b"\xff"], ids=["empty", "text", "three", "binary"]
)
def test_what_is_no_line_map_is_refused(data):
    with pytest.raises(ValueError, match=r"."):
        LineMap.from_bytes(data)


def test_what_does_not_parse_is_left_out_wherever_in_a_large_file_it_stands():
    filler = "x" * 3000
    broken = [number for number in range(1200) if number % 7 == 0]
    rows = [
        row(
            CODE,
            number,
            answer=f"{number} {filler}\n```python\n{'(' if number in broken else '1'}\n```",
        )
        for number in range(1200)
    ]
    data = b"".join(map(line, rows))
    options = CheckOptions(tolerate=0.5, severities={Code.CODE_DOES_NOT_PARSE: Severity.ERROR})

    result = check_dataset([data], limits_for=no_limits, options=options)
    staged = stage_lines(
        split_lines([data], options.max_line_bytes),
        source_format=CODE,
        target_format=CODE,
        options=options,
    )

    assert len(data) > 3 * 2**20
    assert ("accepted", len(broken)) == (result.verdict, result.lines.rejected)
    rejected = [each.source_line for each in staged if each.part == "rejected"]
    assert [number + 1 for number in broken] == rejected
