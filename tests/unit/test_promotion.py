"""The policies of promotion: one verdict for every combination of policy, champion and evaluation."""

import itertools
from types import SimpleNamespace

import pytest

from tunedrop.domain.promotion import Decision, decide, version_before

MINE = 5
POLICIES = ("manual", "always", "better-than-champion", "better-than-base")
CHAMPIONS = {
    "none": None,
    "older": SimpleNamespace(sequence=3, version=4),
    "newer": SimpleNamespace(sequence=3, version=6),
}
OUTCOMES = ("better", "alike", "worse", "too_few_rows")
SKIPS = (
    "base_retired",
    "base_not_served",
    "no_champion",
    "champion_not_served",
    "too_few_shared_rows",
    "other_question_format",
)
JUDGED = {
    ("better", False): "better",
    ("alike", False): "not_better",
    ("worse", False): "worse",
    ("too_few_rows", False): "too_few_rows",
    ("better", True): "worse",
    ("alike", True): "worse",
    ("worse", True): "worse",
    ("too_few_rows", True): "too_few_rows",
}


def evaluation(rival, outcome="better", *, is_worse=False, against=0):
    """The detail of an EVALUATED step that holds one comparison."""
    worse_in = ["exact_match"] if is_worse else []
    comparison = {"rival": rival, "outcome": outcome, "worse_in": worse_in}
    return {"comparisons": [comparison], "skipped": {}, "champion_sequence": against}


def decided(policy, champion, evaluated):
    return decide(policy, version=MINE, champion=CHAMPIONS[champion], evaluated=evaluated)


def kept(code):
    return Decision(promote=False, code=code)


def judged(outcome, *, is_worse, better):
    """What a comparison comes to, where a better one is promoted as *better*."""
    code = JUDGED[outcome, is_worse]
    return Decision(promote=True, code=better) if code == "better" else kept(code)


@pytest.mark.parametrize("champion", CHAMPIONS)
@pytest.mark.parametrize("evaluated", [None, evaluation("base"), evaluation("champion", against=3)])
def test_manual_promotes_nothing(champion, evaluated):
    assert kept("manual") == decided("manual", champion, evaluated)
    assert kept("manual") == decided("of-tomorrow", champion, evaluated)


@pytest.mark.parametrize("evaluated", [None, evaluation("base", "worse")])
def test_always_promotes_all_but_what_is_older_than_the_champion(evaluated):
    assert Decision(promote=True, code="always") == decided("always", "none", evaluated)
    assert Decision(promote=True, code="always") == decided("always", "older", evaluated)
    assert kept("newer_champion") == decided("always", "newer", evaluated)


@pytest.mark.parametrize(("outcome", "is_worse"), JUDGED)
def test_a_first_champion_has_to_beat_the_base_model(outcome, is_worse):
    evaluated = evaluation("base", outcome, is_worse=is_worse)

    expected = judged(outcome, is_worse=is_worse, better="better_than_base")
    assert expected == decided("better-than-champion", "none", evaluated)
    assert expected == decided("better-than-base", "none", evaluated)


@pytest.mark.parametrize("champion", ["older", "newer"])
@pytest.mark.parametrize(("outcome", "is_worse"), JUDGED)
def test_a_later_champion_has_to_beat_the_present_one_whatever_its_version(
    champion, outcome, is_worse
):
    evaluated = evaluation("champion", outcome, is_worse=is_worse, against=3)

    expected = judged(outcome, is_worse=is_worse, better="better_than_champion")
    assert expected == decided("better-than-champion", champion, evaluated)


@pytest.mark.parametrize(("outcome", "is_worse"), JUDGED)
def test_beating_the_base_model_is_enough_for_whom_it_is_unless_the_champion_is_newer(
    outcome, is_worse
):
    evaluated = evaluation("base", outcome, is_worse=is_worse)

    expected = judged(outcome, is_worse=is_worse, better="better_than_base")
    assert expected == decided("better-than-base", "older", evaluated)
    assert kept("newer_champion") == decided("better-than-base", "newer", evaluated)


@pytest.mark.parametrize(
    ("policy", "champion"),
    [
        ("better-than-champion", "none"),
        ("better-than-champion", "older"),
        ("better-than-champion", "newer"),
        ("better-than-base", "none"),
        ("better-than-base", "older"),
    ],
)
def test_nothing_is_promoted_without_a_baseline(policy, champion):
    standing = CHAMPIONS[champion]
    against = standing.sequence if standing else 0
    needed = "champion" if standing and policy == "better-than-champion" else "base"
    other = {"base": "champion", "champion": "base"}[needed]

    assert kept("not_evaluated") == decided(policy, champion, None)
    assert kept("no_baseline") == decided(policy, champion, evaluation(other, against=against))
    for code in SKIPS:
        skipped = {"comparisons": [], "skipped": {needed: code}, "champion_sequence": against}
        assert kept("no_baseline") == decided(policy, champion, skipped)


@pytest.mark.parametrize(
    ("champion", "against"), [("none", 2), ("older", 0), ("older", 2), ("newer", 0)]
)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_evaluation_against_another_champion_decides_nothing(champion, against, outcome):
    for rival in ("base", "champion"):
        evaluated = evaluation(rival, outcome, against=against)

        assert kept("champion_changed") == decided("better-than-champion", champion, evaluated)


def test_nothing_is_promoted_but_by_a_better_outcome_or_always():
    combinations = itertools.product(POLICIES, CHAMPIONS, OUTCOMES, (False, True), (0, 3))
    for policy, champion, outcome, is_worse, against in combinations:
        for rival in ("base", "champion"):
            evaluated = evaluation(rival, outcome, is_worse=is_worse, against=against)
            if decided(policy, champion, evaluated).promote:
                assert policy == "always" or (outcome, is_worse) == ("better", False)


@pytest.mark.parametrize(
    ("chain", "before"),
    [
        ("", None),
        ("1", None),
        ("1 2 3", 2),
        ("1 2 3 <2", 1),
        ("1 2 3 <2 <1", None),
        ("1 2 3 <1", None),
        ("1 2 3 <2 4", 2),
        ("1 2 1", 2),
        ("1 2 1 3 <1", 2),
        ("2 <1", 2),
        ("1 <2 <1", None),
        ("1 2 3 <2 <3", 2),
    ],
)
def test_a_roll_back_goes_to_what_stood_before_and_never_to_what_was_rolled_back_from(
    chain, before
):
    history = [
        SimpleNamespace(
            version=int(word.lstrip("<")), action="rolled_back" if "<" in word else "promoted"
        )
        for word in chain.split()
    ]

    assert before == version_before(history)
