"""The list of hostile inputs is held whole: each of its families has a test that carries its number."""

import re
from pathlib import Path

from support.hostile import HEAVY

FAMILIES = 54
TESTS = Path(__file__).parents[1]
_NAME = re.compile(r"^def test_(?:family_)?((?:[0-9]{2}_(?:to_|and_)?)+)", re.MULTILINE)


def numbers_in(name):
    """The numbers that a name begins with: `04_to_07_` are four of them, `04_07_` and `04_and_07_` two."""
    found = [int(number) for number in re.findall(r"[0-9]{2}", name)]
    return set(range(found[0], found[-1] + 1)) if "_to_" in name else set(found)


def test_every_family_has_a_test_of_its_number():
    names = [
        match
        for path in sorted(TESTS.glob("*/test_hostile_*.py"))
        for match in _NAME.findall(path.read_text())
    ]
    heavy = [re.match(r"[0-9]{2}(?:-and-[0-9]{2})?", name)[0] for name in HEAVY]

    held = set().union(*map(numbers_in, [*names, *heavy]))

    assert set(range(1, FAMILIES + 1)) == held
