"""Files whose bytes are not the UTF-8 text of JSON Lines: other encodings, and uploads that were cut."""

from support.awkward_file import awkward, refused
from support.awkward_lines import FAULTY, answered, around, asked, good, good_file, text

_ALL = [1, 2, 3, 4, 5, 6]


@awkward
def one_line_in_latin_1(shape):
    return refused(around(shape, asked(shape, text(b"caf\xe9"))), not_utf8=[FAULTY])


@awkward
def the_whole_file_in_latin_1(shape):
    data = good_file(shape).replace(b"tide", b"mar\xe9e")
    return refused(data, not_utf8=_ALL, too_few_examples=[])


@awkward
def the_whole_file_in_shift_jis(shape):
    data = good_file(shape).replace(b"tide", "潮汐".encode("shift-jis"))
    return refused(data, not_utf8=_ALL, too_few_examples=[])


@awkward
def overlong_and_surrogate_bytes(shape):
    bad = [b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"\x80"]
    lines = [asked(shape, text(raw)) for raw in bad]
    return refused(around(shape, *lines), not_utf8=[4, 5, 6, 7, 8, 9])


@awkward
def a_character_cut_by_a_line_end(shape):
    start = asked(shape, text(b"\xe2\x82")).split(b"\x82")[0] + b"\x82"
    return refused(around(shape, start), not_utf8=[FAULTY])


@awkward
def utf_16_with_its_mark(shape):
    return refused(good_file(shape).decode().encode("utf-16"), utf16_or_utf32=[])


@awkward
def utf_16_big_endian_with_its_mark(shape):
    return refused(b"\xfe\xff" + good_file(shape).decode().encode("utf-16-be"), utf16_or_utf32=[])


@awkward
def utf_16_without_a_mark(shape):
    return refused(good_file(shape).decode().encode("utf-16-le"), utf16_or_utf32=[])


@awkward
def utf_16_big_endian_without_a_mark(shape):
    return refused(good_file(shape).decode().encode("utf-16-be"), utf16_or_utf32=[])


@awkward
def utf_32_with_its_mark(shape):
    return refused(good_file(shape).decode().encode("utf-32"), utf16_or_utf32=[])


@awkward
def utf_32_big_endian_with_its_mark(shape):
    data = b"\0\0\xfe\xff" + good_file(shape).decode().encode("utf-32-be")
    return refused(data, utf16_or_utf32=[])


@awkward
def utf_32_without_a_mark(shape):
    return refused(good_file(shape).decode().encode("utf-32-le"), utf16_or_utf32=[])


@awkward
def utf_32_big_endian_without_a_mark(shape):
    return refused(good_file(shape).decode().encode("utf-32-be"), utf16_or_utf32=[])


@awkward
def cut_inside_a_text(shape):
    return refused(good_file(shape, 5) + good(shape, 9)[:-25], truncated_file=[6])


@awkward
def cut_before_the_last_brace(shape):
    return refused(good_file(shape, 5) + good(shape, 9)[:-2], truncated_file=[6])


@awkward
def cut_after_the_first_brace(shape):
    return refused(good_file(shape, 5) + b"{", truncated_file=[6])


@awkward
def cut_inside_a_character(shape):
    line = asked(shape, text("語".encode()))
    return refused(good_file(shape, 5) + line.split(b"\x9e")[0], truncated_file=[6])


@awkward
def cut_inside_an_escape(shape):
    line = answered(shape, text(rb"\u00e9"))
    return refused(good_file(shape, 5) + line.split(b"0e9")[0], truncated_file=[6])


@awkward
def cut_inside_a_surrogate_pair(shape):
    line = answered(shape, text(rb"\ud83d\ude00"))
    return refused(good_file(shape, 5) + line.split(rb"\ude00")[0], truncated_file=[6])


@awkward
def filled_up_with_nul_after_a_crash(shape):
    return refused(good_file(shape) + b"\0" * 4096, nul_character=[7])


@awkward
def an_end_of_file_character(shape):
    return refused(good_file(shape) + b"\x1a", not_json=[7])


@awkward
def a_byte_order_mark_inside_a_line(shape):
    line = b"{\xef\xbb\xbf" + good(shape, 9)[1:]
    return refused(around(shape, line), not_json=[FAULTY])


@awkward
def two_byte_order_marks(shape):
    return refused(b"\xef\xbb\xbf" * 2 + good_file(shape), not_json=[1])


@awkward
def carriage_returns_alone_as_line_ends(shape):
    data = good_file(shape).replace(b"\n", b"\r")
    return refused(data, two_values_on_line=[1], too_few_examples=[])


@awkward
def nothing_at_all(_shape):
    return refused(b"", empty_file=[])


@awkward
def nothing_but_blanks(_shape):
    return refused(b"\n \n\t\r\n\r\n \x0b\x0c", empty_file=[])


@awkward
def nothing_but_a_byte_order_mark(_shape):
    return refused(b"\xef\xbb\xbf\r\n", empty_file=[])
