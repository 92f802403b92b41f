"""Dead letters on the command line, over a box in memory and a whole deployment."""

import base64
import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from support.commands import commanded
from support.datasets import good_lines
from support.world import World
from tunedrop.cli import dead_letters
from tunedrop.cli.main import BROKEN, cli
from tunedrop.dead_letters import REPLAYED_FROM, DeadLetter, role_of
from tunedrop.domain.formats import Format

SOURCE = "CloudPubSubDeadLetterSource"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
START = datetime(2026, 11, 23, 12, tzinfo=UTC)
RUN = "bot-0123456789abcdef"
LAUNCH = {"drop_id": "ab" * 16, "run_id": RUN}
OBJECT = {"bucket": "test-intake", "name": "bot/train.jsonl", "generation": "1700000000000005"}
TRIGGER = "eventarc-us-central1-tunedrop-finalized-123456-sub-789"


def letter(number, body, source="tunedrop-launches", **attributes):
    return DeadLetter(
        message_id=str(number),
        data=body if isinstance(body, bytes) else json.dumps(body).encode(),
        attributes={
            f"{SOURCE}Subscription": source,
            f"{SOURCE}SubscriptionProject": "test-project",
            f"{SOURCE}DeliveryCount": "30",
            "ce-id": "launch/1",
            **attributes,
        },
        given_up_at=START + timedelta(minutes=number),
    )


class Box:
    """A box of dead letters; `inside` is what lies in it while nobody looks."""

    def __init__(self, *letters):
        self.inside = list(letters)

    @contextmanager
    def opened(self):
        taken, self.inside = self.inside, []
        self._out = list(taken)
        try:
            yield taken
        finally:
            self.inside = self._out

    def remove(self, gone):
        self._out.remove(gone)


class Sent:
    def __init__(self):
        self.messages = []

    def publish(self, topic, data, attributes):
        self.messages.append((topic, json.loads(data), attributes))
        return f"new-{len(self.messages)}"


@pytest.fixture
def sent(monkeypatch):
    publisher = Sent()
    monkeypatch.setattr(dead_letters, "publisher", lambda: publisher)
    return publisher


@pytest.fixture
def world(sent):
    with commanded(World()) as world:
        yield world


@pytest.fixture
def box(monkeypatch, world):
    box = Box(letter(2, LAUNCH), letter(1, LAUNCH, traceparent=PARENT))
    monkeypatch.setattr(dead_letters, "dead_letter_box", lambda: box)
    return box


def tunedrop(*arguments):
    return CliRunner().invoke(cli, ["dead-letters", *arguments])


def answer(*arguments):
    return json.loads(tunedrop(*arguments, "--json").stdout)


@pytest.mark.parametrize(
    ("source", "role"),
    [
        ("dev-requests", "requests"),
        ("dev-launches", "launches"),
        ("dev-job-events", "job-events"),
        ("dev-control", "control"),
        ("dev-job-events-status", "job-events"),
        ("tunedrop-launches", "finalized"),
        (TRIGGER, "finalized"),
        ("", "finalized"),
    ],
)
def test_the_subscription_says_where_a_letter_came_from(source, role):
    assert role == role_of("dev", letter(1, b"", source=source))


def test_letters_are_listed_the_oldest_first_and_stay_where_they_are(box):
    listed = answer("list")

    assert [("1", "launches", RUN, 30), ("2", "launches", RUN, 30)] == [
        (each["id"], each["role"], each["about"], each["deliveries"]) for each in listed
    ]
    assert ["1", "2"] == sorted(each.message_id for each in box.inside)
    lines = tunedrop("list").stdout.splitlines()
    assert ["1", "2"] == [line.split()[0] for line in lines[1:]]


def test_an_empty_box_lists_nothing(box):
    box.inside = []

    assert [] == answer("list")


def test_a_letter_is_shown_with_its_reason_its_log_and_its_message(box):
    view = answer("show", "1")

    assert (
        "The function for launches was called 30 times and gave no answer that ends it."
        == (view["why"])
    )
    assert f'trace="projects/test-project/traces/{TRACE}"' in view["logs"]
    assert (LAUNCH, "there is no such run yet") == (view["message"], view["stands"])
    text = tunedrop("show", "1").stdout
    assert all(word in text for word in ("gave no answer", RUN, "gcloud logging read"))
    assert 2 == len(box.inside)


def test_a_letter_without_a_trace_names_the_log_of_what_it_came_from(box):
    assert 'labels.role="launches"' in answer("show", "2")["logs"]


def test_what_the_ledger_says_meanwhile_is_said(world, box):
    world.drop("bot/recipe.toml", 'base_model = "gemini-3.5-flash"\n')
    run_id = world.drop("bot/train.jsonl", b"".join(good_lines(Format.GEMINI, 20))).run_id
    world.deliver()
    box.inside = [
        letter(1, {**LAUNCH, "run_id": run_id}),
        letter(2, {"dataset_uri": "gs://test-intake/bot/train.jsonl"}, source="tunedrop-requests"),
        letter(3, {"dataset_uri": "gs://test-intake/none.jsonl"}, source="tunedrop-requests"),
        letter(4, {"kind": "sweep"}, source="tunedrop-job-events"),
        letter(5, {"action": "pause"}, source="tunedrop-control"),
        letter(6, OBJECT, source=TRIGGER),
    ]

    assert [
        (run_id, "the run is launched by now"),
        ("gs://test-intake/bot/train.jsonl", "the object is answered by now"),
        ("gs://test-intake/none.jsonl", "the object has no answer yet"),
        ("open runs", "every sweep looks after all open runs: nothing is lost with it"),
        ("pause", ""),
        ("gs://test-intake/bot/train.jsonl", "the object is answered by now"),
    ] == [(each["about"], each["stands"]) for each in answer("list")]


@pytest.mark.parametrize(
    "body", [b"\xff\x00", b"[1]", b"{", b"[" * 100_000, {"dataset_uri": "gs://a/b", "x": 1}]
)
@pytest.mark.parametrize("source", ["tunedrop-requests", TRIGGER])
def test_a_message_that_cannot_be_read_is_shown_all_the_same(box, body, source):
    box.inside = [letter(1, body, source=source)]
    (listed,) = answer("list")
    view = answer("show", "1")

    assert "something that cannot be read" == listed["about"]
    if body == b"\xff\x00":
        assert body == base64.b64decode(view["message"]["base64"])


def test_control_characters_of_a_message_do_not_reach_the_terminal(box):
    box.inside = [letter(1, {"a": "\x1b[2J"}, **{"x\x1b": "\x1b[2J"})]

    assert "\x1b" not in tunedrop("show", "1").output + tunedrop("list").output


def test_a_letter_is_sent_again_as_it_was_with_a_mark_and_is_gone(box, sent):
    printed = answer("replay", "1")
    ((topic, body, attributes),) = sent.messages

    assert ("projects/test-project/topics/tunedrop-launches", LAUNCH) == (topic, body)
    assert {"ce-id": "launch/1", "traceparent": PARENT, REPLAYED_FROM: "1"} == attributes
    assert {"replayed": "1", "topic": topic, "message_id": "new-1"} == printed
    assert ["2"] == [each.message_id for each in box.inside]


def test_sending_the_same_letter_a_second_time_is_refused_and_says_why(box, sent):
    tunedrop("replay", "1")
    result = tunedrop("replay", "1")

    assert 2 == result.exit_code
    assert "it was sent again or thrown away before" in result.stderr
    assert 1 == len(sent.messages)


def test_a_letter_that_comes_back_says_that_it_was_sent_again_before(box, sent):
    box.inside = [letter(7, LAUNCH, **{REPLAYED_FROM: "1"})]
    why = answer("show", "7")["why"]
    result = tunedrop("replay", "7")

    assert why.endswith("It had been sent again before, from dead letter 1.")
    assert "sent again before, as dead letter 1" in result.stderr
    assert {REPLAYED_FROM: "7"}.items() <= sent.messages[0][2].items()


def test_a_letter_stays_where_the_message_could_not_be_sent(box, monkeypatch):
    def broken():
        raise ConnectionError("of ours")

    monkeypatch.setattr(dead_letters, "publisher", broken)
    result = CliRunner().invoke(cli, ["dead-letters", "replay", "1"])

    assert BROKEN == result.exit_code
    assert {"1", "2"} == {each.message_id for each in box.inside}


@pytest.mark.parametrize(
    ("body", "attributes"),
    [
        (OBJECT, {}),
        (
            b"",
            {
                "bucketId": "test-intake",
                "objectId": "bot/train.jsonl",
                "objectGeneration": "1700000000000005",
            },
        ),
    ],
    ids=["resource", "attributes"],
)
def test_an_event_of_the_intake_bucket_is_sent_as_a_request(box, sent, body, attributes):
    box.inside = [letter(1, body, source=TRIGGER, **attributes)]
    answer("replay", "1")
    ((topic, request, _),) = sent.messages

    assert "projects/test-project/topics/tunedrop-requests" == topic
    assert {
        "dataset_uri": "gs://test-intake/bot/train.jsonl",
        "dataset_generation": "1700000000000005",
    }.items() <= request.items()


@pytest.mark.parametrize("body", [b"x", {"bucket": "B", "name": "n", "generation": "1"}, {}])
def test_an_event_that_names_no_object_is_not_sent_and_stays(box, sent, body):
    box.inside = [letter(1, body, source=TRIGGER)]
    result = tunedrop("replay", "1")

    assert 1 == result.exit_code
    assert "discard it" in result.stderr
    assert ([], 1) == (sent.messages, len(box.inside))


def test_a_letter_that_is_thrown_away_is_printed_whole(box, sent):
    printed = answer("discard", "2")

    assert ("2", LAUNCH, "launch/1") == (
        printed["id"],
        printed["message"],
        printed["attributes"]["ce-id"],
    )
    assert ["1"] == [each.message_id for each in box.inside]
    assert [] == sent.messages


@pytest.mark.parametrize("command", ["show", "replay", "discard"])
def test_a_letter_that_is_not_there_is_wrong_usage(box, command):
    result = tunedrop(command, "9")

    assert 2 == result.exit_code
    assert "expected a dead letter, found none" in result.stderr
