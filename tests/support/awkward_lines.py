"""Lines of every shape with something awkward in them; a canary word stands in every text.

Knows how the shapes spell things, and nothing of what the checker says.
"""

import json

from support.datasets import line, row
from tunedrop.domain.formats import Format

CANARY = "kanarienvogel"
SHAPES = tuple(Format)
CHATS = frozenset({Format.CODE_CHAT, Format.GEMINI, Format.OPENAI})
"""Shapes of which a line holds a conversation, with roles and an instruction above it."""
TOP_KEY = {
    Format.CODE_GENERATION: "input_text",
    Format.CODE_CHAT: "messages",
    Format.GEMINI: "contents",
    Format.OPENAI: "messages",
    Format.PROMPT_COMPLETION: "prompt",
    Format.ALPACA: "instruction",
}
"""The key of a line that its question stands in or below."""
TEXT_KEY = TOP_KEY | dict.fromkeys(CHATS, "content") | {Format.GEMINI: "text"}
"""The key whose value is the question."""
ROLE_KEY = dict.fromkeys(SHAPES, "role") | {Format.CODE_CHAT: "author"}
ASSISTANT = dict.fromkeys(SHAPES, "assistant") | {Format.GEMINI: "model"}
_SPOT = "SPOT"
_BEFORE = 3
FAULTY = _BEFORE + 1
"""The physical line on which `around` puts what it is given."""


def good(shape, number=0):
    """A good line with its LF, distinct by its number."""
    return line(row(shape, question=question(number), answer=answer(number)))


def good_file(shape, count=6):
    return b"".join(good(shape, number) for number in range(count))


def question(number):
    return f"{CANARY}: how is tide {number} read?"


def answer(number):
    return f"{CANARY}: tide = table[{number}]"


def around(shape, *faulty):
    """Three good lines, the lines given (a LF is added where it lacks), and enough good lines to prevail."""
    before = (good(shape, number) for number in range(_BEFORE))
    after = (good(shape, number) for number in range(100, 100 + len(faulty)))
    return b"".join((*before, *map(ended, faulty), *after))


def ended(body):
    return body if body.endswith(b"\n") else body + b"\n"


def text(raw=b""):
    """A JSON string with *raw* in the middle of it, as it is."""
    return b'"%s %s %s"' % (CANARY.encode(), raw, CANARY.encode())


def asked(shape, raw, number=50):
    """A line, without LF, whose question is a raw JSON value."""
    spotted = line(row(shape, question=_SPOT, answer=answer(number)))
    return spotted.replace(json.dumps(_SPOT).encode(), raw).removesuffix(b"\n")


def answered(shape, raw, number=50):
    """A line, without LF, whose answer is a raw JSON value."""
    spotted = line(row(shape, question=question(number), answer=_SPOT))
    return spotted.replace(json.dumps(_SPOT).encode(), raw).removesuffix(b"\n")


def added(shape, member, number=50):
    """A line, without LF, with one more raw member at its beginning."""
    return b"{" + member + b", " + good(shape, number).removesuffix(b"\n")[1:]


def renamed(shape, key, new, number=50):
    """A line, without LF, in which *key* is spelt otherwise where it comes first."""
    old = json.dumps(key).encode() + b":"
    return good(shape, number).replace(old, json.dumps(new).encode() + b":", 1).removesuffix(b"\n")


def turns(shape, *roles, **extra):
    """A line of a conversation whose turns are the user's (`user`), the assistant's (`assistant`) or anybody's."""
    said = [
        (ASSISTANT[shape] if role == "assistant" else role, f"{CANARY} turn {number}")
        for number, role in enumerate(roles)
    ]
    if shape is Format.GEMINI:
        return line(
            {
                "contents": [{"role": role, "parts": [{"text": words}]} for role, words in said],
                **extra,
            }
        )
    messages = [{ROLE_KEY[shape]: role, "content": words} for role, words in said]
    return line({"messages": messages, **extra})


def instructed(shape, number, instruction=CANARY):
    """A good line of a conversation with an instruction above it."""
    value = row(shape, question=question(number), answer=answer(number))
    match shape:
        case Format.CODE_CHAT:
            value["context"] = instruction
        case Format.GEMINI:
            value["systemInstruction"] = {"parts": [{"text": instruction}]}
        case Format.OPENAI:
            value["messages"].insert(0, {"role": "system", "content": instruction})
    return line(value)


def gemini_part(*parts):
    """A Gemini line, without LF, whose question has these parts."""
    asking = {"role": "user", "parts": list(parts)}
    saying = {"role": "model", "parts": [{"text": answer(50)}]}
    return line({"contents": [asking, saying]}).removesuffix(b"\n")
