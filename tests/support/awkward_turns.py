"""Files with conversations in which somebody else speaks, or speaks out of turn.

In a file of questions and answers a conversation is a line of another format, whoever speaks in it.
"""

from support.awkward_file import accepted, awkward, refused
from support.awkward_lines import ASSISTANT, CHATS, around, good, instructed, turns
from tunedrop.domain.formats import Format

UNKNOWN = ("bot", "human", "User", "ASSISTANT", "user ", "", "us\u00e9", "function", "\n")
LOOK_ALIKES = (
    "us\u0435r",  # Cyrillic
    "u\u0455er",  # Cyrillic
    "\uff55\uff53\uff45\uff52",  # full width
    "us\u00ader",  # soft hyphen
    "user\u200b",  # zero width
    "\ufeffuser",  # byte order mark
    "\u202euser",  # right to left
    "user\u0301",  # accent
    "\U0001d42e\U0001d42c\U0001d41e\U0001d42b",  # mathematical bold
)
"""What looks like `user` and is not."""


def _judged(shape, *lines, **found):
    """The lines among good ones; in files of pairs each of them is of another format."""
    if shape in CHATS:
        return refused(around(shape, *lines), **found)
    numbers = list(range(4, 4 + len(lines)))
    return refused(around(shape, *lines), mixed_formats=numbers)


@awkward
def roles_that_nobody_knows(shape):
    lines = [turns(shape, role, "assistant") for role in UNKNOWN]
    return _judged(shape, *lines, unknown_role=list(range(4, 4 + len(UNKNOWN))))


@awkward
def roles_of_another_format(shape):
    roles = {Format.CODE_CHAT: ("model", "system"), Format.GEMINI: ("assistant", "system")}
    lines = [turns(shape, role, "assistant") for role in roles.get(shape, ("model", "ai"))]
    if shape is Format.GEMINI:
        lines = [line.replace(b'"user", "parts"', b'"user","parts"') for line in lines]
        lines[0] = turns(shape, "user", "xassistant").replace(b"xassistant", b"assistant")
    return _judged(shape, *lines, unknown_role=[4, 5])


@awkward
def roles_in_look_alike_letters(shape):
    lines = [turns(shape, role, "assistant") for role in LOOK_ALIKES]
    return _judged(shape, *lines, homoglyph_role=list(range(4, 4 + len(LOOK_ALIKES))))


@awkward
def roles_in_rarer_look_alike_letters(shape):
    lines = [turns(shape, role, "assistant") for role in ("\u03c5ser", "u\ua731er")]
    return _judged(shape, *lines, homoglyph_role=[4, 5])


@awkward
def the_assistants_role_in_look_alike_letters(shape):
    name = ASSISTANT[shape]
    spellings = [name.replace("a", "\u0430"), name.replace("o", "\u043e"), name + "\u2060"]
    lines = [turns(shape, "user", role) for role in spellings if role != name]
    return _judged(shape, *lines, homoglyph_role=[4, 5])


@awkward
def the_assistant_first(shape):
    lines = [turns(shape, "assistant", "user", "assistant"), turns(shape, "assistant")]
    return _judged(shape, *lines, first_not_user=[4, 5])


@awkward
def the_user_last(shape):
    lines = [turns(shape, "user", "assistant", "user"), turns(shape, "user")]
    return _judged(shape, *lines, last_not_assistant=[4, 5])


@awkward
def everything_the_wrong_way_round(shape):
    lines = [turns(shape, "assistant", "user")]
    return _judged(shape, *lines, first_not_user=[4], last_not_assistant=[4])


@awkward
def two_turns_of_one_side(shape):
    lines = [
        turns(shape, "user", "user", "assistant"),
        turns(shape, "user", "assistant", "assistant", "user", "assistant"),
    ]
    if shape not in CHATS:
        return _judged(shape, *lines)
    return accepted(around(shape, *lines), not_alternating=[4, 5])


@awkward
def the_same_words_from_other_sides(shape):
    lines = [
        turns(shape, "user", "user", "assistant"),
        turns(shape, "user", "assistant", "assistant"),
    ]
    if shape not in CHATS:
        return _judged(shape, *lines)
    return accepted(around(shape, *lines), not_alternating=[4, 5])


@awkward
def an_instruction_alone(shape):
    """An instruction above no turn at all; where it has a place of its own the turns are missing."""
    line = {
        Format.CODE_CHAT: b'{"context": "a", "messages": []}',
        Format.GEMINI: b'{"systemInstruction": {"parts": [{"text": "a"}]}, "contents": []}',
    }.get(shape, b'{"messages": [{"role": "system", "content": "a"}]}')
    return _judged(shape, line, no_turns=[4])


@awkward
def an_instruction_among_the_turns(shape):
    """Only OpenAI's messages have a role for it."""
    line = turns(shape, "user", "system", "assistant")
    if shape is Format.OPENAI:
        return accepted(around(shape, line))
    return _judged(shape, line, unknown_role=[4])


@awkward
def an_instruction_missing_on_some_lines(shape):
    """Formats without an instruction of its own miss none."""
    bare = {3, 8}
    data = b"".join(
        good(shape, n) if n in bare else instructed(shape, n, "Be brief.") for n in range(1, 11)
    )
    return accepted(data, **({"instruction_missing": sorted(bare)} if shape in CHATS else {}))


@awkward
def an_instruction_on_few_lines(shape):
    data = b"".join(instructed(shape, n) if n < 4 else good(shape, n) for n in range(8))
    return accepted(data)
