"""Runs as the ledger keeps them: loading, taking the next step behind a fence, and saying it once.

Knows the ledger's layout and the table of legal steps; decides nothing about when a step is due.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tunedrop import logs
from tunedrop.contracts import FACTS, Fact
from tunedrop.domain import naming
from tunedrop.domain.runs import Run, RunState, Transition, check_transition, gap_in
from tunedrop.errors import (
    ConflictError,
    CorruptRecordError,
    FencedError,
    NotFoundError,
    PreconditionFailedError,
)
from tunedrop.ledger import Ledger, Record
from tunedrop.ports import ObjectStore
from tunedrop.post import Post
from tunedrop.tracing import ATTRIBUTE

_SEQUENCE = re.compile(r"(\d{6})\.json", re.ASCII)
_FACTS = {contract.__name__: contract for contract in FACTS}


class Runbook:
    """The runs of a deployment."""

    def __init__(
        self, *, ledger: Ledger, store: ObjectStore, state_bucket: str, post: Post
    ) -> None:
        self._ledger = ledger
        self._store = store
        self._state_bucket = state_bucket
        self._post = post

    def load(self, run_id: str) -> Run | None:
        """Read a run whole; None if nobody asked for it yet.

        Raises:
            CorruptRecordError: A step is missing or unreadable.
        """
        prefix = naming.transitions_prefix(run_id)
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

    def start(self, run_id: str, run_key: str, detail: Mapping[str, Any]) -> Run:
        """Take the first step of a run, or load it if somebody did.

        Raises:
            ConflictError: The short name belongs to a run with another full key.
        """
        run = self.load(run_id)
        if run is None or not run.ended:
            self._mark_open(run_id)
        if run is None:
            self._append(run_id, run_key, 1, RunState.ACCEPTED, 0, detail, ())
            run = self.load(run_id)
        if run is None or run.run_key != run_key:
            msg = f"run {run_id}: expected the run key that the verdict names, found another"
            raise ConflictError(msg)
        return run

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
        check_transition(run.state, state)
        sequence = run.last.sequence + 1
        number = run.attempt if attempt is None else attempt
        step = self._append(run.run_id, run.run_key, sequence, state, number, detail or {}, facts)
        after = Run(run_id=run.run_id, run_key=run.run_key, transitions=(*run.transitions, step))
        self.announce(after)
        return after

    def announce(self, run: Run) -> None:
        """Publish the facts that are recorded and not yet said, tell people, then remember how far that went."""
        said, generation = self._announced(run.run_id)
        if generation is None:
            return
        unsaid = [step for step in run.transitions if step.sequence > said]
        for step in unsaid:
            self._say(run, step)
        if unsaid:
            self._remember(run, generation)

    def close(self, run: Run) -> None:
        """Take away an ended run's open mark, once everything about it is said and shown."""
        said, generation = self._announced(run.run_id)
        if generation is None or said < run.last.sequence:
            return
        try:
            path = naming.open_path(run.run_id)
            self._store.delete(self._state_bucket, path, if_generation=generation)
        except (PreconditionFailedError, NotFoundError):
            return  # somebody else said or closed it; the next look decides

    def open_runs(self) -> list[str]:
        """Ids of the runs that are marked as not ended."""
        return [
            info.name.removeprefix("open/")
            for info in self._store.list(self._state_bucket, prefix="open/")
        ]

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
        record = {
            "kind": "transition",
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
        path = naming.transition_path(run_id, sequence)
        metadata = {"state": state.value, "attempt": str(attempt)}
        written = self._ledger.create(path, record, metadata=metadata)
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

    def _mark_open(self, run_id: str) -> None:
        try:
            self._store.write(
                self._state_bucket, naming.open_path(run_id), b'{"announced":0}', if_generation=0
            )
        except PreconditionFailedError:
            return

    def _announced(self, run_id: str) -> tuple[int, int | None]:
        try:
            info = self._store.stat(self._state_bucket, naming.open_path(run_id))
            data = self._store.read(self._state_bucket, naming.open_path(run_id), max_bytes=1024)
        except NotFoundError:
            return 0, None
        try:
            return int(json.loads(data)["announced"]), info.generation
        except (ValueError, KeyError, TypeError):
            return 0, info.generation  # only a hint: at worst everything is said once more

    def _remember(self, run: Run, generation: int) -> None:
        path = naming.open_path(run.run_id)
        try:
            mark = naming.canonical_json({"announced": run.last.sequence})
            self._store.write(self._state_bucket, path, mark, if_generation=generation)
        except (PreconditionFailedError, NotFoundError):
            return  # another worker said as much or more; saying it twice is allowed, forgetting is not


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
