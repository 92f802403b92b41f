"""What scores come to: means, differences with their noise, outcomes."""

import pytest
from msgspec.structs import replace

from tunedrop.domain.evaluation import (
    FEWEST_ROWS,
    LEAST_DIFFERENCE,
    Difference,
    seed_of,
    verdict_of,
)

SEED = seed_of("bot-0123456789abcdef", ["0a", "0b"])


def scores(chrf, *, exact_match=0.0, edit_similarity=50.0, code_parses=None):
    return {
        "exact_match": exact_match,
        "chrf": chrf,
        "edit_similarity": edit_similarity,
        "code_parses": code_parses,
    }


def pairs(tuned, base):
    return [
        {"tuned": scores(ours), "base": scores(theirs)}
        for ours, theirs in zip(tuned, base, strict=True)
    ]


def only(rows):
    """The one comparison of a verdict."""
    (comparison,) = verdict_of(rows, seed=SEED)["comparisons"]
    return comparison


def test_a_model_alone_has_means_and_no_comparison():
    verdict = verdict_of([{"tuned": scores(10.0)}, {"tuned": scores(30.0)}], seed=SEED)

    assert {
        "rows": 2,
        "means": {
            "tuned": {
                "exact_match": 0.0,
                "chrf": 20.0,
                "edit_similarity": 50.0,
                "code_parses": None,
            }
        },
        "comparisons": [],
    } == verdict


def test_the_mean_of_a_metric_is_over_the_rows_that_have_it():
    rows = [{"tuned": scores(1.0, code_parses=points)} for points in (None, 100.0, 0.0, None)]

    assert 50.0 == verdict_of(rows, seed=SEED)["means"]["tuned"]["code_parses"]


def test_a_steady_lead_is_better():
    comparison = only(pairs([60.0] * 20, [40.0] * 20))

    assert {
        "rival": "base",
        "metric": "chrf",
        "difference": 20.0,
        "low": 13.1818,
        "high": 26.8182,
        "noise_floor": 6.8182,
        "rows": 20,
        "outcome": "better",
        "worse_in": [],
    } == comparison


def test_a_steady_lag_is_worse():
    assert "worse" == only(pairs([40.0] * 20, [60.0] * 20))["outcome"]


def test_a_lead_within_the_noise_is_alike():
    ours = [100.0, 0.0] * 10
    comparison = only(pairs([*ours[:-1], 40.0], [0.0, 100.0] * 10))

    assert comparison["difference"] > LEAST_DIFFERENCE
    assert comparison["noise_floor"] > comparison["difference"]
    assert "alike" == comparison["outcome"]


def test_a_lead_below_the_least_difference_is_alike_however_steady():
    assert "alike" == only(pairs([40.5] * 400, [40.0] * 400))["outcome"]
    assert "better" == only(pairs([40.6] * 400, [40.0] * 400))["outcome"]


@pytest.mark.parametrize(("most", "few"), [(5.0, -45.0), (-5.0, 45.0)])
@pytest.mark.parametrize("rare", [0, 1, 2])
def test_a_slight_difference_that_few_rows_may_turn_round_is_alike(most, few, rare):
    """Of ten answers one is broken; of twenty rows none may show it."""
    differences = [most] * (20 - rare) + [few] * rare

    assert "alike" == only(pairs([50.0 + each for each in differences], [50.0] * 20))["outcome"]


def test_an_interval_that_holds_zero_concludes_nothing():
    found = Difference(difference=6.0, low=-0.1, high=11.0, noise_floor=5.55)

    assert "alike" == found.outcome
    assert "better" == replace(found, low=0.1).outcome
    assert "alike" == replace(found, difference=-6.0, low=-11.0, high=0.1).outcome


def test_nothing_answered_is_no_verdict():
    assert {"rows": 0, "means": {}, "comparisons": []} == verdict_of([], seed=SEED)


@pytest.mark.parametrize("count", [1, FEWEST_ROWS - 1])
def test_nothing_is_concluded_from_too_few_rows(count):
    comparison = only(pairs([60.0] * count, [40.0] * count))

    assert ("too_few_rows", count) == (comparison["outcome"], comparison["rows"])


def test_other_metrics_that_got_worse_are_named():
    rows = [
        {
            "tuned": scores(60.0, exact_match=0.0, edit_similarity=50.0, code_parses=0.0),
            "base": scores(40.0, exact_match=0.0, edit_similarity=70.0, code_parses=100.0),
        }
    ] * 20

    assert ["edit_similarity", "code_parses"] == only(rows)["worse_in"]


def test_code_on_few_rows_is_not_worse():
    plain = [{"tuned": scores(60.0), "base": scores(40.0)}] * FEWEST_ROWS
    code = [{"tuned": scores(60.0, code_parses=0.0), "base": scores(40.0, code_parses=100.0)}] * (
        FEWEST_ROWS - 1
    )

    assert [] == only(plain + code)["worse_in"]


def test_every_rival_is_compared():
    rows = [{"champion": scores(70.0), "base": scores(10.0), "tuned": scores(40.0)}] * 20

    found = verdict_of(rows, seed=SEED)

    assert ["tuned", "base", "champion"] == [*found["means"]]
    assert [("base", "better"), ("champion", "worse")] == [
        (each["rival"], each["outcome"]) for each in found["comparisons"]
    ]


def test_the_seed_depends_on_the_run_and_its_rows():
    assert 3 == len({seed_of("a", ["1"]), seed_of("b", ["1"]), seed_of("a", ["2"])})


def test_the_interval_of_a_known_case_stays_what_it_is():
    """Recorded once: evidence of today has to replay in years."""
    comparison = only(pairs([float(n) for n in range(20)], [10.0] * 20))

    assert (-0.5, -7.6591, 6.4773, 7.0682) == tuple(
        comparison[name] for name in ("difference", "low", "high", "noise_floor")
    )
