"""What acknowledges a delivery, what asks for another, and what never leaves."""

import json
from contextlib import nullcontext

import pytest
from cloudevents.http import CloudEvent
from msgspec.structs import replace

from tunedrop import tracing
from tunedrop.delivery import Desk, Outcome, settle
from tunedrop.edge import RedeliveryRequestedError
from tunedrop.errors import (
    ConfigError,
    FencedError,
    MalformedEventError,
    RefusedError,
    UpstreamUnavailableError,
)
from tunedrop.events import FINALIZED, PUBLISHED, message_trace, read_finalized, read_message
from tunedrop.logs import Origin

HOSTILE = '"}\n{"severity": "EMERGENCY"}'
SECRET = "dataset text that must stay here"


def finalized(data, **attributes):
    return CloudEvent({"type": FINALIZED, "source": "//storage", "id": "e1", **attributes}, data)


def pushed(data, **attributes):
    return CloudEvent({"type": PUBLISHED, "source": "//pubsub", "id": "m1", **attributes}, data)


def desk(handle, refusals=None):
    def refuse(role, delivery, error):
        (refusals if refusals is not None else []).append((role, delivery, error.code))
        return Outcome(error.code)

    return lambda: Desk("finalized", read_finalized, handle, nullcontext, refuse)


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


def test_a_delivery_at_fault_is_recorded_and_acknowledged(capsys):
    refusals = []

    settle(desk(raising(RefusedError("no", code="foreign_bucket")), refusals), finalized(GOOD))

    (line,) = capsys.readouterr().out.splitlines()
    assert [("finalized", "e1", "foreign_bucket")] == refusals
    assert {"severity": "NOTICE", "answer": "refused"}.items() <= json.loads(line).items()


def test_a_refusal_that_cannot_be_recorded_is_asked_for_again(capsys):
    def unrecorded(*_):
        raise UpstreamUnavailableError("down")

    build = desk(raising(RefusedError("no")))
    with pytest.raises(RedeliveryRequestedError):
        settle(lambda: replace(build(), record_refusal=unrecorded), finalized(GOOD))

    (line,) = capsys.readouterr().out.splitlines()
    assert {"severity": "WARNING", "answer": "again"}.items() <= json.loads(line).items()


def test_a_step_that_another_worker_took_is_acknowledged(capsys):
    settle(desk(raising(FencedError("late"))), finalized(GOOD))

    assert "finalized: fenced" == json.loads(capsys.readouterr().out)["message"]


@pytest.mark.parametrize(
    "error", [UpstreamUnavailableError("down"), ConfigError("unset")], ids=lambda e: e.code
)
def test_what_may_succeed_later_is_asked_for_again(error, capsys):
    with pytest.raises(RedeliveryRequestedError, match=error.code):
        settle(desk(raising(error)), finalized(GOOD))

    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert ("WARNING", "again") == (entry["severity"], entry["answer"])
    assert error.code == entry["logging.googleapis.com/labels"]["code"]


def test_a_deployment_that_cannot_be_built_loses_nothing(capsys):
    def build():
        raise ConfigError("TUNEDROP_PROJECT: missing")

    with pytest.raises(RedeliveryRequestedError, match="config_invalid"):
        settle(build, finalized(GOOD))

    entry = json.loads(capsys.readouterr().out)
    assert ("unbuilt: config_invalid: TUNEDROP_PROJECT: missing", "again") == (
        entry["message"],
        entry["answer"],
    )


def test_a_bug_leaves_neither_text_nor_trace_of_the_data(capsys):
    with pytest.raises(RedeliveryRequestedError, match=r"^ValueError$") as caught:
        settle(desk(raising(ValueError(SECRET))), finalized(GOOD))

    (line,) = capsys.readouterr().out.splitlines()
    assert SECRET not in line
    assert {"severity": "ERROR", "answer": "bug"}.items() <= json.loads(line).items()
    assert caught.value.__context__ is None


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


STORY = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{STORY}-00f067aa0ba902b7-01"


def traced(event, *, role="requests", read=read_message):
    """The traces that a handler and the log's line about it see."""
    seen = []

    def handle(_):
        seen.append(tracing.current())
        return Outcome("done")

    origin = Origin(project="my-project")
    settle(lambda: Desk(role, read, handle, nullcontext, lambda *_: Outcome("no"), origin), event)
    return seen[0]


def test_a_message_goes_on_with_the_trace_that_it_names():
    attributes = {"traceparent": PARENT}

    trace = traced(pushed({"message": {"messageId": "9", "attributes": attributes}}))

    assert STORY == trace.trace_id
    assert trace.span_id != "00f067aa0ba902b7"
    assert tracing.current() is None


@pytest.mark.parametrize("named", [PARENT + " ", "00-x", 5, None, HOSTILE], ids=repr)
def test_a_message_that_names_no_usable_trace_gets_one_that_its_repeats_share(named, capsys):
    message = {"messageId": "9", "attributes": {"traceparent": named}}

    traces = {traced(pushed({"message": message})) for _ in range(2)}

    assert {tracing.story_of("9")} == traces
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    name = f"projects/my-project/traces/{tracing.story_of('9').trace_id}"
    assert [name, name] == [line["logging.googleapis.com/trace"] for line in lines]


@pytest.mark.parametrize("data", [None, b"x", [1], {"message": 5}, {"message": {"attributes": 5}}])
def test_an_envelope_of_another_form_names_no_trace(data):
    assert message_trace(pushed(data)) is None
