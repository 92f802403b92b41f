"""A few hundred seeds: no promise is broken, every rare branch is reached, and a seed tells the same history twice."""

import pytest

from simulation.branches import COMMON, RARE, reach
from simulation.judging import differs_when_repeated
from simulation.running import run_seeds
from simulation.setups import setup_for

FIRST, SEEDS = 0, 300


@pytest.fixture(scope="module")
def summary():
    return run_seeds(range(FIRST, FIRST + SEEDS))


def test_no_seed_breaks_a_promise(summary):
    assert {} == summary.failing


def test_the_seeds_reach_every_common_branch(summary):
    assert [] == [branch for branch in COMMON if not summary.reached[branch]]


@pytest.mark.parametrize("branch", RARE)
def test_a_rare_branch_is_reached_and_breaks_no_promise(branch):
    *_, last = judgements = list(reach(branch))

    assert last.reached[branch]
    assert [] == [broken for judgement in judgements for broken in judgement.violations]


@pytest.mark.parametrize("seed", [1, 7, 23])
def test_a_seed_tells_the_same_history_twice(seed):
    assert not differs_when_repeated(setup_for(seed))
