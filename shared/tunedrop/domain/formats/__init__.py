"""The formats that datasets come in: reading, writing, telling them apart.

Pure functions over bytes and values; what is wrong with a line is said by `tunedrop.domain.checks`.
"""

from tunedrop.domain.formats.canonical import WRITABLE, ConversionError, Example, Format, Role, Turn
from tunedrop.domain.formats.measure import Measure, content_hash, measure_row
from tunedrop.domain.formats.reading import example_of, read_example
from tunedrop.domain.formats.recognising import recognise, recognise_line, recognise_object
from tunedrop.domain.formats.writing import (
    always_fits,
    answer_of,
    predict_instance,
    question_of,
    with_default_context,
    write_example,
)

__all__ = [
    "WRITABLE",
    "ConversionError",
    "Example",
    "Format",
    "Measure",
    "Role",
    "Turn",
    "always_fits",
    "answer_of",
    "content_hash",
    "example_of",
    "measure_row",
    "predict_instance",
    "question_of",
    "read_example",
    "recognise",
    "recognise_line",
    "recognise_object",
    "with_default_context",
    "write_example",
]
