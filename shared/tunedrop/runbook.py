"""Runs as the ledger keeps them: loading, taking the next step behind a fence, and saying it once.

Knows the ledger's layout and the table of legal steps; decides nothing about when a step is due.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tunedrop import logs
from tunedrop.contracts import FACTS
from tunedrop.domain import places
from tunedrop.domain.runs import Run, RunState, Transition, check_transition, gap_in
from tunedrop.errors import (
    ConflictError,
    CorruptRecordError,
    FencedError,
)
from tunedrop.ledger import Ledger, Record
from tunedrop.marks import Mark, Marks
from tunedrop.message_kinds import Fact
from tunedrop.ports import ObjectStore
from tunedrop.post import Post
from tunedrop.tracing import ATTRIBUTE

_SEQUENCE = re.compile(r"(\d{6})\.json", re.ASCII)
_SAID = re.compile(rf"(\d{{6}}){re.escape(places.SAID_SUFFIX)}", re.ASCII)
_FACTS = {contract.__name__: contract for contract in FACTS}


class Runbook:
    """The runs of a deployment."""

    def __init__(
        self, *, ledger: Ledger, store: ObjectStore, state_bucket: str, post: Post
    ) -> None:
        self._ledger = ledger
        self._post = post
        self.marks = Marks(store=store, bucket=state_bucket)

    def load(self, run_id: str) -> Run | None:
        """Read a run whole; None if nobody asked for it yet.

        Raises:
            CorruptRecordError: A step is missing or unreadable.
        """
        prefix = places.transitions_prefix(run_id)
        names = [
            info.name
            for info in self._ledger.list(prefix)
            if _SEQUENCE.fullmatch(info.name.removeprefix(prefix))
        ]
        records = [record for name in names if (record := self._ledger.read(name)) is not None]
        if not records:
            return None
        steps = tuple(_transition(prefix, record) for record in records)
        if gap_in([step.sequence for step in steps]) is not None:
            msg = f"{prefix}: expected steps 1 to {len(steps)} without a gap"
            raise CorruptRecordError(msg)
        return Run(run_id=run_id, run_key=str(records[0]["run_key"]), transitions=steps)

    def state_of(self, run_id: str) -> str:
        """How a run stands, by its listing alone; empty if nobody asked for it yet."""
        listed = self._ledger.list(places.transitions_prefix(run_id))
        return listed[-1].metadata.get("state", "") if listed else ""

    def start(self, run_id: str, run_key: str, detail: Mapping[str, Any]) -> Run:
        """Take the first step of a run, or load it if somebody did.

        Raises:
            ConflictError: The short name belongs to a run with another full key.
        """
        run = self.load(run_id)
        if run is None:
            self.marks.ensure(run_id, 0)
            self._append(run_id, run_key, 1, RunState.ACCEPTED, 1, detail, ())
            run = self.load(run_id)
        if run is None or run.run_key != run_key:
            msg = f"run {run_id}: expected the run key that the verdict names, found another"
            raise ConflictError(msg)
        return run

    def reopen(
        self,
        run: Run,
        state: RunState,
        detail: Mapping[str, Any],
        *,
        facts: Sequence[Fact] = (),
    ) -> Run:
        """Go on with an ended run: in its next attempt, or in the same one if only loading failed.

        Raises:
            FencedError: Another worker took a step since *run* was loaded; nothing was changed.
        """
        mark = self._mark_of(run)
        self.marks.renew(run.run_id, mark.announced if mark else run.last.sequence)
        attempt = run.attempt if run.state is RunState.LOAD_FAILED else run.attempt + 1
        return self.step(run, state, detail, attempt=attempt, facts=facts)

    def step(
        self,
        run: Run,
        state: RunState,
        detail: Mapping[str, Any] | None = None,
        *,
        attempt: int | None = None,
        facts: Sequence[Fact] = (),
    ) -> Run:
        """Take the next step, publish its facts, and give back the run with it.

        Raises:
            FencedError: Another worker took a step since *run* was loaded; nothing was changed.
        """
        number = run.attempt if attempt is None else attempt
        check_transition(run.last, state, number)
        sequence = run.last.sequence + 1
        step = self._append(run.run_id, run.run_key, sequence, state, number, detail or {}, facts)
        after = Run(run_id=run.run_id, run_key=run.run_key, transitions=(*run.transitions, step))
        self.announce(after)
        return after

    def announce(self, run: Run) -> None:
        """Publish the facts that are recorded and not yet said, tell people, then remember how far that went."""
        mark = self._mark_of(run)
        if mark is None:
            return
        if mark.announced > run.last.sequence:
            run, mark = self._caught_up(run, mark)
        unsaid = [step for step in run.transitions if step.sequence > mark.announced]
        for step in unsaid:
            self._say(run, step)
        if unsaid or (mark.state is None and mark.announced <= run.last.sequence):
            self.marks.remember(run, mark)

    def close(self, run: Run) -> None:
        """Take away an ended run's open mark, once everything about it is said and shown, and record that it is."""
        mark = self.marks.find(run.run_id)
        if mark is None or mark.announced < run.last.sequence:
            return
        record = {"kind": "said", "run_id": run.run_id, "sequence": run.last.sequence}
        path = places.said_path(run.run_id, run.last.sequence)
        told = _told(run.state, run.attempt, self._ledger.now())
        self._ledger.create(path, record, metadata=told)
        self.marks.remove(mark)

    def _append(
        self,
        run_id: str,
        run_key: str,
        sequence: int,
        state: RunState,
        attempt: int,
        detail: Mapping[str, Any],
        facts: Sequence[Fact],
    ) -> Transition:
        at = self._ledger.now()
        record = {
            "kind": "transition",
            "at": at,
            "run_id": run_id,
            "run_key": run_key,
            "sequence": sequence,
            "state": state.value,
            "attempt": attempt,
            "detail": dict(detail),
            "facts": [
                {"type": type(fact).__name__, "data": fact.model_dump(mode="json")}
                for fact in facts
            ],
        }
        path = places.transition_path(run_id, sequence)
        written = self._ledger.create(path, record, metadata=_told(state, attempt, at))
        if not written.ours and sequence > 1:
            logs.run_fenced(run_id, sequence)
            msg = f"run {run_id}: step {sequence} was taken by another worker"
            raise FencedError(msg)
        if written.ours:
            code, who = (str(detail.get(key, "")) for key in ("code", "claimed_by"))
            logs.run_stepped(run_id, state.value, attempt=attempt, code=code, claimed_by=who)
        return _transition(path, written.record)

    def _say(self, run: Run, step: Transition) -> None:
        for number, fact in enumerate(step.facts, start=1):
            message = _FACTS[fact["type"]].model_validate(fact["data"])
            event_id = f"{run.run_id}/{step.sequence:06d}/{number}"
            self._post.send(message, event_id=event_id, subject=run.run_id)
        self._post.tell(replace(run, transitions=run.transitions[: step.sequence]))

    def _caught_up(self, run: Run, mark: Mark) -> tuple[Run, Mark]:
        """The newest view of a run whose mark knows more than *run*; a mark ahead of the ledger itself is not believed."""
        run = self.load(run.run_id) or run
        if mark.announced > run.last.sequence:
            mark = replace(mark, announced=self._said_up_to(run.run_id), state=None)
        return run, mark

    def _mark_of(self, run: Run) -> Mark | None:
        """The run's mark, or None if everything was said; of one that lost it, a new one, by which the rest is said."""
        mark = self.marks.find(run.run_id)
        if mark is None:
            said = self._said_up_to(run.run_id)
            if run.ended and said >= run.last.sequence:
                return None
            self.marks.ensure(run.run_id, said)
            mark = self.marks.find(run.run_id)
        return mark

    def _said_up_to(self, run_id: str) -> int:
        """The newest step of which the ledger tells that everything up to it was said; 0 if it tells of none."""
        prefix = places.transitions_prefix(run_id)
        names = (info.name.removeprefix(prefix) for info in self._ledger.list(prefix))
        return max((int(match[1]) for name in names if (match := _SAID.fullmatch(name))), default=0)


def _told(state: RunState, attempt: int, at: str) -> dict[str, str]:
    """What a listing shows of a run."""
    return {"state": state.value, "attempt": str(attempt), "at": at}


def _transition(where: str, record: Record) -> Transition:
    try:
        return Transition(
            sequence=int(record["sequence"]),
            state=RunState(record["state"]),
            at=datetime.fromisoformat(record["at"]),
            attempt=int(record["attempt"]),
            owner=str(record["owner"]),
            detail=record["detail"],
            facts=tuple(record["facts"]),
            traceparent=str(record.get(ATTRIBUTE, "")),
        )
    except (KeyError, TypeError, ValueError):
        msg = f"{where}: expected a transition record; look at the object by hand"
        raise CorruptRecordError(msg) from None
