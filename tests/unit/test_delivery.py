"""What acknowledges a delivery, what asks for another, and what never leaves."""

import json

import pytest
from cloudevents.http import CloudEvent

from tunedrop.delivery import Desk, Outcome, RedeliveryRequestedError, settle
from tunedrop.errors import (
    ConfigError,
    FencedError,
    MalformedEventError,
    RefusedError,
    UpstreamUnavailableError,
)
from tunedrop.events import FINALIZED, PUBLISHED, read_finalized, read_message

SECRET = "dataset text that must stay here"


def finalized(data, **attributes):
    return CloudEvent({"type": FINALIZED, "source": "//storage", "id": "e1", **attributes}, data)


def pushed(data, **attributes):
    return CloudEvent({"type": PUBLISHED, "source": "//pubsub", "id": "m1", **attributes}, data)


def desk(handle, refusals=None):
    def refuse(role, delivery, error):
        (refusals if refusals is not None else []).append((role, delivery, error.code))
        return Outcome(error.code)

    return lambda: Desk("finalized", read_finalized, handle, refuse)


GOOD = {"bucket": "b", "name": "n.jsonl", "generation": "1587627537231057"}


def raising(error):
    def handle(_):
        raise error

    return handle


def test_a_handled_delivery_is_acknowledged_with_one_line(capsys):
    settle(
        desk(lambda event: Outcome("accepted", record="r", drop_id=str(event.generation))),
        finalized(GOOD),
    )

    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert ("INFO", "finalized: accepted") == (entry["severity"], entry["message"])
    assert "1587627537231057" == entry["logging.googleapis.com/labels"]["drop_id"]


def test_a_delivery_at_fault_is_recorded_and_acknowledged():
    refusals = []

    settle(desk(raising(RefusedError("no", code="foreign_bucket")), refusals), finalized(GOOD))

    assert [("finalized", "e1", "foreign_bucket")] == refusals


def test_a_step_that_another_worker_took_is_acknowledged(capsys):
    settle(desk(raising(FencedError("late"))), finalized(GOOD))

    assert "finalized: fenced" == json.loads(capsys.readouterr().out)["message"]


@pytest.mark.parametrize(
    "error", [UpstreamUnavailableError("down"), ConfigError("unset")], ids=lambda e: e.code
)
def test_what_may_succeed_later_is_asked_for_again(error):
    with pytest.raises(RedeliveryRequestedError, match=error.code):
        settle(desk(raising(error)), finalized(GOOD))


def test_a_deployment_that_cannot_be_built_loses_nothing():
    def build():
        raise ConfigError("TUNEDROP_PROJECT: missing")

    with pytest.raises(RedeliveryRequestedError, match="config_invalid"):
        settle(build, finalized(GOOD))


def test_a_bug_leaves_neither_text_nor_trace_of_the_data(capsys):
    with pytest.raises(RedeliveryRequestedError, match=r"^ValueError$") as caught:
        settle(desk(raising(ValueError(SECRET))), finalized(GOOD))

    assert SECRET not in capsys.readouterr().out
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"not json",
        [1],
        {},
        {**GOOD, "bucket": ""},
        {**GOOD, "name": None},
        {**GOOD, "name": "x" * 1025},
        {**GOOD, "generation": "0"},
        {**GOOD, "generation": "-1"},
        {**GOOD, "generation": "9" * 30},
        {**GOOD, "generation": True},
        {**GOOD, "generation": 1.5},
    ],
    ids=repr,
)
def test_an_event_without_usable_fields_is_malformed(data):
    with pytest.raises(MalformedEventError, match="expected data"):
        read_finalized(finalized(data))


def test_a_generation_may_be_a_number():
    assert 7 == read_finalized(finalized({**GOOD, "generation": 7})).generation


def test_another_kind_of_event_is_malformed():
    with pytest.raises(MalformedEventError, match="expected type"):
        read_finalized(finalized(GOOD, type="google.cloud.storage.object.v1.deleted"))


@pytest.mark.parametrize(
    "message",
    [
        None,
        "text",
        {"data": "%%%"},
        {"data": "YQ"},
        {"data": 5},
        {"data": "_-8="},
        {"attributes": [1]},
    ],
    ids=repr,
)
def test_a_push_that_cannot_be_read_is_malformed(message):
    with pytest.raises(MalformedEventError):
        read_message(pushed({"message": message}))


def test_a_push_of_attributes_only_has_empty_data():
    delivery = read_message(pushed({"message": {"messageId": "9", "attributes": {"a": "b"}}}))

    assert ("9", b"", {"a": "b"}) == (delivery.message_id, delivery.data, delivery.attributes)


def test_a_push_is_unwrapped():
    assert (
        b"hello" == read_message(pushed({"message": {"messageId": "9", "data": "aGVsbG8="}})).data
    )
