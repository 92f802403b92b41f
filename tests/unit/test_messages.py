"""Messages: strict where they ask, tolerant where they tell, and documented as they are."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tunedrop.contracts import COMMANDS, FACTS, ModelRegistered, TuningRequested
from tunedrop.wire import (
    MAX_MESSAGE_BYTES,
    MessageInvalidError,
    cloudevent_attributes,
    decode,
    encode,
    event_type,
)

DOCS = Path(__file__).parents[2] / "docs"
CONTRACTS = [*COMMANDS, *FACTS]


def example(contract):
    return (DOCS / "messages" / f"{contract.__name__}.example.json").read_bytes()


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
def test_each_message_has_an_example_that_fits_its_published_schema(contract):
    schema = json.loads((DOCS / "messages" / f"{contract.__name__}.schema.json").read_text())
    document = json.loads(example(contract))

    jsonschema.Draft202012Validator(schema).validate(document)

    assert document == json.loads(encode(decode(contract, example(contract))))


STALE = """
import generate
for path, text in generate.pages():
    if not path.exists() or path.read_text() != text:
        print(path.name)
"""


def test_the_published_pages_are_what_the_code_gives():
    # In a process of its own, as `make docs` is: other tests may have left something in the commands.
    child = subprocess.run(
        [sys.executable, "-c", STALE], cwd=DOCS, capture_output=True, text=True, check=True
    )

    assert [] == child.stdout.split(), "run `make docs`"


def test_a_generation_is_read_from_text_and_written_as_text():
    request = decode(
        TuningRequested, b'{"dataset_uri":"gs://bucket/o","dataset_generation":"1587627537231057"}'
    )

    assert 1587627537231057 == request.dataset_generation
    assert "1587627537231057" == json.loads(encode(request))["dataset_generation"]


@pytest.mark.parametrize(
    "value", ["true", "1.5", '"1.5"', "-1", '"-1"', '"9223372036854775808"', '"x"', '"\u0661"']
)
def test_what_is_no_int64_is_refused(value):
    body = b'{"dataset_uri":"gs://bucket/o","dataset_generation":' + value.encode() + b"}"

    with pytest.raises(MessageInvalidError):
        decode(TuningRequested, body)


def test_a_misspelt_key_is_refused_with_a_suggestion():
    with pytest.raises(MessageInvalidError) as caught:
        decode(TuningRequested, b'{"dataset_uri":"gs://bucket/o","recipee":"bot"}')

    (problem,) = caught.value.problems
    assert ("unknown_key", "did you mean 'recipe'?") == (problem.code, problem.remedy)


def test_every_fault_is_named_and_no_value_is_repeated():
    with pytest.raises(MessageInvalidError) as caught:
        decode(TuningRequested, b'{"dataset_uri":"secret-text","priority":"9","overides":{}}')

    assert 3 == len(caught.value.problems)
    assert "secret-text" not in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 5000]
)
def test_what_is_no_message_is_refused_and_nothing_else(body):
    with pytest.raises(MessageInvalidError):
        decode(TuningRequested, body)


def test_a_message_that_could_not_be_delivered_is_refused():
    body = b'{"dataset_uri":"gs://bucket/o","correlation_id":"' + b"x" * MAX_MESSAGE_BYTES + b'"}'

    with pytest.raises(MessageInvalidError, match="at most 524288 bytes"):
        decode(TuningRequested, body)


@pytest.mark.parametrize("version", ["0", "2", "999", '"1"', "null"])
def test_another_schema_version_is_refused(version):
    with pytest.raises(MessageInvalidError, match="schema_version"):
        decode(
            TuningRequested,
            b'{"dataset_uri":"gs://bucket/o","schema_version":' + version.encode() + b"}",
        )


def test_a_fact_from_a_newer_producer_is_read():
    newer = {**json.loads(example(ModelRegistered)), "added_later": True}

    assert 1 == decode(ModelRegistered, json.dumps(newer).encode()).version


def test_messages_travel_with_cloudevents_attributes():
    fact = decode(ModelRegistered, example(ModelRegistered))
    attributes = cloudevent_attributes(
        fact, event_id="i", source="//s", at=fact.occurred_at, subject="run"
    )

    assert {
        "ce-specversion": "1.0",
        "ce-id": "i",
        "ce-source": "//s",
        "ce-type": "dev.tunedrop.model-registered.v1",
        "ce-time": "2026-11-23T12:00:00+00:00",
        "ce-subject": "run",
        "content-type": "application/json",
    } == attributes


def test_types_of_messages_differ():
    assert len(CONTRACTS) == len({event_type(contract) for contract in CONTRACTS})
