"""A message that repeats a text of the dataset is told from one that does not."""

import pytest

from tunedrop.domain.repeating import repeats

TEXT = "How high is the tide at harbour Ayr?"


@pytest.mark.parametrize(
    ("message", "texts", "told"),
    [
        ("400 The model could not process How high is the tide", [TEXT], True),
        ("400 blocked: harbour Ayr? is no place", [TEXT], True),
        ("400 Ayr is unknown", ["Ayr"], True),
        ("400 The endpoint has no deployed model", [TEXT, "Ayr", "", "  "], False),
        ("", [TEXT], False),
        ("short", [TEXT], False),
    ],
)
def test_a_stretch_of_the_text_is_found(message, texts, told):
    assert told is repeats(message, texts)
