"""Good files as other programs write them: every one of them has to be accepted, and every line used."""

import json

from support.awkward_file import accepted, awkward
from support.awkward_lines import CANARY, CHATS, good, good_file, instructed, turns
from support.datasets import line, row

_WORDS = "é ß 語 ع \U0001f469\u200d\U0001f4bb \u0301 \U00020000"


def _styled(shape, **options):
    """Lines whose texts are not all ASCII, written by Python's writer."""
    values = [
        row(shape, question=f"{CANARY} {_WORDS} {n}", answer=f"{_WORDS} {n}?") for n in range(6)
    ]
    return b"".join(line(value, **options) for value in values)


@awkward
def compact(shape):
    return accepted(_styled(shape, separators=(",", ":")))


@awkward
def spaces_before_and_after_every_mark(shape):
    return accepted(_styled(shape, separators=(" , ", " : ")))


@awkward
def tabs_and_carriage_returns_between_the_tokens(shape):
    return accepted(_styled(shape, separators=("\t,\r", "\t:\r")))


@awkward
def keys_in_the_order_of_the_alphabet(shape):
    return accepted(_styled(shape, sort_keys=True))


@awkward
def every_character_beyond_ascii_escaped(shape):
    return accepted(_styled(shape, ensure_ascii=True))


@awkward
def escapes_in_capital_letters_and_of_plain_letters(shape):
    data = good_file(shape).replace(b"how", rb"\u0068\u006Fw").replace(b"tide", rb"t\/\u00E9")
    return accepted(data)


@awkward
def every_line_in_another_style(shape):
    styles = [{}, {"indent": None, "sort_keys": True}, {"separators": (",", ":")}]
    values = [json.loads(good(shape, number)) for number in range(12)]
    return accepted(b"".join(line(v, **styles[n % 3]) for n, v in enumerate(values)))


@awkward
def blanks_around_every_object(shape):
    return accepted(b"".join(b" \t" + good(shape, n)[:-1] + b"\t \n" for n in range(6)))


@awkward
def crlf_as_line_end(shape):
    return accepted(good_file(shape).replace(b"\n", b"\r\n"), crlf=[1, 2, 3, 4, 5, 6])


@awkward
def crlf_on_some_lines(shape):
    lines = [good(shape, n).replace(b"\n", b"\r\n" if n % 2 else b"\n") for n in range(6)]
    return accepted(b"".join(lines), crlf=[2, 4, 6])


@awkward
def a_byte_order_mark(shape):
    return accepted(b"\xef\xbb\xbf" + good_file(shape), bom=[1])


@awkward
def files_with_a_byte_order_mark_joined(shape):
    part = [b"\xef\xbb\xbf" + good(shape, 2 * n) + good(shape, 2 * n + 1) for n in range(3)]
    return accepted(b"".join(part), bom=[1, 3, 5])


@awkward
def a_byte_order_mark_and_crlf(shape):
    data = b"\xef\xbb\xbf" + good_file(shape, 3).replace(b"\n", b"\r\n")
    return accepted(data, bom=[1], crlf=[1, 2, 3])


@awkward
def no_line_end_at_the_end(shape):
    return accepted(good_file(shape).removesuffix(b"\n"))


@awkward
def blank_lines_everywhere(shape):
    blanks = (b"\n", b" \n", b"\t\t\n", b"\r\n", b" \r\n", b"\x0b\x0c\n")
    return accepted(b"".join(blank + good(shape, n) for n, blank in enumerate(blanks)) + b"\n \n\t")


@awkward
def unicode_line_separators_inside(shape):
    separators = "\u2028\u2029\u0085"
    values = [row(shape, question=f"{separators}{n}", answer=f"a{separators}{n}") for n in range(6)]
    return accepted(b"".join(map(line, values)))


@awkward
def escaped_line_ends_and_controls_inside(shape):
    words = "\r\n\x0b\x0c\r\t\b\x1b[31m\x7f"
    values = [row(shape, question=f"q{words}{n}", answer=f"{words}a{n}") for n in range(6)]
    return accepted(b"".join(map(line, values)))


@awkward
def json_inside_the_texts(shape):
    inner = [good(shape, n).decode() for n in range(6)]
    rows = [row(shape, question=words, answer=f'", "{words}\\') for words in inner]
    return accepted(b"".join(map(line, rows)))


@awkward
def private_use_and_unassigned_characters(shape):
    words = "\ue0000\ue001 \ufffe\uffff\U0010ffff \ue0001\ue001"
    values = [row(shape, question=f"{words} {n}", answer=f"{n} {words}") for n in range(6)]
    return accepted(b"".join(map(line, values)))


@awkward
def texts_that_read_like_other_values(shape):
    words = ["null", "true", "0", "NaN", "{}", "[]", "''", "\\", '"', "//", "\u200bx", "-"]
    return accepted(b"".join(line(row(shape, question=f"{CANARY}{w}", answer=w)) for w in words))


@awkward
def one_character_for_an_answer(shape):
    letters = "aé語\U0001f680.;"
    return accepted(b"".join(line(row(shape, question=f"{a}?", answer=a)) for a in letters))


@awkward
def many_turns(shape):
    if shape not in CHATS:
        return accepted(good_file(shape, 4))
    return accepted(
        b"".join(turns(shape, *["user", "assistant"] * n) + good(shape, n) for n in range(3, 6))
    )


@awkward
def an_instruction_on_every_line(shape):
    return accepted(b"".join(instructed(shape, number) for number in range(6)))
