"""The shape of a log entry, and what can never be in one."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunedrop import logs, tracing
from tunedrop.logs import ERROR_EVENT, LABELS, MAX_ENTRY_BYTES, SPAN, TRACE, Origin
from tunedrop.tracing import Trace

ORIGIN = Origin("my-project", "dev", "dev-launches", "dev-launches-00007-abc")
STORY = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
HOSTILE = '\n{"severity": "EMERGENCY"}\r\x1b[2J\x1b]0;owned\x07\u2028\u202e\x85\ud800'


def entries(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def told():
    """Inside a delivery of a deployment, with a trace."""
    with logs.about(role="launches", delivery="m1"):
        logs.speak_for(ORIGIN)
        tracing.go_on_with(STORY)
        yield


def test_a_canonical_line_has_every_field_that_cloud_logging_knows(capsys, told):
    logs.delivery_settled("done", code="launched", started=0.0, run_id="r-0", record="runs/r-0/1")

    (entry,) = entries(capsys)
    assert entry.pop("seconds") > 0
    assert {
        "severity": "INFO",
        "message": "launches: launched",
        "event": "delivery.settled",
        "answer": "done",
        LABELS: {
            "deployment": "dev",
            "role": "launches",
            "delivery": "m1",
            "code": "launched",
            "run_id": "r-0",
            "record": "runs/r-0/1",
        },
        TRACE: "projects/my-project/traces/4bf92f3577b34da6a3ce929d0e0e4736",
        SPAN: "00f067aa0ba902b7",
    } == entry


def test_a_bug_has_the_shape_that_error_reporting_picks_up(capsys, told):
    try:
        {}.pop("text of a row")
    except KeyError as error:
        logs.bug(error)

    (entry,) = entries(capsys)
    assert ("ERROR", ERROR_EVENT) == (entry["severity"], entry["@type"])
    expected = {"service": "dev-launches", "version": "dev-launches-00007-abc"}
    assert expected == entry["serviceContext"]
    head, *frames, last = entry["stack_trace"].splitlines()
    assert ("Traceback (most recent call last):", "KeyError") == (head, last)
    assert "test_logs.py" in frames[0]
    assert {"role": "launches", "delivery": "m1", "deployment": "dev"} == entry[LABELS]


def test_a_bug_names_the_deployment_where_the_platform_names_no_service(capsys):
    with logs.about():
        logs.speak_for(Origin("my-project", "dev"))
        logs.bug(ValueError())

    assert {"service": "dev"} == entries(capsys)[0]["serviceContext"]


@pytest.mark.parametrize("answer", ["done", "refused", "again"])
def test_only_bugs_are_events_of_error_reporting(answer, capsys, told):
    logs.delivery_settled(answer, code="x", started=0.0, text="why")
    logs.warning("look at this")

    for entry in entries(capsys):
        assert not entry.keys() & {"@type", "stack_trace", "serviceContext", "exception"}
        assert entry["severity"] in {"INFO", "NOTICE", "WARNING"}


def test_what_is_said_about_one_thing_ends_with_it(capsys, told):
    other = Trace("a" * 32, "b" * 16)
    with logs.about(run_id="r-1"):
        logs.label(attempt="2")
        tracing.go_on_with(other)
        logs.warning("inside", code="busy")
    logs.warning("outside")

    inside, outside = entries(capsys)
    assert {"run_id": "r-1", "attempt": "2", "code": "busy"}.items() <= inside[LABELS].items()
    assert inside[TRACE].endswith("a" * 32)
    assert {"deployment", "role", "delivery"} == outside[LABELS].keys()
    assert outside[TRACE].endswith(STORY.trace_id)


def test_nothing_is_left_behind_outside_of_a_delivery(capsys):
    logs.label(object="gs://b/n")
    logs.speak_for(ORIGIN)
    tracing.go_on_with(STORY)

    logs.warning("alone")

    assert {} == entries(capsys)[0][LABELS]
    assert tracing.current() is None


def test_a_label_that_says_nothing_hides_none_that_does(capsys):
    with logs.about(run_id="r-1"):
        logs.delivery_settled("done", code="swept", started=0.0, run_id="")

    assert "r-1" == entries(capsys)[0][LABELS]["run_id"]


def test_without_a_project_there_is_no_trace_to_name(capsys):
    with logs.about():
        tracing.go_on_with(STORY)
        logs.warning("early")

    assert not entries(capsys)[0].keys() & {TRACE, SPAN}


def test_an_entry_stays_below_the_cap_and_keeps_its_fields(capsys, told):
    def deep(levels):
        return 1 // 0 if levels == 0 else deep(levels - 1)

    wide = "\U0001f512" * 100_000
    try:
        deep(900)
    except ZeroDivisionError as error:
        logs.delivery_settled(
            "bug",
            code="bug",
            started=0.0,
            text=wide,
            error=error,
            **{f"label_{number}": wide for number in range(20)},
        )

    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert len(line.encode()) <= MAX_ENTRY_BYTES
    assert {"severity", "message", "event", "@type", "stack_trace", LABELS, TRACE} <= entry.keys()
    assert entry["stack_trace"].startswith("Traceback (most recent call last):\n")


def control_characters(entry):
    texts = [entry["message"], *entry[LABELS].values()]
    return [text for text in texts if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202e]", text)]


def test_hostile_text_stays_one_line_and_moves_no_cursor(capsys, told):
    logs.warning(HOSTILE, object=HOSTILE)

    out = capsys.readouterr().out
    assert (1, "\n") == (len(out.splitlines()), out[-1])
    assert out.isascii()
    assert [] == control_characters(json.loads(out))
    assert "WARNING" == json.loads(out)["severity"]


@given(text=st.one_of(st.text(), st.text(alphabet=HOSTILE)), label=st.text(alphabet=HOSTILE))
def test_any_text_is_one_line_of_json_with_our_severity(text, label):
    lines = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", Collector(lines))
        with logs.about(object=label):
            logs.delivery_settled("again", code="x", started=0.0, text=text, object=text)

    (line,) = lines
    entry = json.loads(line)
    assert ("\n", 1, True) == (line[-1], line.count("\n"), line.isascii())
    assert ("WARNING", "again") == (entry["severity"], entry["answer"])
    assert [] == control_characters(entry)
    assert entry["message"].encode()


class Collector:
    """A stream that keeps each write."""

    def __init__(self, lines):
        self.lines = lines

    def write(self, text):
        self.lines.append(text)

    def flush(self):
        pass


PARENT = f"00-{STORY.trace_id}-{STORY.span_id}-01"


def test_a_trace_survives_a_message():
    assert STORY == tracing.read_parent(STORY.parent)


@pytest.mark.parametrize(
    "text",
    [
        None,
        5,
        "",
        PARENT.upper(),
        PARENT + "\n",
        PARENT + "-x",
        PARENT[1:],
        f"00-{'0' * 32}-{STORY.span_id}-01",
        f"00-{STORY.trace_id}-{'0' * 16}-01",
        PARENT.replace("4bf9", "\uff14bf9"),
    ],
    ids=repr,
)
def test_a_traceparent_of_another_form_is_ignored(text):
    assert tracing.read_parent(text) is None


@pytest.mark.parametrize(
    ("text", "span"),
    [
        (f"{STORY.trace_id}/67667974448284343;o=1", "00f067aa0ba902b7"),
        (f"{STORY.trace_id}/1", "0000000000000001"),
    ],
)
def test_the_platforms_header_gives_trace_and_span(text, span):
    assert Trace(STORY.trace_id, span) == tracing.read_cloud_context(text)


@pytest.mark.parametrize("rest", ["", "/0;o=1", "/99999999999999999999;o=0"], ids=repr)
def test_the_platforms_header_without_a_usable_span_still_gives_the_trace(rest):
    found = tracing.read_cloud_context(STORY.trace_id + rest)

    assert STORY.trace_id == found.trace_id
    assert found == tracing.read_parent(found.parent)


@pytest.mark.parametrize("text", [None, "", "x/1", "0" * 32 + "/1", f"{STORY.trace_id}/-1"])
def test_a_platform_header_of_another_form_is_ignored(text):
    assert tracing.read_cloud_context(text) is None


@given(st.text())
def test_whatever_brings_no_trace_has_one_of_its_own_that_repeats_share(name):
    story = tracing.story_of(name)

    assert story == tracing.story_of(name) == tracing.read_parent(story.parent)
    assert story.step("a") != story.step("b")
    assert story.trace_id == story.step("a").trace_id
