"""Failing histories: made small, told so that a person can follow, kept, and told again."""

import json
from unittest.mock import patch

import pytest

from simulation import histories
from simulation.judging import judge
from simulation.mutations import MUTATIONS
from simulation.setups import Setup, setup_for
from simulation.shrinking import shrink
from simulation.story import told
from tunedrop.handlers import money

KEPT = sorted(histories.FOLDER.glob("*.json"))
BROKEN = "money is taken without a sum"


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_kept_history_breaks_no_promise_any_more(path):
    setup, faults = histories.read(path)

    assert [] == judge(setup, faults, repeats=True).violations


def test_a_setup_survives_json():
    setup = setup_for(5)

    assert setup == Setup.from_json(json.loads(json.dumps(setup.to_json())))


def test_a_failing_history_is_made_small_told_and_kept(tmp_path):
    mutation = next(mutation for mutation in MUTATIONS if mutation.name == BROKEN)
    with patch.object(money, "_fits", lambda *_: True):
        failing = mutation.caught()
        small = shrink(failing, most_runs=60)
        kept = histories.keep(small, tmp_path)

        assert {"I16"} == judge(*histories.read(kept)).names
    assert len(small.world.setup.events) <= len(failing.world.setup.events)
    story = list(told(small))
    assert any("PEOPLE     upload name=bot/x.jsonl" in line for line in story)
    assert story[-1].startswith("I16 is broken: ")
