"""What holds for any scores: symmetry, ties, shifts, order of magnitude."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tunedrop.domain.evaluation import FEWEST_ROWS, LEAST_DIFFERENCE, verdict_of
from tunedrop.domain.scoring import METRICS

POINTS = st.floats(0, 100).map(lambda points: round(points, 4))
PAIRS = st.lists(st.tuples(POINTS, POINTS), min_size=FEWEST_ROWS, max_size=30)
OPPOSITE = {"better": "worse", "worse": "better", "alike": "alike"}


def compared(pairs, seed="seed"):
    rows = [
        {"tuned": dict.fromkeys(METRICS, ours), "base": dict.fromkeys(METRICS, theirs)}
        for ours, theirs in pairs
    ]
    return verdict_of(rows, seed=seed)["comparisons"][0]


@given(PAIRS, st.text(max_size=5))
@settings(max_examples=15, deadline=None)
def test_swapping_the_models_turns_everything_round(pairs, seed):
    one, other = compared(pairs, seed), compared([pair[::-1] for pair in pairs], seed)

    assert (-one["difference"], -one["low"], -one["high"]) == (
        other["difference"],
        other["high"],
        other["low"],
    )
    assert one["noise_floor"] == other["noise_floor"]
    assert OPPOSITE[one["outcome"]] == other["outcome"]


@given(PAIRS)
@settings(max_examples=15, deadline=None)
def test_the_mean_lies_in_its_interval_and_an_outcome_beyond_the_noise(pairs):
    found = compared(pairs)

    assert found["low"] <= found["high"]
    assert found["noise_floor"] >= LEAST_DIFFERENCE
    if found["outcome"] == "better":
        assert min(found["low"], found["difference"] - found["noise_floor"]) > 0
    if found["outcome"] == "worse":
        assert max(found["high"], found["difference"] + found["noise_floor"]) < 0
    assert (found["outcome"] == "worse") == bool(found["worse_in"])


@given(st.lists(POINTS, min_size=FEWEST_ROWS, max_size=30))
@settings(max_examples=10, deadline=None)
def test_equal_answers_are_alike(points):
    assert "alike" == compared([(each, each) for each in points])["outcome"]


@given(st.lists(POINTS, min_size=FEWEST_ROWS, max_size=30), st.integers(8, 100))
@settings(max_examples=10, deadline=None)
def test_a_shift_of_every_row_is_better(points, shift):
    assert "better" == compared([(each + shift, each) for each in points])["outcome"]
