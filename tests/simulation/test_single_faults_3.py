"""Exhaustive: every scenario of this part, with one fault at each of its side effects in turn.

Here each page and each hint goes wrong once; `make simulate` has all of them go wrong every time.
"""

import pytest

from simulation.scenarios import PARTS, play_all

PART = PARTS[2]


@pytest.mark.parametrize("scenario", PART, ids=lambda scenario: scenario.name)
def test_one_fault_at_any_side_effect_breaks_no_promise(scenario):
    broken = {fault: judgement.violations for fault, judgement in play_all(scenario, routine=1)}

    assert {} == {fault: found for fault, found in broken.items() if found}
