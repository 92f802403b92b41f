"""A sweep's calls grow with the open runs and not with those that have ended; counted small, by the benchmark's own part."""

from collections import Counter
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FEW, MANY, ENDED = 50, 500, 500


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def counts(open_runs, ended_runs=0):
    from tunedrop_bench.sweep import count, total

    return [(total(each), each) for each in count(open_runs, ended_runs)]


def test_ten_times_the_open_runs_cost_at_most_eleven_times_the_calls():
    (few, _), _ = counts(FEW)
    (many, _), _ = counts(MANY)

    assert many <= 11 * few


@pytest.mark.parametrize("open_runs", [FEW, MANY])
def test_ended_runs_add_at_most_two_calls(open_runs):
    (alone, _), (beside, _) = counts(open_runs, ENDED)

    assert beside - alone <= 2


def test_a_steady_state_reads_no_run_and_no_job_by_itself():
    _, (_, by_kind) = counts(FEW, ENDED)

    assert (0, 0, 0) == tuple(
        by_kind[kind] for kind in ("jobs read", "jobs cancelled", "published")
    )
    assert by_kind["read"] <= 10
    assert by_kind["written"] <= 5


def test_the_runs_stand_as_the_table_says():
    from tunedrop_bench.open_runs import Deployment

    deployment = Deployment(MANY)
    deployment.fill()
    marks = list(deployment.services.runbook.marks.all())

    found = Counter(mark.state.value for mark in marks)
    assert {"queued": 440, "held": 25, "running": 25, "launching": 5, "launched": 5} == found
    running = {mark.backend for mark in marks if mark.state.value == "running"}
    assert {"pipeline_job", "tuning_job"} == running
    assert 35 == len(list(deployment.services.store.list("ledger", prefix="slots/")))
    assert 440 == len(list(deployment.services.store.list("state", prefix="queue/")))


def test_a_page_is_a_call_and_so_is_an_empty_one():
    from tunedrop_bench.counting import Calls

    def pages(found):
        calls = Calls()
        assert list(range(found)) == list(calls.pages("listed", range(found), 10))
        return calls.by_kind["listed"]

    assert [1, 1, 1, 2, 2, 3] == [pages(found) for found in (0, 1, 10, 11, 20, 21)]
