"""Family 49 of the hostile inputs: lists of jobs that do not end, repeat themselves, or are full of other people's."""

from datetime import UTC, datetime

import pytest

from support.hostile_deliveries import Siege, gemini_rows
from support.hostile_services import jobs_over, listing_vertex
from support.vertex import PARENT
from tunedrop.errors import UpstreamUnavailableError

REGION = "us-central1"
OURS = {"tunedrop-deployment": "tunedrop", "tunedrop-run": "bot-0123456789abcdef"}
THEIRS = {**OURS, "tunedrop-run": "their-0123456789abcdef"}
MOST_PAGES = 250
"""A look through a list asks for no more, whatever the service says."""
both = pytest.mark.parametrize("backend", ["pipeline", "tuning"])


def job(number, labels, backend):
    kind = "pipelineJobs" if backend == "pipeline" else "tuningJobs"
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    return {"name": f"{PARENT}/{kind}/{number}", "labels": labels, "create_time": at}


def found(backend, page, labels=OURS):
    """The ids that a look for our label finds, and how many pages it took."""
    with listing_vertex(backend, page) as (address, tokens):
        listed = jobs_over(address, backend).find(region=REGION, labels=labels)
    return [each.name.rpartition("/")[2] for each in listed], len(tokens)


@both
@pytest.mark.parametrize("count", [0, 1, 30])
def test_family_49_a_list_whose_pages_never_end_is_left_after_a_while(backend, count):
    page = [job(number, OURS, backend) for number in range(count)]

    ids, pages = found(backend, lambda token: (page, f"{token}x"[-9:]))

    assert sorted(str(number) for number in range(count)) == sorted(ids)
    assert pages <= MOST_PAGES


@both
def test_family_49_a_token_that_repeats_itself_is_not_followed_for_ever(backend):
    ids, pages = found(backend, lambda _: ([job(1, OURS, backend)], "same"))

    assert ["1"] == ids
    assert pages <= MOST_PAGES


@both
def test_family_49_a_job_on_two_pages_is_one_job(backend):
    pages = {"": ([1, 2], "b"), "b": ([2, 3], "c"), "c": ([1], "")}

    def page(token):
        numbers, following = pages[token]
        return [job(number, OURS, backend) for number in numbers], following

    ids, _ = found(backend, page)

    assert ["1", "2", "3"] == sorted(ids)


@both
def test_family_49_ours_is_found_among_ten_thousand_foreign_jobs(backend):
    foreign = [job(f"f{number}", THEIRS, backend) for number in range(99)]

    def page(token):
        number = int(token or 0)
        own = [job("own", OURS, backend)] if number == 99 else []
        return [*foreign, *own], str(number + 1) if number < 100 else ""

    ids, pages = found(backend, page)

    assert ["own"] == ids
    assert 101 == pages


@both
@pytest.mark.parametrize(
    "labels",
    [
        {},
        THEIRS,
        {"tunedrop-run": OURS["tunedrop-run"]},
        {**OURS, "tunedrop-run": OURS["tunedrop-run"].upper()},
        {**OURS, "tunedrop-run": OURS["tunedrop-run"] + "0"},
        {**OURS, "tunedrop-deployment": "another"},
    ],
    ids=str,
)
def test_family_49_a_foreign_job_with_our_label_key_is_not_ours(backend, labels):
    ids, _ = found(backend, lambda _: ([job(1, labels, backend)], ""))

    assert [] == ids


def test_family_49_jobs_of_others_with_our_label_keys_are_left_alone(capfd):
    siege = Siege(capfd)
    siege.world.drop("x.jsonl", gemini_rows())
    siege.world.tunings.refusals = [UpstreamUnavailableError("lost")]
    labels = {"tunedrop-run": "their-0123456789abcdef", "tunedrop-attempt": "1"}
    for deployment in ("tunedrop", "another"):
        body = {"labels": {**labels, "tunedrop-deployment": deployment}}
        try:
            siege.world.tunings.create(region=REGION, job_id="x", body=body)
        except UpstreamUnavailableError:
            siege.world.tunings.create(region=REGION, job_id="x", body=body)

    siege.world.deliver()

    (run_id,) = siege.world.runs()
    assert 3 == len(siege.world.tunings.jobs)
    assert "launched" == siege.world.run(run_id).state.value
    assert [] == siege.world.tunings.cancelled
