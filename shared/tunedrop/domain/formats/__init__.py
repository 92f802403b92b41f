"""The formats that datasets come in: reading, writing, telling them apart.

Pure functions over bytes and values; what is wrong with a line is said by `tunedrop.domain.checks`.
"""

from tunedrop.domain.formats.canonical import WRITABLE, ConversionError, Example, Format, Role, Turn
from tunedrop.domain.formats.conversation import (
    Conversation,
    content_hash,
    conversation,
    conversation_of,
    in_turns,
    measure,
    question_with_input,
)
from tunedrop.domain.formats.losses import losses, may_lose
from tunedrop.domain.formats.reading import example_of, read_example
from tunedrop.domain.formats.recognising import (
    Recognised,
    recognise,
    recognise_line,
    recognise_object,
    votes,
)
from tunedrop.domain.formats.writing import (
    always_fits,
    always_fits_as_text,
    answer_of,
    predict_instance,
    question_of,
    with_default_context,
    write_example,
)

__all__ = [
    "WRITABLE",
    "Conversation",
    "ConversionError",
    "Example",
    "Format",
    "Recognised",
    "Role",
    "Turn",
    "always_fits",
    "always_fits_as_text",
    "answer_of",
    "content_hash",
    "conversation",
    "conversation_of",
    "example_of",
    "in_turns",
    "losses",
    "may_lose",
    "measure",
    "predict_instance",
    "question_of",
    "question_with_input",
    "read_example",
    "recognise",
    "recognise_line",
    "recognise_object",
    "votes",
    "with_default_context",
    "write_example",
]
