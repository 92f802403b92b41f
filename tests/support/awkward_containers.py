"""Files that hold examples, or something else, in another wrapping than one object a line."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import tarfile
import zipfile

from support.awkward_file import awkward, refused
from support.awkward_lines import CANARY, FAULTY, TOP_KEY, around, ended, good, good_file

_ALL = [1, 2, 3, 4, 5, 6]


def _values(shape, count=6):
    return [json.loads(good(shape, number)) for number in range(count)]


@awkward
def packed_by_gzip(shape):
    return refused(gzip.compress(good_file(shape), mtime=0), gzip_or_binary=[])


@awkward
def packed_by_bzip2(shape):
    return refused(bz2.compress(good_file(shape)), gzip_or_binary=[])


@awkward
def packed_by_xz(shape):
    return refused(lzma.compress(good_file(shape)), gzip_or_binary=[])


@awkward
def packed_by_zip(shape):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{CANARY}.jsonl", good_file(shape))
    return refused(packed.getvalue(), gzip_or_binary=[])


@awkward
def packed_by_tar(shape):
    packed, data = io.BytesIO(), good_file(shape)
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(f"{CANARY}.jsonl")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return refused(packed.getvalue(), gzip_or_binary=[])


@awkward
def a_parquet_file(shape):
    return refused(b"PAR1\x15\x04" + good_file(shape, 1) + b"PAR1", gzip_or_binary=[])


@awkward
def a_pdf_file(shape):
    return refused(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + good_file(shape), gzip_or_binary=[])


@awkward
def a_png_file(shape):
    return refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + good_file(shape), gzip_or_binary=[])


@awkward
def a_pickle(shape):
    data = pickle.dumps(_values(shape), protocol=4)
    return refused(data, gzip_or_binary=[])


@awkward
def another_binary_file(_shape):
    data = b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 8
    return refused(data, gzip_or_binary=[])


@awkward
def one_array_on_one_line(shape):
    return refused(json.dumps(_values(shape)).encode(), json_array_file=[])


@awkward
def one_array_with_an_object_a_line(shape):
    objects = b",\n".join(good(shape, n)[:-1] for n in range(6))
    return refused(b"[" + objects + b"]\n", json_array_file=[])


@awkward
def one_array_over_many_lines(shape):
    return refused(json.dumps(_values(shape), indent=2).encode(), json_array_file=[])


@awkward
def one_array_behind_a_byte_order_mark_and_a_blank_line(shape):
    data = json.dumps(_values(shape), indent=2).encode()
    return refused(b"\n\xef\xbb\xbf" + data, json_array_file=[])


@awkward
def objects_over_many_lines(shape):
    data = b"\n".join(json.dumps(value, indent=4).encode() for value in _values(shape))
    return refused(data, json_over_many_lines=[])


@awkward
def objects_over_many_lines_with_crlf(shape):
    data = b"\n".join(json.dumps(value, indent=4).encode() for value in _values(shape))
    return refused(data.replace(b"\n", b"\r\n"), json_over_many_lines=[])


@awkward
def objects_that_begin_on_one_line_and_end_on_another(shape):
    data = good_file(shape, 12).replace(b", ", b",\n")
    return refused(data, json_over_many_lines=[])


@awkward
def everything_on_one_line(shape):
    data = good_file(shape).replace(b"\n", b"")
    return refused(data, two_values_on_line=[1], too_few_examples=[])


@awkward
def two_objects_on_one_line(shape):
    joined = good(shape, 8)[:-1] + good(shape, 9)
    spaced = good(shape, 10)[:-1] + b" " + good(shape, 11)
    return refused(around(shape, joined, spaced), two_values_on_line=[4, 5])


@awkward
def a_comma_after_every_object(shape):
    data = b",\n".join(good(shape, n)[:-1] for n in range(6)) + b"\n"
    return refused(data, not_json=[1, 2, 3, 4, 5])


@awkward
def one_object_around_all_examples(shape):
    data = json.dumps({f"{CANARY}s": _values(shape)}).encode()
    return refused(data, missing_key=[1], unknown_key=[1], too_few_examples=[])


@awkward
def comma_separated_values(_shape):
    rows = b"%b asks,%b says\n" % (CANARY.encode(), CANARY.encode())
    return refused(b"question,answer\n" + rows * 5, not_json=_ALL, unrecognised_format=[])


@awkward
def a_page_of_an_error(_shape):
    return refused(
        f"<!DOCTYPE html>\n<html>{CANARY}</html>\n".encode(),
        not_json=[1, 2],
        unrecognised_format=[],
    )


@awkward
def the_output_of_print_in_python(shape):
    data = b"".join(repr(value).encode() + b"\n" for value in _values(shape))
    return refused(data, not_json=_ALL, unrecognised_format=[])


@awkward
def a_line_of_yaml_among_the_objects(shape):
    line = f"{TOP_KEY[shape]}: {CANARY}".encode()
    return refused(around(shape, line), not_json=[FAULTY])


@awkward
def a_comment_of_its_own_line(shape):
    lines = [b"# " + CANARY.encode(), b"// " + CANARY.encode(), b"/* " + CANARY.encode() + b" */"]
    return refused(around(shape, *lines), not_json=[4, 5, 6])


@awkward
def values_that_are_no_objects(shape):
    values = [b"null", b"[]", b'"%s"' % CANARY.encode(), b"true", b"false", b"-0.5e3", b"[{}]"]
    return refused(around(shape, *values), not_object=[4, 5, 6, 7, 8, 9, 10])


@awkward
def a_line_of_ten_megabytes(shape):
    return refused(around(shape, ended(b'"' + b"x" * 10_000_000 + b'"')), overlong_line=[FAULTY])


@awkward
def a_first_line_of_two_megabytes_that_tells_no_format(shape):
    data = b'"' + b"x" * 2_000_000 + b'"\n' + good_file(shape)
    return refused(data, not_object=[1])


@awkward
def a_string_that_never_ends(shape):
    data = good_file(shape, 3) + good(shape, 9)[:-20] + b"x" * 9_000_000
    return refused(data, overlong_line=[4])
