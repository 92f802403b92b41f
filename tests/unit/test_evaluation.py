"""What scores come to: means, differences with their noise, outcomes."""

import pytest

from tunedrop.domain.evaluation import FEWEST_ROWS, LEAST_DIFFERENCE, seed_of, verdict_of

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
        "low": 20.0,
        "high": 20.0,
        "noise_floor": LEAST_DIFFERENCE,
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
    assert "alike" == only(pairs([40.5] * 200, [40.0] * 200))["outcome"]
    assert "better" == only(pairs([40.6] * 200, [40.0] * 200))["outcome"]


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
    ] * 12

    assert ["edit_similarity", "code_parses"] == only(rows)["worse_in"]


def test_code_on_few_rows_is_not_worse():
    plain = [{"tuned": scores(60.0), "base": scores(40.0)}] * 12
    code = [{"tuned": scores(60.0, code_parses=0.0), "base": scores(40.0, code_parses=100.0)}] * 9

    assert [] == only(plain + code)["worse_in"]


def test_every_rival_is_compared():
    rows = [{"champion": scores(70.0), "base": scores(10.0), "tuned": scores(40.0)}] * 10

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

    assert (-0.5, -2.95, 2.05, 2.5) == tuple(
        comparison[name] for name in ("difference", "low", "high", "noise_floor")
    )
