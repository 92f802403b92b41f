"""What holds once faults have stopped and everything has had its time: I2, I6, I7, I12; and what repeats change: I14, I15."""

from datetime import timedelta

from simulation.evidence import Violation
from simulation.invariants_runs import ENDED

_SWEEPS = timedelta(minutes=30)
"""Time enough for several sweeps."""


def i2_exactly_one_job_is_left_of_an_attempt(evidence):
    """Every extra is cancelled by the sweeps that follow, and no job runs on for an attempt that has ended."""
    for (run, attempt), jobs in evidence.jobs_of.items():
        recorded = evidence.recorded.get((run, attempt), [])
        for job in jobs:
            if job.ended_at is None:
                yield Violation("I2", f"{job.name} of {run} attempt {attempt} runs on")
            if job.name not in recorded and not _stopped_in_time(evidence, job):
                yield Violation(
                    "I2", f"{job.name} of {run} attempt {attempt} was left alone, unrecorded"
                )


def _stopped_in_time(evidence, job):
    """Whether a job that nobody recorded ended, or was asked to, soon after faults had stopped."""
    stopped = min(filter(None, (job.ended_at, job.cancel_asked_at)), default=None)
    calm = max(job.created_at, evidence.calm_since or job.created_at)
    return stopped is not None and stopped <= calm + _SWEEPS


def i6_every_accepted_dataset_ends_in_one_terminal_record(evidence):
    for run, steps in evidence.transitions.items():
        if steps[-1].record["state"] not in ENDED:
            yield Violation("I6", f"{run} stands at {steps[-1].record['state']}")
    for drop, verdict in evidence.verdicts.items():
        if verdict["outcome"] != "accepted":
            continue
        run = verdict["run_id"]
        if run not in evidence.transitions:
            yield Violation("I6", f"drop {drop} is accepted and {run} does not exist")
        elif f"askers/{run}/{drop}.json" not in evidence.records:
            yield Violation("I6", f"drop {drop} is accepted and {run} does not know that it asked")


def i6_what_a_receipt_promises_exists(evidence):
    for path, kept in evidence.records.items():
        run = kept.record.get("run_id") if path.startswith("drops/") else None
        if run and run not in evidence.transitions:
            yield Violation("I6", f"{path} promises {run}, which does not exist")


def i7_every_recorded_fact_was_said(evidence):
    said = {message.event_id for message in evidence.published}
    for run, steps in evidence.transitions.items():
        for step in steps:
            for number in range(1, len(step.record["facts"]) + 1):
                name = f"{run}/{step.record['sequence']:06d}/{number}"
                if name not in said:
                    yield Violation("I7", f"the fact {name} was never said")


def i7_every_message_and_every_upload_has_its_answer(evidence):
    for message in evidence.messages:
        if message.settled not in {"acknowledged", "dead", "lost"}:
            yield Violation("I7", f"{message.key} was never settled")
    receipts = {
        path.partition(".")[0].rstrip("/") for path in evidence.records if path.startswith("drops/")
    }
    for bucket, name, generation in evidence.uploads:
        if not any(path.endswith(f"/{generation}") for path in receipts):
            yield Violation("I7", f"gs://{bucket}/{name}#{generation} has no receipt")


def i12_a_job_that_ended_well_has_a_registered_model_or_a_reason_why_not(evidence):
    for run, steps in evidence.transitions.items():
        states = [(step.record["state"], step.record["attempt"]) for step in steps]
        for number, (state, attempt) in enumerate(states):
            later = {after for after, same in states[number:] if same == attempt}
            if state == "succeeded" and not later & {"registered", "load_failed"}:
                yield Violation("I12", f"{run} attempt {attempt} succeeded and nothing came of it")


def nothing_is_left_open(evidence):
    """Hints and places of ended runs are gone."""
    for name in evidence.state:
        if name.startswith(("open/", "queue/")):
            yield Violation("L", f"{name} is left in STATE")
    newest = {}
    for path in sorted(evidence.records):
        if path.startswith("slots/"):
            newest[path.split("/")[1]] = evidence.records[path].record
    for slot, record in newest.items():
        if record["state"] == "taken":
            yield Violation("L", f"slot {slot} is still taken by {record['run_id']}")


def i14_the_same_end_is_reached(expected, evidence):
    """Whatever was doubled, delayed or interrupted: runs and drops end as they do without it."""
    for what, before, after in zip(
        ("runs", "drops"), expected.final(), evidence.final(), strict=True
    ):
        if before != after:
            different = sorted(set(before.items()) ^ set(after.items()))
            yield Violation("I14", f"{what} end otherwise: {different}")


def i15_what_has_ended_is_changed_by_no_repeat(before, evidence):
    """After all messages came once more: answers of refused messages and of drops that waited aside, nothing is new."""
    waited = {path.partition(".")[0] for path in before.records if ".waiting_for_" in path}
    for path in sorted(evidence.records.keys() - before.records.keys()):
        if not path.startswith("messages/") and path.partition(".")[0] not in waited:
            yield Violation("I15", f"a repeat wrote {path}")
    if len(evidence.jobs) > len(before.jobs):
        yield Violation("I15", "a repeat created a job")
