"""The page about logs says what is: its line is real, its queries find what they are for, its tables are the files'."""

import json
import re
from pathlib import Path

import pytest

from support.day import whole_day
from support.gcloud_lint import lint
from support.log_filters import matches
from support.warm_gcloud import GCLOUD, WarmGcloud
from tunedrop.logs import LABELS, SEVERITIES, SPAN, TRACE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "observability.md").read_text()


@pytest.fixture(scope="module")
def day():
    return whole_day()


def as_tested(text):
    """With the names that the tests' deployment has."""
    return text.replace("my-project-tunedrop-intake", "test-intake").replace(
        "my-project", "test-project"
    )


def line_of(entry):
    """The line that an entry was made of."""
    special = {"severity": "severity", LABELS: "labels", TRACE: "trace", SPAN: "spanId"}
    return entry["jsonPayload"] | {name: entry[field] for name, field in special.items()}


def test_the_line_that_is_shown_is_one_that_was_written(day):
    shown = json.loads(as_tested(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1]))

    settled = [e for e in day.entries if e["jsonPayload"]["event"] == "delivery.settled"]
    (written,) = [line_of(entry) for entry in settled if entry["spanId"] == shown[SPAN]]
    assert written | {"seconds": shown["seconds"]} == shown


def rows(heading):
    """First cells of a table by the name in its first column's head."""
    table = re.search(rf"\| {re.escape(heading)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE)[1]
    return {
        name: [cell.strip() for cell in line.strip("|").split("|")[1:]]
        for line in table.splitlines()
        for name in re.findall(r"`([a-z_]+)`", line.split("|")[1])
    }


def test_the_table_of_answers_is_the_codes(day):
    assert {name: cells[0] for name, cells in rows("`answer`").items()} == SEVERITIES
    answers = {entry["jsonPayload"].get("answer") for entry in day.entries}
    assert SEVERITIES.keys() == answers - {None}


def test_every_label_that_is_written_is_in_the_table_and_no_other(day):
    written = {name for entry in day.entries for name in entry["labels"]}

    assert written == rows("label").keys()


def test_every_kind_of_line_is_named(day):
    kinds = {entry["jsonPayload"]["event"] for entry in day.entries}

    assert 6 == len(kinds)
    assert all(f'"{kind}"' in PAGE or f"`{kind}`" in PAGE for kind in kinds)


COMMANDS = re.findall(r"^### (.+?)\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL)
LINES = [
    (title, command)
    for title, text in COMMANDS
    for command in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
]
QUERIES = [
    (f"{title} ({number})", as_tested(re.search(r"read '\n(.*?)\n'", command, re.DOTALL)[1]))
    for number, (title, command) in enumerate(LINES)
    if command.startswith("gcloud logging read")
]
RUN = "run tide-ac397ab88c3a6af9"
STEPS = ["accepted", "launching", "launched", "succeeded", "registered", "kept: manual"]
STORY = [
    "finalized: accepted",
    *(f"{RUN}: {state}" for state in STEPS[:3]),
    "launches: launched",
    *(f"{RUN}: {state}" for state in STEPS[3:]),
]
FOUND = {
    "What happened to my file? (0)": ["finalized: accepted", "finalized: answered_before"],
    "What happened to my file? (1)": STORY,
    "What happened to this run? (2)": [
        *STORY,
        "finalized: answered_before",
        "launches: nothing_to_launch",
    ],
    "Which drops were rejected today, and why? (3)": [
        "finalized: rejected",
        "finalized: recipe_rejected",
    ],
    "Which deliveries were at fault themselves? (4)": [
        "requests: message_invalid",
        "finalized: foreign_bucket",
        "control: unknown_run",
    ],
    "What waits, and for what? (5)": ["finalized: waiting_for_recipe"],
    "What was asked for again? (6)": [
        "finalized: upstream_unavailable: storage: 503",
        "unbuilt: config_invalid",
    ],
    "Is the sweep alive? (7)": ["job-events: swept"] * 6,
    "Which faults are tunedrop's own? (8)": [
        "finalized: bug: RuntimeError",
        "unexpected RuntimeError; this is a fault of tunedrop's own",
    ],
    "Who decided what? (9)": [
        "control: cancel_requested",
        "control: decided_before",
        "control: unknown_run",
    ],
}


def test_each_question_has_a_query():
    assert FOUND.keys() == dict(QUERIES).keys()
    assert "gcloud pubsub subscriptions pull" in LINES[-1][1]


@pytest.mark.parametrize(("title", "text"), QUERIES, ids=[title for title, _ in QUERIES])
def test_each_query_finds_what_it_is_for_and_nothing_else(title, text, day):
    found = [entry["jsonPayload"]["message"] for entry in day.entries if matches(text, entry)]

    shown = [re.sub(r"(config_invalid).*", r"\1", message) for message in found]
    assert sorted(FOUND[title]) == sorted(shown)


def test_the_answer_to_who_decided_what_names_them(day):
    text = dict(QUERIES)["Who decided what? (9)"]
    first = next(entry for entry in day.entries if matches(text, entry))

    assert ("ann@example.com", "cancel", day.cancelled) == tuple(
        first["labels"][name] for name in ("claimed_by", "action", "run_id")
    )


@pytest.mark.gcloud
@pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")
def test_gcloud_accepts_every_command(tmp_path):
    lines = [" ".join(command.split()) for _, command in LINES]

    assert lines
    with WarmGcloud() as warm:
        assert [] == lint(lines, tmp_path, warm)
