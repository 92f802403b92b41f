"""Families 35 to 37, 43 and 45 of the hostile inputs: messages as no honest sender makes them."""

import base64
import gzip
import json
from datetime import timedelta

import pytest

from support.hostile_deliveries import SECRET, Siege, code_rows, gemini_rows
from support.world import World
from tunedrop.handlers import decide, launch_run, receive

TOPICS = ("requests", "launches", "job-events", "control")
GOOD_REQUEST = {"dataset_uri": "gs://test-intake/x.jsonl"}


@pytest.fixture
def siege(capfd):
    return Siege(capfd)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", "message_invalid"),
        ("%%%", "malformed_event"),
        ("e30", "malformed_event"),
        ("_-8=", "malformed_event"),
        ("e30=\n", "malformed_event"),
        ("{}", "malformed_event"),
        (7, "malformed_event"),
        (["e30="], "malformed_event"),
        ({"e30=": 1}, "malformed_event"),
        ("é", "malformed_event"),
        (base64.b64encode(base64.b64encode(b'{"dataset_uri": 1}')).decode(), "message_invalid"),
        (base64.b64encode(b"\x00\x01\x02 junk").decode(), "message_invalid"),
    ],
    ids=repr,
)
def test_family_35_data_that_is_not_one_layer_of_base64_is_refused(siege, topic, data, code):
    answer = siege.envelope(topic, {"data": data})

    assert (200, "refused") == answer[:2]
    assert answer.code in {code, "not_json"}
    assert "refused_delivery" == answer.record["kind"]
    siege.assert_silent()


@pytest.mark.parametrize("topic", TOPICS)
def test_family_35_a_push_of_attributes_alone_is_left_to_the_dead_letters(siege, topic):
    """The framework turns it away before any function sees it, and Pub/Sub gives it up after a few attempts."""
    answer = siege.envelope(topic, {"attributes": {"dataset_uri": SECRET}})

    assert (400, "") == answer[:2]
    assert [] == siege.store.names("test-ledger")
    siege.assert_silent()


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
        b'"x"',
        b"true",
        b"1e999",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        gzip.compress(b"{}", mtime=0),
        f'"{SECRET}"'.encode(),
        json.dumps({"resource": SECRET * 30_000}).encode(),
        json.dumps({SECRET: SECRET * 500_000}).encode(),
    ],
    ids=lambda body: f"{body[:12]!r}-{len(body)}",
)
def test_family_36_data_that_is_no_message_is_refused(siege, topic, body):
    answer = siege.push(topic, body)

    assert (200, "refused") == answer[:2]
    assert answer.code in {"message_invalid", "not_json", "message_too_long"}
    siege.assert_silent()


ATTRIBUTES = {
    "a-hundred": {f"key-{number}": "v" * 1024 for number in range(100)},
    "of-the-vendors": {"googclient_schemaencoding": "BINARY", "googclient_deliveryattempt": "-1"},
    "of-another-event": {"ce-type": "dev.tunedrop.control-requested.v1", "ce-id": "../../x"},
    "against-the-data": {"dataset_uri": "gs://elsewhere/x.jsonl", "bucketId": "elsewhere"},
    "of-no-text": {"traceparent": 5, "a": None, "b": [SECRET], "c": {"d": SECRET}},
    "of-a-forged-log": {"traceparent": f'00-"}}\n{{"severity":"EMERGENCY","m":"{SECRET}"}}'},
}


@pytest.mark.parametrize("attributes", ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_family_37_attributes_change_nothing_about_what_the_data_asks(siege, attributes):
    siege.store.put("test-intake", "x.jsonl", code_rows())

    answer = siege.push("requests", GOOD_REQUEST, attributes=attributes)

    assert (200, "done", "accepted") == answer[:3]
    assert "gs://test-intake/x.jsonl" == f"gs://{answer.record['bucket']}/{answer.record['name']}"
    siege.assert_silent()


@pytest.mark.parametrize("attributes", [[1], "x", 5, True], ids=repr)
def test_family_37_attributes_that_are_no_object_are_refused(siege, attributes):
    answer = siege.push("requests", GOOD_REQUEST, attributes=attributes)

    assert (200, "refused", "malformed_event") == answer[:3]


@pytest.mark.parametrize(
    "message_id", ["../../x", "a" * 5000, "é\u202e", "", 7, [1], '"}\n{"severity": "EMERGENCY"}']
)
def test_family_37_a_message_id_of_any_form_has_one_record(siege, message_id):
    answer = siege.push("requests", b"no json", messageId=message_id)

    assert (200, "refused") == answer[:2]
    (path,) = siege.store.names("test-ledger")
    assert 2 == path.count("/")


def test_family_43_a_message_a_thousand_times_is_answered_once(siege):
    world = siege.world
    world.store.put("test-intake", "x.jsonl", code_rows())
    request = world.message(GOOD_REQUEST)
    asked = {receive.receive_request(world.services, request).code for _ in range(100)}
    (body,) = world.publisher.bodies("launch-requested")
    launch = world.message(body)
    for _ in range(1000):
        launch_run.receive_launch(world.services, world.vertex, launch)

    assert {"accepted", "answered_before"} == asked
    assert 1 == len(world.runs()) == world.publisher.kinds().count("run-launched")
    siege.assert_silent(jobs=1)


def test_family_43_two_hundred_datasets_in_a_day_cost_no_more_than_the_day_may():
    first = World(allow_unpriced=False)
    verdict = f"verdicts/{first.drop('x.jsonl', gemini_rows()).drop_id}.json"
    usd = first.record(verdict)["plan"]["cost"]["usd"]
    limit = 5.5 * usd
    limits = {"max_concurrent_jobs": 1000, "max_new_runs_per_hour": 1000}
    world = World(allow_unpriced=False, max_usd_per_day=limit, **limits)

    for number in range(200):
        world.drop(f"{number:03}.jsonl", gemini_rows(start=100 * number))
    world.deliver()

    assert 200 == len(world.runs())
    assert 1 <= len(world.tunings.created) <= 5
    spent = [world.run(run_id) for run_id in world.runs()]
    paid = [run for run in spent if "launched" == run.state.value]
    assert sum(run.accepted["plan"]["cost"]["usd"] for run in paid) <= limit


def launched(siege):
    world = siege.world
    world.store.put("test-intake", "x.jsonl", code_rows())
    siege.push("requests", GOOD_REQUEST)
    (body,) = world.publisher.bodies("launch-requested")
    siege.push("launches", body, messageId="launch")
    (run_id,) = world.runs()
    return run_id, body


def test_family_45_messages_of_a_month_ago_change_nothing_that_has_been_decided(siege):
    run_id, launch = launched(siege)
    cancel = {"action": "cancel", "run_id": run_id}
    siege.push("control", cancel, messageId="decision")
    siege.world.pipelines.end("PIPELINE_STATE_CANCELLED")
    siege.world.tick()
    siege.world.clock.skip(timedelta(days=30).total_seconds())

    replayed = [
        siege.push("requests", GOOD_REQUEST).code,
        siege.push("launches", launch, messageId="launch").code,
        siege.push("control", cancel, messageId="decision").code,
    ]

    assert ["answered_before", "nothing_to_launch", "decided_before"] == replayed
    assert "cancelled" == siege.world.run(run_id).state.value
    siege.assert_silent(jobs=1)


@pytest.mark.parametrize("sent", ["2999-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "", 5, None, "x"])
def test_family_45_when_a_message_says_that_it_was_sent_makes_no_second_job(siege, sent):
    siege.store.put("test-intake", "x.jsonl", code_rows())

    asked = siege.push("requests", GOOD_REQUEST, publishTime=sent)
    (body,) = siege.world.publisher.bodies("launch-requested")
    answers = [siege.push("launches", body, publishTime=sent, messageId="l") for _ in range(3)]

    assert (200, "accepted") == (asked.status, asked.code)
    assert [200] * 3 == [answer.status for answer in answers]
    assert len(siege.created()) <= 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_family_45_a_clock_that_is_an_hour_off_makes_no_second_job(siege, hours):
    _, launch = launched(siege)
    siege.world.clock.skip(3600 * hours)

    siege.push("launches", launch, messageId="again")
    siege.world.tick()
    siege.world.deliver()

    siege.assert_silent(jobs=1)


@pytest.mark.parametrize("hours", [-1, 1])
def test_family_45_a_clock_that_jumps_before_the_decision_still_decides_once(siege, hours):
    run_id, _ = launched(siege)
    siege.world.clock.skip(3600 * hours)
    message = siege.world.message({"action": "cancel", "run_id": run_id})

    codes = [
        decide.receive_control(siege.world.services, siege.world.vertex, message).code
        for _ in range(3)
    ]

    assert ["cancel_requested", "decided_before", "decided_before"] == codes


def test_family_45_a_tick_of_a_month_ago_is_overtaken_and_one_of_tomorrow_only_looks(siege):
    launched(siege)
    siege.world.pipelines.end("PIPELINE_STATE_CANCELLED")
    ticks = {"2026-10-23T12:00:00Z": "stale_tick", "2026-11-24T12:00:00Z": "swept"}

    for sent, code in ticks.items():
        answer = siege.push("job-events", {"kind": "sweep"}, publishTime=sent, messageId=sent)

        assert (200, "done", code) == answer[:3]
    siege.assert_silent(jobs=1)
