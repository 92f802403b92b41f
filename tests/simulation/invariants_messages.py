"""What holds of messages, texts and limits at every moment: I7, I8, I16 to I20."""

import json
import re
from collections import defaultdict
from itertools import pairwise

from simulation.evidence import Violation

MOST_CALLS = 150
"""Of one delivery, for each open run of these small worlds and once for the delivery itself."""
_ROUNDING = 1e-9
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_NOT_KEPT = frozenset({"sweep"})


def i8_a_message_is_acknowledged_only_once_its_answer_is_recorded(evidence):
    for message in evidence.messages:
        if message.acknowledged_at is None:
            continue
        paths = _answers(evidence, message)
        kept = [evidence.records[path] for path in paths if path in evidence.records]
        if paths and not any(record.created_at <= message.acknowledged_at for record in kept):
            yield Violation("I8", f"{message.key} was acknowledged before {paths[-1]} stood")


def i8_a_fact_is_said_only_once_it_is_recorded(evidence):
    for message in evidence.published:
        run, _, rest = message.event_id.partition("/")
        sequence = rest.partition("/")[0]
        if message.role != "events" or not sequence.isdigit():
            continue
        step = evidence.records.get(f"runs/{run}/{sequence}.json")
        if step is None or step.created_at > message.at:
            yield Violation("I8", f"{message.event_id} was said and is not recorded")


def _answers(evidence, message):
    """Where the answer to a message may stand; nothing for those that only say that it is time to look."""
    about = message.about
    if message.role == "finalized":
        waiting = [
            about["receipt"].replace(".json", f".waiting_for_{what}.json")
            for what in ("recipe", "evaluation")
        ]
        return [*waiting, message.record_path, about["receipt"]]
    if message.role == "launches" and "run_id" in about:
        return [message.record_path, f"runs/{about['run_id']}/000001.json"]
    if message.role == "control" and about.get("action") not in _NOT_KEPT:
        return [message.record_path]
    if message.role == "requests":
        return [message.record_path]
    return []


def i16_no_more_jobs_than_slots_and_no_more_money_than_a_day_has(evidence):
    yield from _too_many_jobs(evidence)
    yield from _too_much_money(evidence)
    if any(path.startswith("slots/") for path in evidence.records):
        yield from _broken_slots(evidence)


def _too_many_jobs(evidence):
    """A job that was asked to stop, or that a frozen process made, may overlap with the next."""
    changes = []
    for job in evidence.jobs:
        if job.late:
            continue
        changes.append((job.created_at, 1, 1, job.name))
        until = min(filter(None, (job.ended_at, job.cancel_asked_at)), default=None)
        if until is not None:
            changes.append((max(until, job.created_at), 0, -1, job.name))
    live = 0
    for at, _, change, name in sorted(changes):
        live += change
        if live > evidence.cap:
            yield Violation("I16", f"{live} jobs at {at:%H:%M:%S}, when {name} was created")


def _too_much_money(evidence):
    days = defaultdict(list)
    for path in sorted(evidence.records):
        if path.startswith("budget/"):
            days[path.split("/")[1]].append(evidence.records[path].record)
    for day, records in days.items():
        yield from _overdrawn(evidence, day, records)
    yield from _unpaid(evidence, days)


def _overdrawn(evidence, day, records):
    total, paid = 0.0, defaultdict(float)
    for record in records:
        usd, key = float(record["usd"]), (record["run_id"], int(record["attempt"]))
        total += usd
        paid[key] += usd
        over = evidence.usd_per_day is not None and total > evidence.usd_per_day + _ROUNDING
        if over and usd > 0 and not _approved(evidence, record):
            yield Violation("I16", f"{total} USD were taken on {day}")
        if paid[key] < -_ROUNDING or (usd > 0 and paid[key] > usd + _ROUNDING):
            yield Violation("I16", f"{paid[key]} USD stand for {key} on {day}")


def _unpaid(evidence, days):
    """A job whose price is known took its money before."""
    if not days and evidence.usd_per_day is None:
        return
    paid = {(r["run_id"], int(r["attempt"])) for records in days.values() for r in records}
    for (run, attempt), jobs in evidence.jobs_of.items():
        usd = (
            evidence.transitions[run][0].record["detail"]["plan"]["cost"]["usd"]
            if run in evidence.transitions
            else None
        )
        if usd and (run, attempt) not in paid:
            yield Violation("I16", f"{jobs[0].name} was created without taking money")


def _approved(evidence, record):
    steps = evidence.transitions.get(record["run_id"], ())
    return any(
        step.record["detail"].get("code") in {"approved", "retried"}
        and step.record["attempt"] == int(record["attempt"])
        for step in steps
    )


def _broken_slots(evidence):
    """Nobody takes a slot that another run has."""
    chains = defaultdict(list)
    for path in sorted(evidence.records):
        if path.startswith("slots/"):
            chains[path.split("/")[1]].append(evidence.records[path].record)
    for slot, records in chains.items():
        for before, after in pairwise(records):
            if before["state"] == after["state"] == "taken" and before["run_id"] != after["run_id"]:
                yield Violation(
                    "I16", f"slot {slot} went from {before['run_id']} to {after['run_id']} unfreed"
                )
        if int(slot) > evidence.cap:
            yield Violation("I16", f"slot {slot} is one more than there are")


def i17_nothing_outside_the_allow_lists_is_touched(evidence):
    for text in evidence.outside:
        yield Violation("I17", text)


def i18_no_dataset_text_and_no_control_character_leaves(evidence):
    texts = [
        *(("a log line", text.rstrip("\n")) for text in evidence.logs),
        *(
            (f"a message on {m.role}", m.body.decode("utf-8", "replace"))
            for m in evidence.published
        ),
        *(
            (path, json.dumps(kept.record, ensure_ascii=False))
            for path, kept in evidence.records.items()
        ),
    ]
    for where, text in texts:
        if any(secret in text for secret in evidence.secrets):
            yield Violation("I18", f"{where} quotes a dataset")
        if where == "a log line" and _CONTROL.search(text):
            yield Violation("I18", f"{where} holds a control character")


def i19_a_delivery_makes_a_bounded_number_of_calls(evidence):
    bound = MOST_CALLS * (1 + len(evidence.transitions) + len(evidence.uploads) // 4)
    for delivery, calls in evidence.calls_of_delivery.items():
        if calls > bound:
            yield Violation("I19", f"{delivery} made {calls} calls, more than {bound}")


def i20_what_is_refused_for_good_is_not_tried_again_and_the_rest_is(evidence):
    refused = {}
    for _, run, attempt, answer in sorted(evidence.creates):
        if (run, attempt) in refused:
            yield Violation(
                "I20", f"{run} attempt {attempt} was created again after {refused[run, attempt]}"
            )
        if answer in {"invalid_request", "job_id_taken"}:
            refused[run, attempt] = answer
    for message in evidence.messages:
        bugs = [code for _, code in message.ends if code and code not in AGAIN]
        if bugs:
            yield Violation(
                "I20", f"{message.key} was asked for again with {bugs[0]}: a fault of ours"
            )
        given_up = (
            message.settled == "dead" and len(message.ends) < message.most_attempts - _UNFINISHED
        )
        if given_up:
            yield Violation(
                "I20", f"{message.key} was given up after {len(message.ends)} deliveries"
            )


_UNFINISHED = 3
"""Deliveries that may have ended in no answer at all: a process that stood still for good."""
AGAIN = frozenset(
    {
        "crashed",
        "retry",
        "busy",
        "upstream_unavailable",
        "quota_exhausted",
        "access_denied",
        "config_invalid",
        "out_of_time",
    }
)
"""Codes of what may be better the next time."""
