"""What a conversion leaves out or joins, in words; and that nothing is said where nothing is lost."""

import pytest

from support.datasets import line, row
from tunedrop.domain.formats import (
    WRITABLE,
    Format,
    losses,
    may_lose,
    read_example,
    write_example,
)
from tunedrop.domain.formats.wire import DECODERS

CODE, CHAT, GEMINI = WRITABLE
OPENAI, ALPACA = Format.OPENAI, Format.ALPACA
SYSTEM, USER, ASSISTANT = (
    {"role": role, "content": f"a {role} text"} for role in ("system", "user", "assistant")
)
CALL = {"id": "c1", "type": "function", "function": {"name": "tides", "arguments": "{}"}}
CALLING = {"role": "assistant", "tool_calls": [CALL]}
ANSWER = {"role": "tool", "tool_call_id": "c1", "content": "high"}
TOOL = {"type": "function", "function": {"name": "tides"}}
PARTS = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]


def lost(dataset_format, value, target):
    """What a row loses, as the keywords of the messages."""
    return losses(DECODERS[dataset_format].decode(line(value)), target)


def openai(*messages, **extra):
    """An OpenAI row."""
    return {"messages": list(messages), **extra}


def gemini(question, answer, **system):
    """A Gemini row of lists of texts."""
    contents = [
        {"role": role, "parts": [{"text": text} for text in texts]}
        for role, texts in (("user", question), ("model", answer))
    ]
    return {"contents": contents, **({"systemInstruction": system} if system else {})}


NAME = "the `name` of a message is left out"
CALL_IDS = "the ids of tool calls are left out; their order tells which answer belongs to which"
JOINED = "several text parts are joined into one text"
ABOVE = "the instruction is put above the question"
LOSSES = {
    "alpaca-input": (ALPACA, {**row(ALPACA), "input": "3 1 2"}, GEMINI, ("`input` is put below the instruction, and is no field of its own any more",)),
    "blank-context": (CHAT, {**row(CHAT), "context": " "}, GEMINI, ("a blank `context` is left out",)),
    "empty-context": (CHAT, {**row(CHAT), "context": ""}, CODE, ("a blank `context` is left out",)),
    "context-for-code": (CHAT, {**row(CHAT), "context": "c"}, CODE, (ABOVE,)),
    "gemini-parts": (GEMINI, gemini(["a", "b"], ["c"]), CHAT, (JOINED,)),
    "gemini-system-parts": (GEMINI, gemini(["a"], ["c"], parts=[{"text": "s"}, {"text": "t"}]), CHAT, (JOINED,)),
    "gemini-system-role": (GEMINI, gemini(["a"], ["c"], parts=[{"text": "s"}], role="me"), CHAT, ("the `role` of the system instruction is left out",)),
    "gemini-system-for-code": (GEMINI, gemini(["a"], ["c"], parts=[{"text": "s"}], role="system"), CODE, (ABOVE,)),
    "name": (OPENAI, openai({**USER, "name": "Ada"}, {**ASSISTANT, "name": "Bo"}), GEMINI, (NAME,)),
    "weight": (OPENAI, openai(USER, {**ASSISTANT, "weight": 0}), CHAT, ("`weight` 0 is left out, so that a turn is learnt which the line keeps out of the training",)),
    "refusal": (OPENAI, openai(USER, {**ASSISTANT, "refusal": "no"}), GEMINI, ("the `refusal` of a message is left out",)),
    "parallel": (OPENAI, openai(USER, ASSISTANT, parallel_tool_calls=True), GEMINI, ("`parallel_tool_calls` is left out",)),
    "strict": (OPENAI, openai(USER, ASSISTANT, tools=[{**TOOL, "function": {"name": "f", "strict": False}}]), GEMINI, ("the `strict` of a tool is left out",)),
    "call-ids": (OPENAI, openai(USER, CALLING, {**ANSWER, "name": "tides"}, ASSISTANT), GEMINI, (CALL_IDS,)),
    "tool-with-another-name": (OPENAI, openai(USER, CALLING, {**ANSWER, "name": "moons"}, ASSISTANT), GEMINI, (CALL_IDS, NAME)),
    "two-instructions": (OPENAI, openai(SYSTEM, SYSTEM, USER, ASSISTANT), GEMINI, ("several system messages are joined into one instruction",)),
    "late-instruction": (OPENAI, openai(USER, SYSTEM, ASSISTANT), GEMINI, ("a system message below the first turn is moved above the conversation",)),
    "text-parts": (OPENAI, openai({**USER, "content": PARTS}, ASSISTANT), CHAT, (JOINED,)),
    "instruction-for-code": (OPENAI, openai(SYSTEM, USER, ASSISTANT), CODE, (ABOVE,)),
}  # fmt: skip


@pytest.mark.parametrize(("source", "value", "target", "expected"), LOSSES.values(), ids=LOSSES)
def test_each_loss_is_named_once_in_plain_words(source, value, target, expected):
    assert expected == lost(source, value, target)
    assert may_lose(source, target)


LOSSLESS = {
    "openai-parts": (OPENAI, openai({**SYSTEM, "content": PARTS}, {**USER, "content": PARTS}, ASSISTANT), GEMINI),
    "openai-defaults": (OPENAI, openai(SYSTEM, USER, {**ASSISTANT, "weight": 1, "refusal": None}, tools=[TOOL]), GEMINI),
    "openai-instruction": (OPENAI, openai(SYSTEM, USER, ASSISTANT), CHAT),
    "chat-context": (CHAT, {**row(CHAT), "context": "c"}, GEMINI),
    "gemini-instruction": (GEMINI, gemini(["a"], ["b"], parts=[{"text": "s"}]), CHAT),
    "alpaca": (ALPACA, row(ALPACA), CODE),
}  # fmt: skip


@pytest.mark.parametrize(("source", "value", "target"), LOSSLESS.values(), ids=LOSSLESS)
def test_what_a_reader_could_restore_is_no_loss(source, value, target):
    assert () == lost(source, value, target)


@pytest.mark.parametrize("source", Format)
@pytest.mark.parametrize("target", WRITABLE)
def test_a_pair_that_cannot_lose_has_no_losses_and_a_plain_row_none_anywhere(source, target):
    assert () == lost(source, row(source), target)
    assert may_lose(source, target) == (
        source != target and source not in {CODE, Format.PROMPT_COMPLETION}
    )


@pytest.mark.parametrize(("source", "value", "target", "_expected"), LOSSES.values(), ids=LOSSES)
def test_every_example_of_a_loss_is_one_of_a_conversion_that_goes_through(
    source, value, target, _expected
):
    assert write_example(read_example(line(value), source), target)
