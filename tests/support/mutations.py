"""What a fuzzer does to a good file: cuts, flips, repeats, swaps and grafts, drawn by whoever hands out numbers.

Used by the property tests and by the coverage-guided run alike; knows bytes, and of datasets only how good lines begin.
"""

import re

from support.datasets import good_lines, line, row
from tunedrop.domain.formats import Format

SHAPES = tuple(Format)
STYLES = (
    {},
    {"separators": (",", ":")},
    {"ensure_ascii": True},
    {"sort_keys": True, "separators": (" ,\t", " : ")},
)
GRAFTS = (
    *(b"\n", b"\r\n", b"\r", b" ", b"\t", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xa8"),
    *(b"\xe2\x82", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"{}", b"[]", b"[[[["),
    *(b'{"a":', b"}\n{", b"\\u0000", b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"\\u00e9"),
    *(b'"role":"user",', b'"author":"user",', b'"role":"system",', b'"text":"a",'),
    *(b'"parts":[],', b'"input_text":"a",', b'"context":"c",', b'"messages":[],'),
    *(b"```python\\ndef f(:\\n```", b"```", b"a.b@harbour-office.de", b"://u:kv9fTq27bW@h"),
)
"""What is put somewhere among the bytes."""
VALUES = (
    *(b"null", b"true", b"7", b"-0", b"NaN", b"1e999", b"7" * 25, b'""', b'" "', b'"a"', b"[]"),
    *(b"{}", b'"User"', b'"us\xd0\xb5r"', b'"system"', b'"model"', b'"text"', b'"role"'),
    *(b'["a"]', b'[{"text":"a"}]', b'{"text":"a"}', b'[{"type":"text","text":"a"}]'),
)
"""What is put in place of a token."""
_ARGUMENTS = '{"of": {"harbour": ["north", 2, null]}}'
_CALL = {"id": "1", "type": "function", "function": {"name": "tide", "arguments": _ARGUMENTS}}
_MORE = {
    Format.CODE_CHAT: {"context": "Be brief."},
    Format.ALPACA: {"input": "north"},
    Format.GEMINI: {
        "systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]},
        "tools": [{"functionDeclarations": [{"name": "tide"}]}],
        "contents": [
            {
                "role": "user",
                "parts": [
                    {"text": "Now?"},
                    {"fileData": {"mimeType": "a/b", "fileUri": "gs://tide-files/a"}},
                ],
            },
            {
                "role": "model",
                "parts": [{"functionCall": {"name": "tide", "args": {"of": ["north", 2]}}}],
            },
            {
                "role": "user",
                "parts": [{"functionResponse": {"name": "tide", "response": {"metres": 2.5}}}],
            },
            {"role": "model", "parts": [{"text": "Two and "}, {"text": "a half."}]},
        ],
    },
    Format.OPENAI: {
        "tools": [{"type": "function", "function": {"name": "tide", "strict": True}}],
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "name": "Ina", "content": [{"type": "text", "text": "Now?"}]},
            {"role": "assistant", "content": None, "tool_calls": [_CALL]},
            {"role": "tool", "tool_call_id": "1", "content": '{"metres": 2.5}'},
            {"role": "assistant", "content": "Two and a half.", "weight": 1},
        ],
    },
}
"""What a line of each format may hold beyond a question and an answer."""
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[][{},:]')


def good_file(shape, style, count=12):
    """Good lines in one of the styles, a repetition, a contradiction and all a format has among them."""
    questions = ["Où est la marée?" if number % 5 == 4 else None for number in range(count)]
    values = [row(shape, number, question=words) for number, words in enumerate(questions)]
    values[2::4] = [{**value, **_MORE.get(shape, {})} for value in values[2::4]]
    return b"".join(line(value, **style) for value in (*values, values[1]))


def mutated(data, choose):
    """Change a file in one way; *choose(n)* gives a number from 0 to n - 1."""
    return MUTATIONS[choose(len(MUTATIONS))](data, choose)


def _span(data, choose):
    start = choose(len(data) + 1)
    return start, min(len(data), start + choose(40))


def _flip(data, choose):
    if not data:
        return data
    at = choose(len(data))
    return data[:at] + bytes([data[at] ^ (1 << choose(8))]) + data[at + 1 :]


def _graft(data, choose):
    start, end = _span(data, choose)
    return data[:start] + GRAFTS[choose(len(GRAFTS))] + data[end if choose(2) else start :]


def _repeat(data, choose):
    start, end = _span(data, choose)
    return data[:end] + data[start:end] * choose(4) + data[end:]


def _remove(data, choose):
    start, end = _span(data, choose)
    return data[:start] + data[end:]


def _cut(data, choose):
    return data[: choose(len(data) + 1)]


def _swap_lines(data, choose):
    lines = data.splitlines(keepends=True)
    if lines:
        one, other = choose(len(lines)), choose(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def _repeat_line(data, choose):
    lines = data.splitlines(keepends=True)
    return data + lines[choose(len(lines))] if lines else data


def _splice(data, choose):
    """Go on inside a file of another format."""
    other = b"".join(good_lines(SHAPES[choose(len(SHAPES))], 6, start=90))
    return data[: choose(len(data) + 1)] + other[choose(len(other)) :]


def _replace_token(data, choose):
    """Put a value, or another token of the file, in place of a key, a text or a mark."""
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return data
    token = tokens[choose(len(tokens))]
    new = tokens[choose(len(tokens))][0] if choose(2) else VALUES[choose(len(VALUES))]
    return data[: token.start()] + new + data[token.end() :]


MUTATIONS = (
    _replace_token,
    _replace_token,
    _flip,
    _graft,
    _graft,
    _repeat,
    _remove,
    _cut,
    _swap_lines,
    _repeat_line,
    _splice,
)
