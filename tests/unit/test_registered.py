"""How names of models compare, whose rows a model learnt from, and what a tuning was billed."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from support.memory import START
from tunedrop.domain.billing import bill_by_tokens
from tunedrop.domain.registered import (
    Family,
    Registered,
    is_same_model,
    newest_versions,
    without_project,
)

BY_ID = "projects/my-project/locations/us/models/7"
BY_NUMBER = "projects/123456/locations/us/models/7"
ONE = Registered(
    recipe="bot",
    version=1,
    run_id="bot-0123456789abcdef",
    attempt=1,
    base_model="gemini-3.5-flash",
    dataset_format="gemini",
    tuned_model=f"{BY_NUMBER}@1",
    endpoint="projects/123456/locations/us/endpoints/8",
    at=START,
    dataset_digest="ab" * 32,
)


@pytest.mark.parametrize(
    ("asked", "name", "same"),
    [
        (f"{BY_ID}@1", f"{BY_NUMBER}@1", True),
        (f"{BY_ID}@1", f"{BY_NUMBER}@2", False),
        (f"{BY_ID}@1", f"{BY_NUMBER}@10", False),
        (BY_ID, f"{BY_NUMBER}@2", True),
        (f"{BY_ID}@champion", f"{BY_NUMBER}@2", True),
        (BY_ID, f"{BY_NUMBER}0@1", False),
        (BY_ID.replace("us", "eu"), f"{BY_NUMBER}@1", False),
    ],
)
def test_a_model_is_the_same_by_the_projects_id_or_number(asked, name, same):
    assert same is is_same_model(asked, name)


def test_a_name_without_a_location_stays_as_it_is():
    assert "7" == without_project("7")


def tuned_on(parent, *, later=1, **fields):
    """A version that was registered so many hours after the one that it was tuned on from."""
    at = ONE.at + timedelta(hours=later)
    return replace(ONE, at=at, **{"pre_tuned_model": parent, **fields})


def test_models_tuned_on_from_one_learnt_from_its_rows_at_any_remove():
    child = tuned_on(f"{BY_ID}@1", version=2, tuned_model=f"{BY_ID}@2")
    grandchild = tuned_on(child.tuned_model, later=2, recipe="other", tuned_model=f"{BY_ID}9@1")
    stranger = tuned_on("x/models/1", recipe="third", tuned_model=f"{BY_ID}5@1")
    family = Family([grandchild, stranger, child, ONE])

    assert [child, grandchild] == family.descendants([ONE])
    assert [grandchild] == family.descendants([child])
    assert [] == family.descendants([grandchild])
    assert [child, ONE] == family.ancestors(grandchild)
    assert [] == family.ancestors(stranger)


@pytest.mark.parametrize("named", [BY_ID, f"{BY_ID}@champion"])
def test_a_name_without_a_version_means_the_newest_one_of_its_day(named):
    two = tuned_on(named, version=2, tuned_model=f"{BY_ID}@2")
    three = tuned_on(named, later=2, version=3, tuned_model=f"{BY_ID}@3")
    family = Family([three, two, ONE])

    assert [[], [ONE], [two, ONE]] == [family.ancestors(each) for each in (ONE, two, three)]
    assert [[two, three], [three], []] == [family.descendants([each]) for each in (ONE, two, three)]


def test_no_model_comes_from_one_that_was_registered_later():
    one = replace(ONE, pre_tuned_model=f"{BY_ID}@2")
    two = tuned_on(f"{BY_ID}@1", version=2, tuned_model=f"{BY_ID}@2")
    family = Family([one, two])

    assert [two] == family.descendants([one])
    assert ([], [one]) == (family.ancestors(one), family.ancestors(two))


def test_a_long_line_of_models_is_followed_to_both_ends():
    line = [
        tuned_on(f"x/{number - 1}@1", later=number, version=number, tuned_model=f"x/{number}@1")
        for number in range(2, 3001)
    ]
    first = replace(ONE, tuned_model="x/1@1")
    family = Family([first, *line])

    assert line == family.descendants([first])
    assert [*line[-2::-1], first] == family.ancestors(line[-1])


def test_the_newest_version_goes_by_its_number():
    ten, nine = replace(ONE, version=10), replace(ONE, version=9)

    assert {"bot": ten} == newest_versions([ONE, ten, nine])


@pytest.mark.parametrize(
    ("tokens", "epochs", "price", "usd", "words"),
    [
        (255_243, 10, 3.0, 7.6573, "255,243 billable tokens x 10 epochs x 3 USD"),
        (0, 3, 3.0, 0.0, "0 billable tokens"),
        (None, 3, 3.0, None, "does not say"),
        (1000, None, 3.0, None, "not known"),
        (1000, 3, None, None, "no price is known"),
    ],
)
def test_a_bill_multiplies_the_epochs_in_and_knows_what_it_does_not_know(
    tokens, epochs, price, usd, words
):
    bill = bill_by_tokens(
        tokens, epochs, usd_per_million=price, source="a page", as_of=date(2026, 11, 23)
    )

    assert usd == bill.usd
    assert words in bill.basis
    assert ("a page, 2026-11-23" in bill.basis) is (usd is not None)
