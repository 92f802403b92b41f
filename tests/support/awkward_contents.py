"""Files that are in order but for what their texts say."""

import base64
import hashlib

from support.awkward_file import accepted, awkward, refused
from support.awkward_lines import CANARY, FAULTY, answer, around, good, question
from support.datasets import line, row
from tunedrop.domain.checks import CheckOptions
from tunedrop.domain.findings import Code, Severity

_ASKS_FOR_DATA = CheckOptions(severities={Code.PERSONAL_DATA: Severity.WARNING})


def _drawn(count):
    """Characters of base64 that look drawn at random."""
    blocks = (hashlib.sha512(b"%d" % number).digest() for number in range(1 + count // 64))
    return base64.b64encode(b"".join(blocks)).decode()[:count]


def private_key():
    """A key that opens nothing, wrapped as tools write it."""
    body = "\n".join(_drawn(640)[start : start + 64] for start in range(0, 640, 64))
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"


def api_key():
    """In the shape of a cloud's key."""
    return "AI" + "za" + _drawn(400).replace("+", "").replace("/", "")[100:135]


def _saying(shape, *answers):
    values = [row(shape, question=question(50 + n), answer=a) for n, a in enumerate(answers)]
    return around(shape, *map(line, values))


@awkward
def a_private_key_in_an_answer(shape):
    return accepted(_saying(shape, f"{CANARY}\n{private_key()}"), secret_in_text=[FAULTY])


@awkward
def a_key_of_a_cloud_in_a_question(shape):
    asks = line(row(shape, question=f"{CANARY} {api_key()}?", answer=answer(50)))
    return accepted(around(shape, asks), secret_in_text=[FAULTY])


@awkward
def a_private_key_where_secrets_are_refused(shape):
    options = CheckOptions(severities={Code.SECRET_IN_TEXT: Severity.ERROR})
    return refused(_saying(shape, private_key()), options=options, secret_in_text=[FAULTY])


@awkward
def a_private_key_where_nobody_asks(shape):
    options = CheckOptions(severities={Code.SECRET_IN_TEXT: Severity.OFF})
    return accepted(_saying(shape, private_key()), options=options)


@awkward
def a_placeholder_for_a_key(shape):
    words = "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"
    return accepted(_saying(shape, words, "AIzaSyYOUR_API_KEY", "password = '...'"))


@awkward
def an_address_of_a_person_where_nobody_asks(shape):
    return accepted(_saying(shape, f"Write to {CANARY}@harbour-office.de."))


@awkward
def an_address_of_a_person_where_somebody_asks(shape):
    data = _saying(shape, f"Write to {CANARY}@harbour-office.de.", "Call nobody.")
    return accepted(data, options=_ASKS_FOR_DATA, personal_data=[FAULTY])


@awkward
def an_answer_that_repeats_its_question(shape):
    values = [row(shape, question=f"{CANARY} {n}", answer=f"{CANARY} {n}") for n in range(2)]
    lines = [*map(line, values), line(row(shape, question=CANARY, answer=f" {CANARY}\n"))]
    return accepted(around(shape, *lines), answer_equals_prompt=[4, 5, 6])


@awkward
def a_fence_that_is_never_closed(shape):
    data = _saying(shape, f"{CANARY}:\n```python\nx = 1\n", "~~~\nlow = high\n")
    return accepted(data, unclosed_fence=[4, 5])


@awkward
def python_that_does_not_parse(shape):
    bad = f"```python\ndef {CANARY}(:\n    pass\n```\n"
    data = _saying(shape, bad, f"```python\ndef {CANARY}():\n    pass\n```\n")
    return accepted(data, code_does_not_parse=[FAULTY])


@awkward
def json_and_toml_that_do_not_parse(shape):
    data = _saying(shape, '```json\n{"a": 1,}\n```', "```toml\na =\n```", "```json\n[1]\n```")
    return accepted(data, code_does_not_parse=[4, 5])


@awkward
def all_answers_alike(shape):
    values = [row(shape, question=question(n), answer=f"{CANARY}") for n in range(12)]
    return accepted(b"".join(map(line, values)), all_answers_alike=[])


@awkward
def nine_answers_of_ten_alike(shape):
    data = b"".join(
        line(row(shape, question=question(n), answer=CANARY if n else "No.")) for n in range(10)
    )
    return accepted(data, all_answers_alike=[])


@awkward
def eight_answers_of_ten_alike(shape):
    data = b"".join(
        line(row(shape, question=question(n), answer=CANARY if n > 1 else f"{n}"))
        for n in range(10)
    )
    return accepted(data)


@awkward
def everything_wrong_at_once(shape):
    """Each kind of fault keeps to its own line."""
    lines = [
        b"oops",
        b"\xff",
        b"[1]",
        good(shape, 0),
        b"",
        good(shape, 50).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + good(shape, 51),
        line(row(shape, question=CANARY, answer=CANARY)),
        b'{"x": NaN}',
    ]
    found = {"not_json": [4], "not_utf8": [5], "not_object": [6], "exact_duplicate": [7]}
    found |= {"crlf": [9], "bom": [10], "answer_equals_prompt": [11], "non_finite_number": [12]}
    return refused(around(shape, *lines), **found)
