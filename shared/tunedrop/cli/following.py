"""Follows a drop from its receipt to its tuned model by what the ledger says, and nothing else.

Reads through ports and narrates; starts nothing and prints nothing.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from tunedrop.cli.narrating import Narrator
from tunedrop.cli.output import error_words, rehearsal_words
from tunedrop.domain import places
from tunedrop.domain.runs import GOOD_ENDS, WITH_JOB, Run, RunState, Transition
from tunedrop.errors import NotFoundError, TunedropError
from tunedrop.handlers.drops import Drop
from tunedrop.ledger import Record
from tunedrop.reports.model_words import comparison_line, why_of
from tunedrop.reports.publishing import MAX_SAMPLE_BYTES, sample_path
from tunedrop.services import Services, Vertex

_LOOK_SECONDS = 0.2
_LOOK_AT_JOB_SECONDS = 0.5
_LINES = "{physical} lines: {used} used, {fixed} fixed, {rejected} rejected, {blank} blank"
T = TypeVar("T")


class TooLateError(TunedropError):
    """What was waited for did not happen in time."""

    code = "too_late"


@dataclass(frozen=True, slots=True)
class Ending:
    """How far a drop came."""

    receipt: Record
    verdict: Record | None = None
    run: Run | None = None
    sample: Mapping[str, str] = field(default_factory=dict)
    """A question of the training file, the row's answer and the tuned model's."""

    @property
    def state(self) -> str:
        """The run's state, or the receipt's outcome where there is no run."""
        return self.run.state.value if self.run else str(self.receipt["outcome"])

    @property
    def good(self) -> bool:
        """Whether there is a tuned model that answers."""
        return self.run is not None and self.run.state in GOOD_ENDS

    @property
    def rehearsed(self) -> bool:
        """Whether the run went as far as a rehearsal goes."""
        return self.run is not None and self.run.state is RunState.REHEARSED


class Follower:
    """Follows one drop.

    Args:
        patience_seconds: How long the drop may take in all, counted from here.
        logs: Where to look when it takes longer, for the error.
    """

    def __init__(
        self,
        services: Services,
        vertex: Vertex,
        narrator: Narrator,
        *,
        patience_seconds: float,
        logs: str,
    ) -> None:
        self._services = services
        self._vertex = vertex
        self._narrator = narrator
        self._patience = patience_seconds
        self._logs = logs
        self._deadline = time.monotonic() + patience_seconds
        self._look_at_job_from = 0.0

    def follow(self, drop: Drop) -> Ending:
        """Wait until nothing more will happen to a drop by itself.

        Raises:
            TooLateError: It did not come that far in time; says where it stood.
        """
        self._narrator.wait_for("being checked")
        receipt = self._until(lambda: self._receipt(drop), "dropped, and not yet answered")
        verdict = self._services.ledger.read(places.verdict_path(str(receipt["drop_id"])))
        self._tell_answer(receipt, verdict)
        if receipt["outcome"] != "accepted":
            return Ending(receipt, verdict)
        run = self._follow_run(str(receipt["run_id"]))
        sample = self._sample(run) if run.state in GOOD_ENDS else {}
        if sample:
            is_own = sample["answer"] == sample["expected"]
            self._narrator.tell("called", "answers as trained" if is_own else "answers")
        return Ending(receipt, verdict, run, sample)

    def _receipt(self, drop: Drop) -> Record | None:
        """The final receipt, or one that waits for what nobody is going to bring."""
        final = drop.receipt_path()
        listed = self._services.ledger.list(final.removesuffix("json"))
        names = sorted((info.name for info in listed), key=lambda name: name != final)
        return self._services.ledger.read(names[0]) if names else None

    def _tell_answer(self, receipt: Record, verdict: Record | None) -> None:
        result = (verdict or {}).get("result")
        if result:
            counts = _LINES.format(**result["lines"])
            self._narrator.tell(
                "checked", f"{counts}; {result['format'] or 'format not recognised'}"
            )
        detail = receipt.get("code") or receipt.get("missing") or ""
        if receipt["outcome"] != "accepted":
            self._narrator.tell(str(receipt["outcome"]).replace("_", " "), str(detail))

    def _follow_run(self, run_id: str) -> Run:
        """Narrate each step of a run until it ends, or waits for a person."""
        run: Run | None = None
        while run is None or not (run.ended or run.state is RunState.HELD):
            before, told = run, len(run.transitions) if run else 0
            stood = run.state.value if run else "accepted, and not yet taken up"
            self._narrator.wait_for(f"run {stood}")
            run = self._until(lambda: self._newer(run_id, told, before), f"run {run_id} {stood}")  # noqa: B023 — called before the loop goes on
            for step in run.transitions[told:]:
                self._narrator.tell(step.state.value, _words(step, run))
        return run

    def _newer(self, run_id: str, told: int, before: Run | None) -> Run | None:
        """The run once it has more steps than were told; meanwhile its job is looked at."""
        if len(self._services.ledger.list(places.transitions_prefix(run_id))) > told:
            return self._services.runbook.load(run_id)
        if before is not None and before.state in WITH_JOB:
            self._look_at_job(before)
        return None

    def _look_at_job(self, run: Run) -> None:
        """Narrate the job's own state and steps; the ledger alone decides how it goes on."""
        recorded = run.launched
        if recorded is None or time.monotonic() < self._look_at_job_from:
            return
        self._look_at_job_from = time.monotonic() + _LOOK_AT_JOB_SECONDS
        plan = run.accepted["plan"]
        try:
            job = self._vertex.jobs[plan["backend"]].get(str(recorded.detail["job_name"]))
        except TunedropError:
            return
        self._narrator.wait_for(job.raw_state, done=job.completed_steps, total=plan["train_steps"])

    def _sample(self, run: Run) -> Mapping[str, str]:
        bucket, path = self._services.settings.work_bucket, sample_path(run.run_id)
        try:
            data = self._services.store.read(bucket, path, max_bytes=MAX_SAMPLE_BYTES)
        except NotFoundError:
            return {}
        sample: Mapping[str, str] = json.loads(data)
        return sample

    def _until(self, look: Callable[[], T | None], step: str) -> T:
        while (found := look()) is None:
            if time.monotonic() > self._deadline:
                raise TooLateError(
                    f"expected an end within {self._patience:g} s, found it still at: {step}; "
                    f"see the functions' logs in {self._logs}, or allow more with --timeout"
                )
            time.sleep(_LOOK_SECONDS)
        return found


def _words(step: Transition, run: Run) -> str:
    """What is worth saying about a step."""
    say = _SAID.get(step.state)
    return say(step, run) if say else error_words(step.detail)


def _accepted(step: Transition, run: Run) -> str:
    plan = step.detail["plan"]
    return f"{run.run_id}: {plan['base_model']} in {plan['region']}"


def _registered(step: Transition, _run: Run) -> str:
    return f"version {step.detail['version']}, served by {step.detail['endpoint']}"


_SAID: dict[RunState, Callable[[Transition, Run], str]] = {
    RunState.ACCEPTED: _accepted,
    RunState.LAUNCHED: lambda step, _: str(step.detail["job_name"]),
    RunState.SUCCEEDED: lambda step, _: str(step.detail["tuned_model"]),
    RunState.REGISTERED: _registered,
    RunState.EVALUATING: lambda step, _: f"{step.detail['questions']} held-out questions",
    RunState.EVALUATED: lambda _, run: comparison_line(run),
    RunState.PROMOTED: lambda step, _: why_of(step),
    RunState.KEPT: lambda step, _: why_of(step),
    RunState.REHEARSED: lambda step, _: rehearsal_words(step.detail),
}
"""What to say of the steps that are about more than an error."""
