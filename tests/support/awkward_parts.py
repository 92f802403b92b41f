"""Files with parts that are no text, and with examples that do not fit the base model.

Formats that have no such parts get the nearest thing to them.
"""

import json

from support.awkward_file import accepted, awkward, refused
from support.awkward_lines import (
    CANARY,
    CHATS,
    FAULTY,
    answer,
    around,
    asked,
    gemini_part,
    good_file,
    question,
    text,
    turns,
)
from support.datasets import line, row
from tunedrop.domain.checks import CheckOptions, Limits
from tunedrop.domain.formats import Format

_FILES = CheckOptions(allowed_buckets=frozenset({CANARY}))
_URIS = (
    "gs://other-bucket/a.txt",
    f"gs://{CANARY}.evil/a.txt",
    f"gs://{CANARY}",
    f"gs://{CANARY}/",
    f"gs://{CANARY}/a\n",
    f"GS://{CANARY}/a",
    f"https://storage.googleapis.com/{CANARY}/a",
    "http://169.254.169.254/computeMetadata/v1/",
    "file:///etc/passwd",
    "",
)


def _file(uri):
    return {"fileData": {"mimeType": "text/plain", "fileUri": uri}}


def _openai_content(*parts):
    """An OpenAI line whose question has these parts."""
    said = [{"role": "user", "content": list(parts)}, {"role": "assistant", "content": answer(50)}]
    return line({"messages": said})


def _calling(shape):
    """A line in which the assistant calls a tool, in the format's own way or in Gemini's."""
    if shape is Format.OPENAI:
        function = {"name": "f", "arguments": json.dumps({"of": CANARY})}
        call = {"id": "1", "type": "function", "function": function}
        asking = {"role": "user", "content": question(50)}
        return line({"messages": [asking, {"role": "assistant", "tool_calls": [call]}]})
    call = {"functionCall": {"name": "f", "args": {"of": CANARY}}}
    asking = {"role": "user", "parts": [{"text": question(50)}]}
    return line({"contents": [asking, {"role": "model", "parts": [call]}]})


@awkward
def files_of_a_bucket_that_is_allowed(shape):
    if shape is not Format.GEMINI:
        return accepted(good_file(shape), options=_FILES)
    data = around(shape, gemini_part(_file(f"gs://{CANARY}/tides/a.txt"), {"text": CANARY}))
    return accepted(data, options=_FILES)


@awkward
def a_file_whose_name_holds_a_space(shape):
    if shape is not Format.GEMINI:
        return accepted(good_file(shape), options=_FILES)
    data = around(shape, gemini_part(_file(f"gs://{CANARY}/tides/low water.txt"), {"text": CANARY}))
    return accepted(data, options=_FILES)


@awkward
def files_from_anywhere(shape):
    numbers = list(range(FAULTY, FAULTY + len(_URIS)))
    if shape is Format.GEMINI:
        lines = [gemini_part(_file(uri)) for uri in _URIS]
        return refused(around(shape, *lines), foreign_uri=numbers, options=_FILES)
    if shape is Format.OPENAI:
        images = [{"type": "image_url", "image_url": {"url": uri}} for uri in _URIS]
        lines = [_openai_content(image) for image in images]
        return refused(around(shape, *lines), unsupported_part=numbers, options=_FILES)
    lines = [gemini_part(_file(uri)) for uri in _URIS]
    return refused(around(shape, *lines), mixed_formats=numbers, options=_FILES)


@awkward
def two_things_in_one_part(shape):
    if shape is Format.OPENAI:
        line = _openai_content({"type": "text", "text": CANARY, "image_url": {"url": CANARY}})
        return refused(around(shape, line), unknown_key=[FAULTY])
    line = gemini_part({"text": CANARY, **_file(f"gs://{CANARY}/a")})
    code = "ambiguous_part" if shape is Format.GEMINI else "mixed_formats"
    return refused(around(shape, line), options=_FILES, **{code: [FAULTY]})


@awkward
def a_part_of_nothing(shape):
    if shape is Format.OPENAI:
        lines = [_openai_content({}), _openai_content()]
        return refused(around(shape, *lines), missing_key=[4, 5])
    lines = [gemini_part({}), gemini_part()]
    code = "missing_key" if shape is Format.GEMINI else "mixed_formats"
    return refused(around(shape, *lines), **{code: [4, 5]})


@awkward
def a_tool_call_for_a_model_without_tools(shape):
    limits = Limits(unsupported_parts=frozenset({"functionCall", "functionResponse", "tools"}))
    code = "unsupported_part" if shape in {Format.GEMINI, Format.OPENAI} else "mixed_formats"
    return refused(around(shape, _calling(shape)), limits=limits, **{code: [FAULTY]})


@awkward
def a_tool_call_for_a_model_with_tools(shape):
    if shape in {Format.GEMINI, Format.OPENAI}:
        return accepted(around(shape, _calling(shape)))
    return refused(around(shape, _calling(shape)), mixed_formats=[FAULTY])


@awkward
def a_conversation_for_a_model_of_pairs(shape):
    """Between pairs and pairs everything fits."""
    limits = Limits(target_format=Format.CODE_GENERATION)
    if shape not in CHATS:
        return accepted(good_file(shape), limits=limits)
    long = turns(shape, *["user", "assistant"] * 2)
    return refused(around(shape, long), limits=limits, not_convertible=[FAULTY])


@awkward
def a_tool_call_for_a_model_that_chats(shape):
    limits = Limits(target_format=Format.CODE_CHAT)
    if shape in {Format.GEMINI, Format.OPENAI}:
        return refused(around(shape, _calling(shape)), limits=limits, not_convertible=[FAULTY])
    return accepted(good_file(shape), limits=limits)


@awkward
def what_the_base_models_format_has_no_place_for(shape):
    """Plain pairs lose nothing wherever they go."""
    odd = {
        Format.ALPACA: line(row(Format.ALPACA, question=question(50)) | {"input": CANARY}),
        Format.CODE_CHAT: turns(Format.CODE_CHAT, "user", "assistant", context=" "),
        Format.OPENAI: turns(Format.OPENAI, "user", "assistant").replace(
            b'"role"', b'"name": "%s", "role"' % CANARY.encode(), 1
        ),
        Format.GEMINI: gemini_part({"text": CANARY}, {"text": CANARY}),
    }
    target = Format.CODE_CHAT if shape is Format.GEMINI else Format.GEMINI
    limits = Limits(target_format=target)
    if shape not in odd:
        return accepted(good_file(shape), limits=limits)
    return accepted(around(shape, odd[shape]), limits=limits, lossy=[FAULTY])


@awkward
def an_example_beyond_the_models_tokens(shape):
    lines = [asked(shape, text(b"x" * 380)), asked(shape, text(b"x" * 400), 51)]
    limits = Limits(max_tokens_per_example=100)
    return accepted(around(shape, *lines), limits=limits, too_long_example=[4, 5])
