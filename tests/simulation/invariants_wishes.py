"""What people asked for comes true once everything has had its time: I6 for what was replaced, cancelled and shown."""

from datetime import datetime, timedelta

from simulation.evidence import Violation

_SWEEPS = timedelta(minutes=30)
"""Time enough for several sweeps."""


def i6_only_what_is_older_stays_superseded(evidence):
    """Every drop that asked for a superseded run may be replaced, and is older than the one that replaced it."""
    for run, steps in evidence.transitions.items():
        last = steps[-1].record
        if last["state"] != "superseded":
            continue
        by = datetime.fromisoformat(last["detail"]["by_dropped_at"]), last["detail"]["by_drop_id"]
        for path, kept in evidence.records.items():
            if not path.startswith(f"askers/{run}/"):
                continue
            asker = kept.record
            own = datetime.fromisoformat(asker["dropped_at"]), asker["drop_id"]
            if asker["datasets"] != "newest" or own > by:
                yield Violation(
                    "I6", f"{run} stays superseded, and drop {asker['drop_id']} still wants it"
                )


def i6_a_wish_to_cancel_meets_its_job(evidence):
    """Unless the job ended by itself before anybody could ask."""
    for path, kept in evidence.records.items():
        if not path.startswith("cancels/"):
            continue
        wish = kept.record
        calm = max(kept.created_at, evidence.calm_since or kept.created_at)
        for job in evidence.jobs_of.get((wish["run_id"], wish["attempt"]), ()):
            ended = job.ended_at is not None and job.ended_at <= max(calm, job.created_at) + _SWEEPS
            if not ended and job.cancel_asked_at is None:
                yield Violation("I6", f"{job.name} goes on although {path} says cancel")


def i6_the_page_of_a_run_shows_how_it_stands(evidence):
    for run in evidence.transitions:
        shown = evidence.pages.get(run)
        if shown is not None and shown != evidence.state_of(run):
            yield Violation(
                "I6", f"the page of {run} says {shown}, and it is {evidence.state_of(run)}"
            )
        if shown is None and evidence.pages:
            yield Violation("I6", f"{run} has no page")
