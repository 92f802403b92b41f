"""What counts as a text that says nothing."""

import sys
import unicodedata

import pytest

from support.awkward_values import BLANKS, INVISIBLE
from tunedrop.domain.formats.blanks import is_blank


def test_white_space_and_invisible_characters_are_blank_alone_and_together():
    unseen = {*BLANKS, *INVISIBLE, "\U000e0041", "\U000e0100"}

    assert [] == [c for c in sorted(unseen) if not is_blank(c)]
    assert is_blank("".join(sorted(unseen)))
    assert is_blank("")


def test_characters_of_layout_are_blank():
    """All that Unicode has for layout alone; other format characters stand for something in a script."""
    formats = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf"]
    layout = [c for c in formats if unicodedata.bidirectional(c) == "BN"]

    assert layout
    assert [] == [f"U+{ord(c):04X}" for c in layout if not is_blank(c)]


@pytest.mark.parametrize("seen", ["!", "~", "a", "é", "\u0301", "潮", "한", "🌊", "\0", "\ue000"])
def test_one_character_that_can_be_seen_is_enough(seen):
    assert not is_blank(seen)
    assert not is_blank(f"\u200b {seen}\ufeff")
