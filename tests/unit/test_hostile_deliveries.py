"""Families 29 to 31, 33 and 34 of the hostile inputs: events about objects as no honest sender makes them."""

import json

import pytest

from support.hostile_deliveries import SECRET, Siege, code_rows

GOOD_REQUEST = {"dataset_uri": "gs://test-intake/x.jsonl"}
FUTURE = 10**6


@pytest.fixture
def siege(capfd):
    return Siege(capfd)


@pytest.mark.parametrize("becomes", ["another generation", "nothing"])
def test_family_29_an_object_that_changes_while_it_is_read_is_superseded(siege, becomes):
    def change():
        if becomes == "nothing":
            siege.store.delete("test-intake", "x.jsonl")
        else:
            siege.store.put("test-intake", "x.jsonl", code_rows(start=50))

    info = siege.store.put("test-intake", "x.jsonl", code_rows(200))
    with siege.in_the_middle_of_reading(change):
        answer = siege.finalize(info)

    assert (200, "done", "superseded") == answer[:3]
    assert "superseded" == answer.record["outcome"]
    assert [] == siege.store.names("test-ledger", "verdicts/")
    siege.assert_silent()


def test_family_29_an_object_deleted_before_it_is_looked_at_is_superseded(siege):
    info = siege.store.put("test-intake", "x.jsonl", code_rows())
    siege.store.delete("test-intake", "x.jsonl")

    assert (200, "done", "superseded") == siege.finalize(info)[:3]
    siege.assert_silent()


def test_family_29_an_event_without_a_generation_is_refused(siege):
    answer = siege.event(json.dumps({"bucket": "test-intake", "name": "x.jsonl"}))

    assert (200, "refused", "malformed_event") == answer[:3]
    siege.assert_silent()


def test_family_29_a_generation_from_the_future_is_not_the_live_one(siege):
    info = siege.store.put("test-intake", "x.jsonl", code_rows())
    later = info.generation + FUTURE

    assert (200, "done", "superseded") == siege.finalize(info, generation=str(later))[:3]
    asked = siege.push("requests", {**GOOD_REQUEST, "dataset_generation": str(later)})
    assert (200, "refused", "dataset_not_found") == asked[:3]
    siege.assert_silent()


def test_family_30_an_event_about_an_older_generation_than_the_live_one_is_superseded(siege):
    old = siege.store.put("test-intake", "x.jsonl", code_rows())
    siege.store.put("test-intake", "x.jsonl", code_rows(start=50))

    assert (200, "done", "superseded") == siege.finalize(old)[:3]
    siege.assert_silent()


def test_family_30_a_change_of_metadata_alone_asks_no_new_question(siege):
    info = siege.store.put("test-intake", "x.jsonl", code_rows())
    first = siege.finalize(info)
    sent = len(siege.world.publisher.sent)

    again = siege.finalize(info, metageneration="7", metadata={"tuning.epochs": "9"})
    other = siege.event("{}", **{"ce-type": "google.cloud.storage.object.v1.metadataUpdated"})

    assert ("accepted", "answered_before") == (first.code, again.code)
    assert (200, "refused", "malformed_event") == other[:3]
    assert sent == len(siege.world.publisher.sent)
    siege.assert_silent()


def test_family_31_the_same_bytes_a_hundred_times_are_one_run_and_one_job(siege):
    outcomes = {siege.world.drop("x.jsonl", code_rows()).code for _ in range(100)}
    siege.world.deliver()

    assert {"accepted"} == outcomes
    assert 1 == len(siege.world.runs())
    siege.assert_silent(jobs=1)


def test_family_31_a_name_that_is_good_and_bad_by_turns_is_answered_each_time(siege):
    bodies = [code_rows(), f"{SECRET}\n" * 20] * 5

    outcomes = [siege.world.drop("x.jsonl", body).code for body in bodies]
    siege.world.deliver()

    assert ["accepted", "rejected"] * 5 == outcomes
    assert 10 == len(siege.store.names("test-ledger", "drops/"))
    siege.assert_silent(jobs=1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"bucket": "test-reports"}, "foreign_bucket"),
        ({"bucket": "somebody-elses"}, "foreign_bucket"),
        ({"bucket": "test-intake-evil"}, "foreign_bucket"),
        ({"bucket": None}, "malformed_event"),
        ({"bucket": ["test-intake"]}, "malformed_event"),
        ({"bucket": "b" * 300}, "malformed_event"),
        ({"name": None}, "malformed_event"),
        ({"name": ""}, "malformed_event"),
        ({"name": {"a": 1}}, "malformed_event"),
        ({"name": "\ud800.jsonl"}, "malformed_event"),
        *(
            ({"generation": value}, "malformed_event")
            for value in (
                None,
                "",
                "0",
                "-1",
                -1,
                0,
                1.5,
                True,
                "1e3",
                "٣",
                " 7",
                10**30,
                str(10**30),
                "9" * 5000,
            )
        ),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_family_33_an_event_with_an_unusable_field_is_refused_on_record(siege, changes, code):
    info = siege.store.put("test-intake", "x.jsonl", code_rows())

    answer = siege.finalize(info, **changes)

    assert (200, "refused", code) == answer[:3]
    assert ("refused_delivery", code) == (answer.record["kind"], answer.record["code"])
    siege.assert_silent()


@pytest.mark.parametrize(
    "kind",
    ["google.cloud.storage.object.v1.deleted", "google.cloud.audit.log.v1.written", "x" * 900],
)
def test_family_33_an_event_of_another_type_is_refused_on_record(siege, kind):
    answer = siege.event("{}", **{"ce-type": kind})

    assert (200, "refused", "malformed_event") == answer[:3]


def test_family_33_a_generation_as_a_number_is_as_good_as_a_text(siege):
    info = siege.store.put("test-intake", "bot/.keep", b"")

    assert "ignored_placeholder" == siege.finalize(info, generation=info.generation).code


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[1]",
        b"5",
        b"{",
        f'"{SECRET}"'.encode(),
        SECRET.encode(),
        b"\xff\xfe{\x00}\x00",
        b'{"bucket": NaN}',
        json.dumps([SECRET]).encode(),
    ],
    ids=repr,
)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-y"])
def test_family_34_an_event_whose_body_is_no_object_is_refused(siege, body, content_type):
    answer = siege.event(body, **{"Content-Type": content_type})

    assert (200, "refused", "malformed_event") == answer[:3]
    siege.assert_silent()
