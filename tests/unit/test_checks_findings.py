"""Every finding of the registry, brought about by a small file, with its exact lines."""

import gzip
import json

import pytest

from support.datasets import good_lines, line, row
from tunedrop.domain.checks import CheckOptions, Limits, check_dataset, explain
from tunedrop.domain.findings import RULES, Code, Scope, Severity
from tunedrop.domain.formats import Format

CODE, CHAT, GEMINI = Format.CODE_GENERATION, Format.CODE_CHAT, Format.GEMINI
OPTIONS = CheckOptions(max_line_bytes=2000, allowed_buckets=frozenset({"tide-files"}))
GOOD = b"".join(good_lines(CODE, 3))


def check(data, *, limits=None, options=OPTIONS):
    """Check bytes with small limits of our own."""
    return check_dataset([data], limits_for=lambda _format: limits or Limits(), options=options)


def codes(result):
    """{code: lines} of a result."""
    return {finding.code.value: finding.lines for finding in result.findings}


def pair(question, answer):
    """A code-generation line out of raw JSON values."""
    return b'{"input_text":' + question + b',"output_text":' + answer + b"}"


def chat(*turns, **extra):
    """A code-chat line."""
    return line(
        {"messages": [{"author": author, "content": content} for author, content in turns], **extra}
    )


def gemini(*parts, **extra):
    """A Gemini line whose question has these parts."""
    answer = {"role": "model", "parts": [{"text": "b"}]}
    return line({"contents": [{"role": "user", "parts": list(parts)}, answer], **extra})


FILE_URI = {"mimeType": "text/plain", "fileUri": "gs://tide-files/a.txt"}

# id: (the fourth line of a file whose first three are good code-generation lines, column, code)
CODE_LINES = {
    "latin-1": (pair(b'"caf\xe9"', b'"b"'), 19, Code.NOT_UTF8),
    "overlong-utf8": (pair(b'"\xc0\xaf"', b'"b"'), 16, Code.NOT_UTF8),
    "surrogate-bytes": (pair(b'"\xed\xa0\x80"', b'"b"'), 16, Code.NOT_UTF8),
    "utf8-cut-by-lf": (b'{"input_text":"caf\xc3', 19, Code.NOT_UTF8),
    "trailing-comma": (b'{"input_text":"a","output_text":"b",}', 37, Code.NOT_JSON),
    "comment": (b'{"input_text":"a", /* no */ "output_text":"b"}', 20, Code.NOT_JSON),
    "single-quotes": (b"{'input_text':'a','output_text':'b'}", 2, Code.NOT_JSON),
    "raw-tab": (pair(b'"a\tb"', b'"b"'), 17, Code.NOT_JSON),
    "raw-vertical-tab": (pair(b'"a\x0bb"', b'"b"'), 17, Code.NOT_JSON),
    "raw-carriage-return": (pair(b'"a\rb"', b'"b"'), 17, Code.NOT_JSON),
    "bad-escape": (pair(b'"a\\x"', b'"b"'), 17, Code.NOT_JSON),
    "leading-zero": (pair(b"01", b'"b"'), 16, Code.NOT_JSON),
    "cut-in-the-middle": (b'{"input_text":"a","output', 19, Code.NOT_JSON),
    "prose": (b"hello", 1, Code.NOT_JSON),
    "bom-inside": (b'{\xef\xbb\xbf"input_text":"a","output_text":"b"}', 2, Code.NOT_JSON),
    "python-true": (pair(b"True", b'"b"'), 15, Code.NOT_JSON),
    "two-objects": (pair(b'"a"', b'"b"') * 2, 37, Code.TWO_VALUES_ON_LINE),
    "null-line": (b"null", 1, Code.NOT_OBJECT),
    "array-line": (b"[]", 1, Code.NOT_OBJECT),
    "string-line": (b'"x"', 1, Code.NOT_OBJECT),
    "true-line": (b"true", 1, Code.NOT_OBJECT),
    "number-line": (b"-0.5e3", 1, Code.NOT_OBJECT),
    "same-key-twice": (
        b'{"input_text":"a","input_text":"b","output_text":"c"}',
        19,
        Code.DUPLICATE_KEY,
    ),
    "escaped-key-twice": (
        b'{"input_te\\u0078t":"a","input_text":"b","output_text":"c"}',
        24,
        Code.DUPLICATE_KEY,
    ),
    "nan": (pair(b"NaN", b'"b"'), 15, Code.NON_FINITE_NUMBER),
    "minus-infinity": (pair(b'"a"', b"-Infinity"), 33, Code.NON_FINITE_NUMBER),
    "beyond-double": (pair(b"1e999", b'"b"'), 15, Code.NON_FINITE_NUMBER),
    "5000-digits": (b'{"x":' + b"7" * 1000 + b"}", 6, Code.OVERSIZED_INTEGER),
    "minus-zero": (pair(b"-0", b'"b"'), 15, Code.WRONG_TYPE),
    "deep-arrays": (b"[" * 1500, 101, Code.TOO_DEEP),
    "deep-objects": (b'{"a":' * 300, 501, Code.TOO_DEEP),
    "lone-surrogate": (pair(b'"a\\ud800"', b'"b"'), 15, Code.LONE_SURROGATE),
    "low-surrogate-first": (pair(b'"\\udc00\\ud800"', b'"b"'), 15, Code.LONE_SURROGATE),
    "raw-nul": (pair(b'"a\0"', b'"b"'), 17, Code.NUL_CHARACTER),
    "nul-between": (b'{\0"input_text":"a","output_text":"b"}', 2, Code.NUL_CHARACTER),
    "escaped-nul": (pair(b'"a\\u0000"', b'"b"'), 15, Code.NUL_CHARACTER),
    "no-answer": (b'{"input_text":"a"}', 1, Code.MISSING_KEY),
    "empty-object": (b"{}", 1, Code.MISSING_KEY),
    "extra-key": (b'{"input_text":"a","output_text":"b","id":1}', 37, Code.UNKNOWN_KEY),
    "misspelt-key": (b'{"input_text":"a","ouput_text":"b"}', 19, Code.UNKNOWN_KEY),
    "dunder-key": (b'{"__class__":{},"input_text":"a","output_text":"b"}', 2, Code.UNKNOWN_KEY),
    "capital-key": (b'{"Input_Text":"a","output_text":"b"}', 2, Code.WRONG_CASE_KEY),
    "camel-key": (b'{"inputText":"a","output_text":"b"}', 2, Code.WRONG_CASE_KEY),
    "number-as-text": (pair(b"1", b'"b"'), 15, Code.WRONG_TYPE),
    "null-as-text": (pair(b'"a"', b"null"), 33, Code.WRONG_TYPE),
    "object-as-text": (pair(b'{"input_text":"a"}', b'"b"'), 15, Code.WRONG_TYPE),
    "empty-question": (pair(b'""', b'"b"'), 15, Code.EMPTY_TEXT),
    "blank-answer": (pair(b'"a"', b'" \\n\\t"'), 33, Code.BLANK_TEXT),
    "no-break-space": (pair(b'"\\u00a0"', b'"b"'), 15, Code.BLANK_TEXT),
    "chat-line": (chat(("user", "a"), ("assistant", "b")), None, Code.MIXED_FORMATS),
    "gemini-line": (gemini({"text": "a"}), None, Code.MIXED_FORMATS),
    "overlong": (pair(b'"a"', b'"' + b"b" * 2000 + b'"'), None, Code.OVERLONG_LINE),
}


@pytest.mark.parametrize(("fault", "column", "code"), CODE_LINES.values(), ids=CODE_LINES)
def test_a_faulty_line_is_named_with_its_column_and_costs_no_other_line(fault, column, code):
    result = check(GOOD + fault.rstrip(b"\n") + b"\n" + b"".join(good_lines(CODE, 2, start=5)))

    found = [
        (f.code, f.lines, f.first.column) for f in result.findings if f.severity is Severity.ERROR
    ]
    assert (code, [4], column) in found
    assert {(4,)} == {tuple(lines) for _, lines, _ in found}
    assert (5, 1, "rejected") == (result.lines.used, result.lines.rejected, result.verdict)


CHAT_LINES = {
    "no-messages": (line({"messages": []}), 14, Code.NO_TURNS),
    "messages-null": (line({"messages": None}), 14, Code.WRONG_TYPE),
    "context-number": (chat(("user", "a"), ("assistant", "b"), context=3), 104, Code.WRONG_TYPE),
    "bot": (chat(("user", "a"), ("bot", "b")), 62, Code.UNKNOWN_ROLE),
    "cyrillic-user": (chat(("us\u0435r", "a"), ("assistant", "b")), 26, Code.HOMOGLYPH_ROLE),
    "zero-width-user": (chat(("user\u200b", "a"), ("assistant", "b")), 26, Code.HOMOGLYPH_ROLE),
    "right-to-left-user": (chat(("\u202euser", "a"), ("assistant", "b")), 26, Code.HOMOGLYPH_ROLE),
    "assistant-first": (chat(("assistant", "a"), ("assistant", "b")), 26, Code.FIRST_NOT_USER),
    "user-last": (
        chat(("user", "a"), ("assistant", "b"), ("user", "c")),
        103,
        Code.LAST_NOT_ASSISTANT,
    ),
    "openai-line": (line(row(Format.OPENAI)), None, Code.MIXED_FORMATS),
    "blank-content": (chat(("user", " "), ("assistant", "b")), 45, Code.BLANK_TEXT),
}


@pytest.mark.parametrize(("fault", "column", "code"), CHAT_LINES.values(), ids=CHAT_LINES)
def test_a_faulty_conversation_is_named_with_its_column(fault, column, code):
    result = check(b"".join(good_lines(CHAT, 3)) + fault)

    assert [(code, [4], column)] == [(f.code, f.lines, f.first.column) for f in result.findings]


GEMINI_LINES = {
    "two-kinds": (gemini({"text": "a", "fileData": FILE_URI}), Code.AMBIGUOUS_PART),
    "no-kind": (gemini({}), Code.MISSING_KEY),
    "no-parts": (gemini(), Code.MISSING_KEY),
    "inline-data": (
        gemini({"inlineData": {"mimeType": "a/b", "data": "YQ=="}}),
        Code.UNSUPPORTED_PART,
    ),
    "snake-case": (
        gemini({"text": "a"}, system_instruction={"parts": [{"text": "s"}]}),
        Code.WRONG_CASE_KEY,
    ),
    "nested-contents": (line({"contents": {"contents": []}}), Code.WRONG_TYPE),
    "contents-string": (line({"contents": "a"}), Code.WRONG_TYPE),
    "system-string": (gemini({"text": "a"}, systemInstruction="s"), Code.WRONG_TYPE),
    "metadata-server": (
        gemini({"fileData": {**FILE_URI, "fileUri": "http://169.254.169.254/"}}),
        Code.FOREIGN_URI,
    ),
    "file-uri": (
        gemini({"fileData": {**FILE_URI, "fileUri": "file:///etc/passwd"}}),
        Code.FOREIGN_URI,
    ),
    "other-bucket": (
        gemini({"fileData": {**FILE_URI, "fileUri": "gs://other-bucket/a"}}),
        Code.FOREIGN_URI,
    ),
    "look-alike-bucket": (
        gemini({"fileData": {**FILE_URI, "fileUri": "gs://tide-files.evil/a"}}),
        Code.FOREIGN_URI,
    ),
    "uri-with-newline": (
        gemini({"fileData": {**FILE_URI, "fileUri": "gs://tide-files/a\n"}}),
        Code.FOREIGN_URI,
    ),
    "assistant-role": (
        line({"contents": [{"role": "assistant", "parts": [{"text": "a"}]}]}),
        Code.UNKNOWN_ROLE,
    ),
    "function-call": (gemini({"functionCall": {"name": "f", "args": {}}}), Code.UNSUPPORTED_PART),
    "repeated-tool-key": (
        gemini({"text": "a"}, tools=[{"a": 1}]).replace(b'"a": 1', b'"a":1,"a":2'),
        Code.DUPLICATE_KEY,
    ),
    "huge-tool-number": (gemini({"text": "a"}, tools=[{"a": 2**64}]), Code.OVERSIZED_INTEGER),
    "nan-tool-number": (gemini({"text": "a"}, tools=[{"a": float("nan")}]), Code.NON_FINITE_NUMBER),
}


@pytest.mark.parametrize(("fault", "code"), GEMINI_LINES.values(), ids=GEMINI_LINES)
def test_a_faulty_gemini_line_is_named(fault, code):
    limits = Limits(unsupported_parts=frozenset({"functionCall", "inlineData"}))

    result = check(b"".join(good_lines(GEMINI, 3)) + fault, limits=limits)

    assert [(code, [4])] == [(f.code, f.lines) for f in result.findings]


FILES = {
    "empty": (b"", {"empty_file": []}, 0),
    "only-blank-lines": (b"\n \n\r\n\t\n", {"empty_file": []}, 4),
    "gzip": (gzip.compress(GOOD, mtime=0), {"gzip_or_binary": []}, 0),
    "zip": (b"PK\x03\x04\n\n" + GOOD, {"gzip_or_binary": []}, 1),
    "parquet": (b"PAR1\x15\x04", {"gzip_or_binary": []}, 0),
    "pdf": (b"%PDF-1.7\n", {"gzip_or_binary": []}, 0),
    "png": (b"\x89PNG\r\n\x1a\n", {"gzip_or_binary": []}, 0),
    "utf-16-marked": (GOOD.decode().encode("utf-16"), {"utf16_or_utf32": []}, 0),
    "utf-16-big": (GOOD.decode().encode("utf-16-be"), {"utf16_or_utf32": []}, 0),
    "utf-32-little": (GOOD.decode().encode("utf-32-le"), {"utf16_or_utf32": []}, 0),
    "utf-32-big": (GOOD.decode().encode("utf-32"), {"utf16_or_utf32": []}, 0),
    "json-array": (json.dumps([row(CODE)]).encode(), {"json_array_file": []}, 0),
    "json-array-indented": (json.dumps([row(CODE)], indent=1).encode(), {"json_array_file": []}, 0),
    "indented-objects": (json.dumps(row(CODE), indent=1).encode(), {"json_over_many_lines": []}, 0),
    "tar": (b"a" * 257 + b"ustar\n", {"gzip_or_binary": []}, 0),
    "seven-zip": (b"7z\xbc\xaf\x27\x1c\n" + GOOD, {"gzip_or_binary": []}, 0),
    "jpeg": (b"\xff\xd8\xff\xe0\n" + GOOD, {"gzip_or_binary": []}, 0),
    "lz4": (b"\x04\x22\x4d\x18\n" + GOOD, {"gzip_or_binary": []}, 0),
    "old-office": (b"\xd0\xcf\x11\xe0\n", {"gzip_or_binary": []}, 0),
    "orc": (b"ORC\x11\0\0\n\x06\x12\x04\n", {"gzip_or_binary": []}, 0),
    "unlisted-binary": (bytes(range(256)) * 8, {"gzip_or_binary": []}, 0),
    "latin-1-table": (
        b"d\xe9j\xe0,vu\n" * 3,
        {"unrecognised_format": [], "not_utf8": [1, 2, 3]},
        0,
    ),
    "controls-in-prose": (
        b"prose with one \x01 control\n",
        {"unrecognised_format": [], "not_json": [1]},
        0,
    ),
    "nul-before-every-object": (
        b"\0" + b"\0".join(good_lines(CODE, 2)),
        {"nul_character": [1, 2], "too_few_examples": []},
        0,
    ),
    "utf-16-first-line-alone": (
        '{"input_text"\n'.encode("utf-16-le")[:-1] + GOOD,
        {"nul_character": [1]},
        0,
    ),
    "array-on-the-first-line": (
        json.dumps([row(CODE, 9)]).encode() + b"\n" + GOOD,
        {"not_object": [1]},
        0,
    ),
    "bracket-above-good-lines": (b"[\n" + GOOD, {"not_json": [1]}, 0),
    "array-on-every-line": (
        b"".join(b"[%b]\n" % each.rstrip() for each in good_lines(CODE, 2)),
        {"not_object": [1, 2], "too_few_examples": []},
        0,
    ),
    "object-cut-above-good-lines": (b'{"input_text": "a",\n' + GOOD, {"not_json": [1]}, 0),
    "a-turn-a-line": (
        b'{"messages": [\n{"author": "user"},\n{"author": "assistant"}\n]}\n' * 3,
        {"json_over_many_lines": []},
        0,
    ),
    "brackets-and-quotes-in-texts": (
        b'{"input_text": "\\"}]",\n"output_text": "\\\\"}\n' * 2,
        {"json_over_many_lines": []},
        0,
    ),
    "line-end-in-every-text": (
        b'{"input_text": "a\nb", "output_text": "c"}\n' * 2,
        {"not_json": [1, 2, 3, 4], "too_few_examples": []},
        0,
    ),
    "other-keys": (b'{"question":"a","answer":"b"}\n', {"unrecognised_format": []}, 0),
    "other-keys-and-broken": (
        b'{"question":"a"}\n{"question"\n',
        {"unrecognised_format": [], "not_json": [2]},
        0,
    ),
    "cut-off": (GOOD + b'{"input_text":"a', {"truncated_file": [4]}, 0),
    "cut-in-a-word": (GOOD + b'{"input_text":nul', {"truncated_file": [4]}, 0),
    "cut-in-a-character": (GOOD + b'{"input_text":"\xe2\x82', {"truncated_file": [4]}, 0),
    "one-overlong-line": (b"x" * 3000, {"overlong_line": [1]}, 0),
    "overlong-gzip": (b"\x1f\x8b" + b"x" * 3000, {"gzip_or_binary": [], "overlong_line": [1]}, 0),
    "byte-order-mark": (b"\xef\xbb\xbf" + GOOD, {"bom": [1]}, 0),
    "concatenated-marks": (
        GOOD + b"\xef\xbb\xbf" + b"".join(good_lines(CODE, 1, start=9)),
        {"bom": [4]},
        0,
    ),
    "crlf": (GOOD.replace(b"\n", b"\r\n") + b"\r\n", {"crlf": [1, 2, 3]}, 1),
    "no-last-lf": (GOOD.rstrip(b"\n"), {}, 0),
    "blank-between": (GOOD.replace(b"\n", b"\n\n"), {}, 3),
    "unicode-line-ends-inside": (
        pair(b'"a\xe2\x80\xa8\xc2\x85b"', b'"x\\u000b\\f\\r"') + b"\n",
        {},
        0,
    ),
    "repeated": (GOOD + b"\n" + GOOD, {"exact_duplicate": [5, 6, 7]}, 1),
    "repeated-in-other-words": (
        pair(b'"\xc3\xa9"', b'"b"') + b'\n{"output_text": "b", "input_text": "\\u00e9"}\n',
        {"exact_duplicate": [2]},
        0,
    ),
}


@pytest.mark.parametrize(("data", "expected", "blank"), FILES.values(), ids=FILES)
def test_a_file_gets_exactly_these_findings(data, expected, blank):
    result = check(data)

    has_error = any(RULES[Code(code)].severity is Severity.ERROR for code in expected)
    assert (expected, blank) == (codes(result), result.lines.blank)
    assert ("rejected" if has_error else "accepted") == result.verdict


def test_the_message_of_a_duplicate_names_the_first_line():
    result = check(GOOD + GOOD)

    assert "the example equals the one on line 1" == result.findings[0].first.message


@pytest.mark.parametrize(
    ("count", "limits", "code", "verdict"),
    [
        pytest.param(9, Limits(min_examples=10), "too_few_examples", "rejected", id="one-short"),
        pytest.param(10, Limits(min_examples=10), None, "accepted", id="just-enough"),
        pytest.param(
            10,
            Limits(recommended_examples=11),
            "below_recommended",
            "accepted",
            id="below-recommended",
        ),
        pytest.param(11, Limits(max_examples=10), "too_many_examples", "rejected", id="one-over"),
        pytest.param(10, Limits(max_examples=10), None, "accepted", id="just-within"),
        pytest.param(
            5,
            Limits(max_examples=9, count_authors=True),
            "too_many_examples",
            "rejected",
            id="ten-authors",
        ),
        pytest.param(
            5, Limits(max_examples=10, count_authors=True), None, "accepted", id="authors-within"
        ),
    ],
)
def test_counts_are_held_to_the_base_model_s_limits(count, limits, code, verdict):
    result = check(b"".join(good_lines(CHAT, count)), limits=limits)

    assert ({code: []} if code else {}, verdict) == (codes(result), result.verdict)


def test_an_example_beyond_the_token_limit_is_a_warning():
    long = line(row(CODE, question="q" * 200, answer="a" * 204))

    result = check(GOOD + long, limits=Limits(max_tokens_per_example=100))

    assert ({"too_long_example": [4]}, "accepted") == (codes(result), result.verdict)


def test_two_turns_of_one_role_are_a_warning():
    lines = b"".join(good_lines(CHAT, 2)) + chat(("user", "a"), ("user", "b"), ("assistant", "c"))

    result = check(lines)

    assert ({"not_alternating": [3]}, "accepted") == (codes(result), result.verdict)


def test_a_line_that_does_not_fit_the_target_format_is_rejected():
    lines = b"".join(good_lines(CHAT, 2)) + chat(
        ("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")
    )

    result = check(lines, limits=Limits(target_format=CODE))

    assert ({"not_convertible": [3]}, 2) == (codes(result), result.lines.used)


def test_a_bad_line_within_the_tolerated_share_is_rejected_and_the_file_accepted():
    lines = b"".join(good_lines(CODE, 99)) + b"oops\n"

    tolerant = check(lines, options=CheckOptions(tolerate=0.01))
    strict = check(lines, options=CheckOptions(tolerate=0.009))

    assert ("accepted", 1, "rejected", 1) == (
        tolerant.verdict,
        tolerant.lines.rejected,
        strict.verdict,
        strict.lines.rejected,
    )


def test_a_recipe_can_make_a_warning_an_error():
    lines = b"".join(good_lines(CHAT, 2)) + chat(("user", "a"), ("user", "b"), ("assistant", "c"))

    result = check(lines, options=CheckOptions(severities={Code.NOT_ALTERNATING: Severity.ERROR}))

    assert ("rejected", 1) == (result.verdict, result.lines.rejected)


def test_all_bad_lines_are_counted_and_the_first_hundred_kept():
    result = check(GOOD + b"oops\n" * 250)

    finding = result.findings[0]
    assert (250, list(range(4, 104)), 4) == (finding.count, finding.lines, finding.first_line)


def test_all_repetitions_are_counted_and_the_first_hundred_kept():
    result = check(GOOD + good_lines(CODE, 1)[0] * 250)

    finding = result.findings[0]
    assert (250, list(range(4, 104))) == (finding.count, finding.lines)


def test_one_line_gives_at_most_twenty_findings():
    many_keys = json.dumps({f"key {number}": number for number in range(100)}).encode()

    assert 20 == len(explain(many_keys, CODE))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_says_what_it_means_and_what_to_do(rule):
    assert rule.meaning.endswith(".")
    assert rule.remedy.endswith(".")
    assert rule.example
    assert rule.code.value == rule.code.value.lower()


def test_every_code_has_a_rule():
    assert set(Code) == set(RULES)


SECRET = "sk-XYZZY-PLUGH"
QUOTING = {
    "unknown-key": {SECRET: 1},
    "near-key": {"input_text": "a", "output_texts" + SECRET: "b"},
    "role": {"messages": [{"author": SECRET, "content": SECRET}]},
    "uri": {
        "contents": [
            {"role": "user", "parts": [{"fileData": {"mimeType": SECRET, "fileUri": SECRET}}]}
        ]
    },
    "control": '{"input_text":"' + SECRET + "\x01",
    "log-injection": '{"input_text":"\\n{\\"severity\\":\\"EMERGENCY\\"}'
    + SECRET
    + '\x1b[31m" oops',
    "broken": SECRET,
}


@pytest.mark.parametrize("dataset_format", Format)
@pytest.mark.parametrize("value", QUOTING.values(), ids=QUOTING)
def test_no_message_quotes_the_dataset(value, dataset_format):
    body = value.encode() if isinstance(value, str) else json.dumps(value).encode()

    found = explain(body, dataset_format)

    assert found
    assert SECRET not in repr(found)
    assert not any("EMERGENCY" in finding.message or "\n" in finding.message for finding in found)


def test_whole_file_findings_carry_no_line():
    result = check(GOOD, limits=Limits(min_examples=10))

    finding = result.to_json()["findings"][0]
    assert Scope.FILE is RULES[Code.TOO_FEW_EXAMPLES].scope
    assert ([], None, None) == (
        finding["lines"],
        finding["first"]["line"],
        finding["first"]["column"],
    )


@pytest.mark.parametrize("piece", [b"\0", b" ", b"[", b"{", b"\xef\xbb\xbf", b"[ "], ids=repr)
def test_a_first_line_of_megabytes_of_one_thing_keeps_nobody_waiting(piece):
    size = 2**20

    result = check(piece * (size // len(piece)) + b"\n" + GOOD, options=CheckOptions())

    assert (4, 3) == (result.lines.physical, result.lines.used)
