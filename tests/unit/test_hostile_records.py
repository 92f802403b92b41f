"""Family 51 of the hostile inputs: records of ours that somebody, or some fault, has spoilt."""

import json

import pytest

from support.hostile_deliveries import SECRET, Siege, code_rows

SPOILT = {
    "empty": b"",
    "half": b'{"schema_version": 1, "outcome": "acce',
    "no-json": SECRET.encode(),
    "no-text": b"\xff\xfe\x00",
    "nested": b"[" * 100_000,
    "list": json.dumps([SECRET]).encode(),
    "null": b"null",
    "no-version": json.dumps({"outcome": "accepted", "text": SECRET}).encode(),
    "version-2": b'{"schema_version": 2, "outcome": "accepted"}',
    "version-text": b'{"schema_version": "1"}',
    "somebody-elses": json.dumps({"schema_version": 1, "text": SECRET}).encode(),
}
spoilt = pytest.mark.parametrize("data", SPOILT.values(), ids=SPOILT)
UNREADABLE = [data for name, data in SPOILT.items() if name != "somebody-elses"]


@pytest.fixture
def siege(capfd):
    return Siege(capfd)


def spoil(siege, path, data):
    """What somebody with other rights than ours, or a broken disk, does."""
    siege.store.objects["test-ledger"].pop(path)
    siege.store.put("test-ledger", path, data)


def assert_asked_for_again(answer, code=None):
    """Pub/Sub delivers it a few times more and makes it a dead letter; Eventarc gives up after a day."""
    assert (500, "bug") == answer[:2]
    assert code in {None, answer.code}


@spoilt
def test_family_51_a_verdict_that_cannot_be_read_launches_nothing(siege, data):
    outcome = siege.world.drop("x.jsonl", code_rows())
    (body,) = siege.world.publisher.bodies("launch-requested")
    spoil(siege, f"verdicts/{outcome.drop_id}.json", data)

    answers = [siege.push("launches", body) for _ in range(3)]

    for answer in answers:
        assert_asked_for_again(answer, "corrupt_record" if data in UNREADABLE else None)
    siege.assert_silent(but_for=data)


@spoilt
def test_family_51_a_receipt_that_cannot_be_read_is_not_written_anew(siege, data):
    info = siege.store.put("test-intake", "x.jsonl", code_rows())
    siege.finalize(info)
    (path,) = siege.store.names("test-ledger", "drops/")
    spoil(siege, path, data)

    assert_asked_for_again(siege.finalize(info), "corrupt_record" if data in UNREADABLE else None)
    assert data == siege.store.read("test-ledger", path, max_bytes=10**6)
    siege.assert_silent(but_for=data)


@spoilt
def test_family_51_a_record_that_lies_where_ours_would_go_is_no_answer_of_ours(siege, data):
    siege.store.put("test-ledger", "messages/requests/m1.json", data)

    assert_asked_for_again(
        siege.push("requests", b"no json"), "corrupt_record" if data in UNREADABLE else None
    )
    siege.assert_silent(but_for=data)


@spoilt
@pytest.mark.parametrize("step", [1, 2])
def test_family_51_a_run_with_a_step_that_cannot_be_read_stands_still(siege, data, step):
    siege.world.drop("x.jsonl", code_rows())
    siege.world.deliver()
    (run_id,) = siege.world.runs()
    (body,) = siege.world.publisher.bodies("launch-requested")
    spoil(siege, f"runs/{run_id}/{step:06}.json", data)

    answers = [
        siege.push("launches", body),
        siege.push("control", {"action": "cancel", "run_id": run_id}, messageId="c1"),
        siege.push("job-events", {"kind": "run", "run_id": run_id}, messageId="j1"),
    ]

    for answer in answers:
        assert_asked_for_again(answer, "corrupt_record" if data in UNREADABLE else None)
    assert [] == siege.world.pipelines.cancelled
    siege.assert_silent(jobs=1, but_for=data)


@spoilt
def test_family_51_a_spoilt_run_starves_no_other(capfd, data):
    siege = Siege(capfd, max_concurrent_jobs=2)
    for name, start in {"x.jsonl": 0, "y.jsonl": 100}.items():
        siege.world.drop(name, code_rows(start=start))
        siege.world.deliver()
    first, second = siege.world.runs()
    spoil(siege, f"runs/{first}/000002.json", data)
    siege.world.pipelines.end("PIPELINE_STATE_CANCELLED")

    answer = siege.push("job-events", {"kind": "sweep"})

    assert 200 == answer.status
    assert "cancelled" == siege.world.run(second).state.value


@pytest.mark.parametrize("missing", [1, 2])
def test_family_51_a_run_with_a_gap_stands_still(siege, missing):
    siege.world.drop("x.jsonl", code_rows())
    siege.world.deliver()
    (run_id,) = siege.world.runs()
    siege.store.objects["test-ledger"].pop(f"runs/{run_id}/{missing:06}.json")

    answer = siege.push("job-events", {"kind": "run", "run_id": run_id})

    assert_asked_for_again(answer, "corrupt_record")
    siege.assert_silent(jobs=1)


@pytest.mark.parametrize("data", SPOILT.values(), ids=SPOILT)
def test_family_51_a_hint_that_cannot_be_read_costs_nothing(siege, data):
    siege.world.drop("x.jsonl", code_rows())
    siege.world.deliver()
    (run_id,) = siege.world.runs()
    siege.store.put("test-state", f"open/{run_id}", data)
    siege.world.pipelines.end("PIPELINE_STATE_CANCELLED")

    answer = siege.push("job-events", {"kind": "sweep"})

    assert (200, "done") == answer[:2]
    assert "cancelled" == siege.world.run(run_id).state.value
