"""What holds of runs, their records and their jobs, at every moment of a history: I1 to I5, I9 to I13.

LEDGER keeps every step with the storage service's clock, so a look at the end sees each moment of the way.
"""

import re
from collections import Counter
from itertools import pairwise

from simulation.evidence import Violation

ENDED = frozenset(
    {"promoted", "kept", "failed", "load_failed", "cancelled", "refused", "superseded", "rehearsed"}
)
WITHIN = {
    None: {"accepted"},
    "accepted": {"held", "queued", "launching", "cancelled", "refused", "superseded", "rehearsed"},
    "held": {"queued", "cancelled", "refused", "superseded"},
    "queued": {"launching", "cancelled", "superseded", "failed"},
    "launching": {"launching", "launched", "queued", "cancelled", "failed"},
    "launched": {"running", "succeeded", "failed", "cancelled"},
    "running": {"running", "succeeded", "failed", "cancelled"},
    "succeeded": {"loading", "registered", "load_failed"},
    "loading": {"registered", "load_failed"},
    "load_failed": {"loading"},
    "registered": {"evaluating", "promoted", "kept"},
    "evaluating": {"evaluated", "kept"},
    "evaluated": {"evaluating", "promoted", "kept"},
}
"""Steps that stay within an attempt: written down here a second time, so that a change of the product's table shows."""
NEXT = {
    "superseded": {"accepted", "queued"},
    "failed": {"queued"},
    "cancelled": {"queued"},
    "refused": {"queued"},
}
"""Steps to the next attempt."""
_STAGED = re.compile(r"gs://[^/]+/(staged/([0-9a-f]{64})\.jsonl)")


def i1_at_most_one_job_is_recorded_for_an_attempt(evidence):
    for (run, attempt), names in evidence.recorded.items():
        if len(names) > 1:
            yield Violation("I1", f"{run} attempt {attempt} recorded {len(names)} jobs: {names}")


def i2_at_most_one_job_exists_for_an_attempt(evidence):
    """But for a tuning job that a frozen process created; the next sweep cancels one of the two."""
    for (run, attempt), jobs in evidence.jobs_of.items():
        unexplained = [job for job in jobs if not job.late and not _gone_before(job, jobs[-1])]
        pipelines = [job for job in jobs if job.backend == "pipeline_job"]
        if len(unexplained) > 1 or len(pipelines) > 1:
            yield Violation("I2", f"{run} attempt {attempt} has {len(jobs)} jobs")


def _gone_before(job, another):
    """Whether somebody had deleted it when the other was created, so that nobody could find it."""
    return not job.state and job.ended_at is not None and job.ended_at <= another.created_at


def i3_every_job_carries_the_labels_of_an_attempt_that_was_intended_first(evidence):
    for job in evidence.jobs:
        run, attempt = job.labels.get("tunedrop-run"), job.labels.get("tunedrop-attempt")
        intended = any(
            step.record["state"] == "launching"
            and str(step.record["attempt"]) == attempt
            and step.created_at <= job.created_at
            for step in evidence.transitions.get(run, ())
        )
        if job.labels.get("tunedrop-deployment") != evidence.deployment or not intended:
            yield Violation("I3", f"{job.name} has the labels {dict(job.labels)} and no intent")


def i3_a_recorded_job_is_one_of_ours(evidence):
    for (run, attempt), names in evidence.recorded.items():
        ours = {job.name for job in evidence.jobs_of.get((run, attempt), ())}
        for name in names:
            if name not in ours:
                yield Violation(
                    "I3", f"{run} attempt {attempt} recorded {name}, which is not its own"
                )


def i4_a_job_reads_exactly_the_bytes_that_were_checked(evidence):
    for path, digest in evidence.staged.items():
        if path != f"staged/{digest}.jsonl":
            yield Violation("I4", f"{path} holds bytes of another digest, {digest}")
    for job in evidence.jobs:
        match = _STAGED.fullmatch(job.dataset_uri)
        steps = evidence.transitions.get(job.labels.get("tunedrop-run"))
        expected = steps[0].record["detail"]["training"]["digest"] if steps else None
        if match is None or match[1] not in evidence.staged or match[2] != expected:
            yield Violation(
                "I4", f"{job.name} reads {job.dataset_uri}, the verdict says {expected}"
            )


def i5_only_an_accepted_dataset_gets_a_run_or_a_job(evidence):
    for run in {*evidence.transitions, *(run for run, _ in evidence.jobs_of)}:
        steps = evidence.transitions.get(run)
        asked = evidence.verdicts.get(steps[0].record["detail"]["drop_id"]) if steps else None
        if asked is None or asked["outcome"] != "accepted" or asked["run_id"] != run:
            yield Violation("I5", f"{run} has no verdict that accepts it")
        states = [step.record["state"] for step in steps or ()]
        if "rehearsed" in states and any(name == run for name, _ in evidence.jobs_of):
            yield Violation("I5", f"{run} is a rehearsal and has a job")


def i9_history_is_appended_to_and_only_in_legal_steps(evidence):
    for text in evidence.overwritten:
        yield Violation("I9", f"somebody tried to change {text}")
    for run, steps in evidence.transitions.items():
        if [step.record["sequence"] for step in steps] != list(range(1, len(steps) + 1)):
            yield Violation("I9", f"{run} has a gap in its steps")
        before, number = None, 1
        for step in steps:
            after, attempt = step.record["state"], step.record["attempt"]
            same = after in WITHIN.get(before, ()) and attempt == number
            another = after in NEXT.get(before, ()) and attempt == number + 1
            if not (same or another):
                said = f"{run} went from {before} a{number} to {after} a{attempt}"
                yield Violation("I9", said)
            before, number = after, attempt


def i10_a_run_has_one_full_key(evidence):
    for run, steps in evidence.transitions.items():
        keys = {step.record["run_key"] for step in steps}
        keys |= {
            said["run_key"] for said in evidence.verdicts.values() if said.get("run_id") == run
        }
        if len(keys) > 1:
            yield Violation("I10", f"{run} stands for {len(keys)} full keys")


def i11_a_registered_model_is_that_of_the_recorded_job_and_registered_once(evidence):
    seen = {}
    models = {job.name: job.tuned_model for job in evidence.jobs}
    for path, kept in evidence.records.items():
        if not path.startswith("registry/"):
            continue
        record = kept.record
        key = record["run_id"], record["attempt"]
        if record["run_id"] in seen:
            yield Violation("I11", f"{record['run_id']} is registered twice")
        seen[record["run_id"]] = path
        jobs = evidence.recorded.get(key, [])
        if not any(models.get(name) == record["tuned_model"] for name in jobs):
            yield Violation("I11", f"{path} names a model that no recorded job of {key} made")
    for run, steps in evidence.transitions.items():
        if any(step.record["state"] == "registered" for step in steps) and run not in seen:
            yield Violation("I11", f"{run} is registered and not in the registry")


def i13_a_worker_that_was_overtaken_creates_nothing(evidence):
    for job in evidence.jobs:
        run, attempt = job.labels.get("tunedrop-run"), job.labels.get("tunedrop-attempt")
        newest = evidence.newest_at(run, job.created_at)
        fits = newest is not None and newest.record["state"] == "launching"
        if not job.late and not (fits and str(newest.record["attempt"]) == attempt):
            state = newest.record["state"] if newest else "nothing"
            yield Violation("I13", f"{job.name} was created while {run} stood at {state}")


def champions_follow_one_another(evidence):
    """C: a chain has no gap, and each record knows the one before."""
    for chain, records in _chains_of(evidence).items():
        if [record["sequence"] for record in records] != list(range(1, len(records) + 1)):
            yield Violation("C", f"{chain} has a gap")
        for before, record in pairwise((None, *records)):
            if record["previous_version"] != (before and before["version"]):
                said = f"{chain} {record['sequence']} names another champion before it"
                yield Violation("C", said)


def champions_were_promoted_once(evidence):
    """C: a run's policy promotes it once, and what says that it was is in its recipe's chain."""
    earned = Counter(
        (record["run_id"], record["attempt"])
        for records in _chains_of(evidence).values()
        for record in records
    )
    for (run, attempt), times in earned.items():
        if times > 1:
            yield Violation("C", f"{run} attempt {attempt} became champion {times} times")
    for run, steps in evidence.transitions.items():
        last = steps[-1].record
        if last["state"] == "promoted" and not earned[run, last["attempt"]]:
            yield Violation("C", f"{run} is promoted and in no chain")


def _chains_of(evidence):
    chains = {}
    for path, kept in sorted(evidence.records.items()):
        if path.startswith("champions/"):
            chains.setdefault(path.rpartition("/")[0], []).append(kept.record)
    return chains
