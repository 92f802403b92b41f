"""Every scenario of this part, with one fault at a time at its side effects.

Here one fault in four, and each page and each hint once; `make simulate` tells all of them, every time.
"""

import pytest

from simulation.scenarios import PARTS, play_all

PART = PARTS[1]


@pytest.mark.parametrize("scenario", PART, ids=lambda scenario: scenario.name)
def test_one_fault_at_any_side_effect_breaks_no_promise(scenario):
    broken = {
        fault: judgement.violations for fault, judgement in play_all(scenario, routine=1, every=4)
    }

    assert {} == {fault: found for fault, found in broken.items() if found}
