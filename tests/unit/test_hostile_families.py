"""Families 1 to 28 of the hostile inputs, each by its number, with exactly what has to come of it.

What of a family concerns an object's name is held in `test_naming` and `test_receive`, and every fault at every place
in `test_awkward_positions`; the families that are about size are checked in processes of their own.
"""

import gzip

import pytest

from support.awkward import TABLE
from support.awkward_lines import SHAPES
from support.child import checked_apart, needs_proc
from support.datasets import found, good_lines, line, no_limits, row
from support.hostile import HEAVY
from support.world import World
from tunedrop.domain.checks import check_dataset
from tunedrop.domain.formats import Format
from tunedrop.domain.naming import ObjectRole, object_role

CODE, CHAT, GEMINI = Format.CODE_GENERATION, Format.CODE_CHAT, Format.GEMINI
GOOD = b"".join(good_lines(CODE, 3))
MOST_MIB = 256


def check(*faulty, shape=CODE):
    """What is found in three good lines, the lines given, and as many good ones below."""
    before, after = good_lines(shape, 3), good_lines(shape, len(faulty), start=50)
    return answer(b"".join([*before, *(body + b"\n" for body in faulty), *after]))


def answer(data):
    return found(check_dataset([data], limits_for=no_limits))


def asked(raw):
    return b'{"input_text":' + raw + b',"output_text":"b"}'


@needs_proc
@pytest.mark.parametrize("family", HEAVY)
def test_a_family_of_sheer_size_is_refused_in_little_memory_and_time(family):
    answers, peak_mib = checked_apart(HEAVY[family].script)

    assert HEAVY[family].found == tuple(each["found"] for each in answers)
    assert peak_mib <= MOST_MIB


def test_01_an_empty_object_holds_no_example():
    assert ("rejected", "empty_file") == outcome(b"")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        pytest.param("bot/", ObjectRole.PLACEHOLDER, id="02-folder"),
        pytest.param(".keep", ObjectRole.PLACEHOLDER, id="03-keep"),
        pytest.param("bot/_SUCCESS", ObjectRole.PLACEHOLDER, id="03-success"),
        pytest.param("bot_$folder$", ObjectRole.PLACEHOLDER, id="03-folder-mark"),
        pytest.param(
            "gcloud/tmp/parallel_composite_uploads/a.jsonl", ObjectRole.UPLOAD_PART, id="04-part"
        ),
    ],
)
def test_02_to_04_what_is_no_dataset_by_its_name_is_not_read(name, role):
    assert role == object_role(name)


def test_05_only_newlines_and_spaces():
    assert {"empty_file": []} == answer(b"\n \n\t\r\n")


def test_08_to_10_what_is_stored_packed_is_told_to_be_whatever_its_encoding_says():
    """The bytes are read as stored, so that a content encoding of gzip makes no difference."""
    packed = gzip.compress(GOOD, mtime=0)

    assert ("rejected", "gzip_or_binary") == outcome(packed)
    assert ("rejected", "gzip_or_binary") == outcome(gzip.compress(packed, mtime=0))


def outcome(data):
    """What the validator says of an upload named as a dataset."""
    said = World().drop("x.jsonl", data)
    return said.code, said.reason


@pytest.mark.parametrize(
    "beginning", [b"PK\x03\x04\x14", b"PAR1\x15", b"%PDF-1.7\n", b"\x89PNG\r\n"], ids=repr
)
def test_11_other_kinds_of_file(beginning):
    assert {"gzip_or_binary": []} == answer(beginning + GOOD)


def test_12_nesting():
    levels = 10**4
    lines = [asked(b"[" * levels), asked(b'{"a":' * levels), b"[" * levels + b"]" * levels]

    assert {"too_deep": [4, 5, 6]} == check(*lines)


def test_13_long_integers():
    lines = [asked(b"7" * 5000), asked(b"7" * 4300), asked(b"-" + b"7" * 4301)]

    assert {"oversized_integer": [4, 5, 6]} == check(*lines)


def test_14_numbers_that_json_or_a_double_does_not_have():
    lines = map(asked, [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-0"])

    assert {"non_finite_number": [4, 5, 6, 7], "wrong_type": [8]} == check(*lines)


def test_15_keys_that_stand_twice():
    body = line(row(GEMINI, 9)).removesuffix(b"\n")
    lines = [body.replace(b'"role"', b'"role": "user", "role"', 1), body[:-1] + b", " + body[1:]]

    assert {"duplicate_key": [4, 5]} == check(*lines, shape=GEMINI)


def test_16_half_a_surrogate_pair():
    lines = map(asked, [rb'"\ud800"', rb'"\udc00\ud800"', rb'"\ud83dx"'])

    assert {"lone_surrogate": [4, 5, 6]} == check(*lines)


def test_17_bytes_that_are_no_utf_8():
    bad = [b"\xff", b"\xc0\xaf", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82"]

    assert {"not_utf8": [4, 5, 6, 7, 8, 9]} == check(*(asked(b'"' + raw + b'"') for raw in bad))


def test_17_a_character_on_the_edge_of_two_chunks_is_whole():
    data = line(row(CODE, question="語\U0001f680?")) + b'{"input_text":"\xe2\x82'
    for edge in range(len(data)):
        chunks = [data[:edge], data[edge : edge + 1], b"", data[edge + 1 :]]

        assert {"truncated_file": [2]} == found(check_dataset(chunks, limits_for=no_limits))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_18_other_encodings_of_unicode(encoding):
    assert {"utf16_or_utf32": []} == answer(GOOD.decode().encode(encoding))


def test_18_byte_order_marks():
    assert {"bom": [1, 4]} == answer((b"\xef\xbb\xbf" + GOOD) * 1 + b"\xef\xbb\xbf" + asked(b'"a"'))
    assert {"not_json": [4]} == check(b'{"input_text":\xef\xbb\xbf"a","output_text":"b"}')


def test_19_line_ends_that_are_none():
    inside = '"\u2028\u2029\x85 {} \x7f"'
    raw = [inside.format(r"\u000b\f\r\u0000").encode(), b'"a\rb"', b'"a\x0bb"', b'"\0"']

    assert {"nul_character": [4, 7], "not_json": [5, 6]} == check(*map(asked, raw))
    assert {"crlf": [1, 2, 3, 4]} == answer(GOOD.replace(b"\n", b"\r\n") + asked(b'"a"') + b"\r\n")
    assert {} == answer(GOOD + asked(inside.format(r"\u000b\f\r").encode()) + b"\n")


def test_20_a_last_line_without_its_line_end_or_its_end():
    whole = GOOD + asked(b'"a"')

    assert {} == answer(whole)
    # Two characters at the least are cut off: a brace and what stands before it.
    for end in range(len(GOOD) + 1, len(whole)):
        assert {"truncated_file": [4]} == answer(whole[:end]), end


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            b"[" + GOOD.replace(b"\n", b",\n") + b"]", {"json_array_file": []}, id="array"
        ),
        pytest.param(GOOD + asked(b'"a"') * 2, {"two_values_on_line": [4]}, id="concatenated"),
        pytest.param(GOOD + b"// a\n" + b"/* b */\n", {"not_json": [4, 5]}, id="comments"),
        pytest.param(GOOD + asked(b'"a"')[:-1] + b",}\n", {"not_json": [4]}, id="trailing-comma"),
    ],
)
def test_21_json_that_is_no_json_lines(data, expected):
    assert expected == answer(data)


def test_22_lines_that_are_no_objects():
    lines = [b"null", b"[]", b'"x"', b"true", b"0", b"-1.5e3"]

    assert {"not_object": [4, 5, 6, 7, 8, 9]} == check(*lines)


def test_23_keys_that_mean_something_to_a_language():
    keys = ["__proto__", "__class__", "constructor", "$ref", "<<", "__import__"]
    lines = [b'{"%s":{},' % key.encode() + asked(b'"a"')[1:] for key in keys]

    assert {"unknown_key": [4, 5, 6, 7, 8, 9]} == check(*lines)


@pytest.mark.parametrize("inner", [{}, [], [{"contents": []}], "a", 1, None, True], ids=repr)
def test_24_a_line_within_a_line(inner):
    assert {"wrong_type": [4]} == check(line({"contents": {"contents": inner}})[:-1], shape=GEMINI)


def test_25_roles_that_only_look_right():
    roles = ["us\u0435r", "user\u200b", "\u202euser", "us\u00ader", "\uff55\uff53\uff45\uff52"]
    body = line(row(CHAT)).decode().removesuffix("\n")
    lines = [body.replace('"user"', f'"{role}"').encode() for role in roles]

    assert {"homoglyph_role": [4, 5, 6, 7, 8]} == check(*lines, shape=CHAT)


@pytest.mark.parametrize(
    "uri",
    ["gs://other-bucket/a", "http://169.254.169.254/", "file:///etc/passwd", "", "gs://a\n/b"],
    ids=repr,
)
def test_26_files_from_where_nobody_allowed(uri):
    value = row(GEMINI)
    value["contents"][0]["parts"] = [{"fileData": {"mimeType": "text/plain", "fileUri": uri}}]

    assert {"foreign_uri": [4]} == check(line(value).removesuffix(b"\n"), shape=GEMINI)


def test_every_kind_of_fault_of_these_families_is_in_the_table_in_all_shapes_too():
    """Here a family has one shape, there each fault has six."""
    codes = {code for build in TABLE.values() for shape in SHAPES for code in build(shape).found}

    heavy = {code for family in HEAVY.values() for each in family.found for code in each}
    assert not heavy - codes
