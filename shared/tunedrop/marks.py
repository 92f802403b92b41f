"""The marks of runs that have not ended: what has been said of each, and how it stood then.

A mark is a hint in STATE, small enough to be read from a listing, so that a sweep reads a run only where
something is due. LEDGER alone says how a run stands; a lost or stale mark costs time and nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tunedrop.domain import places
from tunedrop.domain.instants import instant_of
from tunedrop.domain.runs import Run, RunState
from tunedrop.errors import NotFoundError, PreconditionFailedError
from tunedrop.ports import ObjectInfo, ObjectStore

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark as a listing shows it."""

    run_id: str
    generation: int
    announced: int
    """Number of the newest step that has been said; 0 where the mark does not tell."""
    state: RunState | None
    """State after that step; None where the mark does not tell."""
    attempt: int
    since: datetime
    """When the attempt was asked for."""
    at: datetime
    """When that step was taken."""
    backend: str
    region: str
    job: str
    """Resource name of the job, once one is recorded."""
    launched_at: datetime | None
    """When that was."""
    deadline: datetime | None
    """When the job is taken for stuck."""
    code: str = ""
    """Of that step, where it has one."""


class Marks:
    """The folder of marks in a deployment's STATE bucket."""

    def __init__(self, *, store: ObjectStore, bucket: str) -> None:
        self._store = store
        self._bucket = bucket

    def all(self, *, prefix: str = "") -> Iterator[Mark]:
        """Every mark, in order of the runs' ids; those that begin with *prefix*, where one is given."""
        for info in self._store.list(self._bucket, prefix=places.OPEN + prefix):
            yield _read(info)

    def find(self, run_id: str) -> Mark | None:
        """The mark of one run, if there is one."""
        try:
            return _read(self._store.stat(self._bucket, places.open_path(run_id)))
        except NotFoundError:
            return None

    def ensure(self, run_id: str, announced: int) -> None:
        """Mark a run open unless it is; *announced* says which of its steps need not be said."""
        try:
            self._write(run_id, {"announced": str(announced)}, 0)
        except PreconditionFailedError:
            return

    def renew(self, run_id: str, announced: int) -> None:
        """Mark a run open in a new generation, so that nobody who saw the old one takes it away."""
        for _ in range(_TRIES):
            standing = self.find(run_id)
            try:
                self._write(
                    run_id,
                    {"announced": str(announced)},
                    standing.generation if standing else 0,
                )
            except PreconditionFailedError:
                continue
            return

    def remember(self, run: Run, mark: Mark) -> None:
        """Write down that everything up to the newest step is said, and how the run stands."""
        try:
            self._write(run.run_id, _projection(run), mark.generation)
        except (PreconditionFailedError, NotFoundError):
            return  # another worker said as much or more; saying it twice is allowed, forgetting is not

    def remove(self, mark: Mark) -> None:
        """Take a mark away, unless it has changed."""
        path = places.open_path(mark.run_id)
        try:
            self._store.delete(self._bucket, path, if_generation=mark.generation)
        except (PreconditionFailedError, NotFoundError):
            return  # somebody else said or closed it; the next look decides

    def _write(self, run_id: str, metadata: Mapping[str, str], generation: int) -> None:
        path = places.open_path(run_id)
        self._store.write(self._bucket, path, b"{}", if_generation=generation, metadata=metadata)


def _projection(run: Run) -> dict[str, str]:
    plan = run.accepted["plan"]
    launched = run.launched
    deadline = timedelta(seconds=plan["deadline_seconds"])
    return {
        "announced": str(run.last.sequence),
        "state": run.state.value,
        "attempt": str(run.attempt),
        "since": run.steps_of_attempt[0].at.isoformat(),
        "at": run.last.at.isoformat(),
        "backend": str(plan["backend"]),
        "region": str(plan["region"]),
        "job": str(launched.detail["job_name"]) if launched else "",
        "launched_at": launched.at.isoformat() if launched else "",
        "deadline": (launched.at + deadline).isoformat() if launched else "",
        "code": str(run.last.detail.get("code", "")),
    }


def _read(info: ObjectInfo) -> Mark:
    """Read a mark; what it does not tell, or tells wrongly, is found out by loading the run."""
    told = info.metadata
    try:
        return Mark(
            run_id=info.name.removeprefix(places.OPEN),
            generation=info.generation,
            announced=int(told["announced"]),
            state=RunState(told["state"]),
            attempt=int(told["attempt"]),
            since=_instant(told["since"]),
            at=_instant(told["at"]),
            backend=told["backend"],
            region=told["region"],
            job=told["job"],
            launched_at=_instant(told["launched_at"]) if told["launched_at"] else None,
            deadline=_instant(told["deadline"]) if told["deadline"] else None,
            code=told.get("code", ""),
        )
    except (KeyError, ValueError):
        return _unreadable(info)


def _unreadable(info: ObjectInfo) -> Mark:
    announced = info.metadata.get("announced", "0")
    return Mark(
        run_id=info.name.removeprefix(places.OPEN),
        generation=info.generation,
        announced=int(announced) if announced.isascii() and announced.isdigit() else 0,
        state=None,
        attempt=0,
        since=info.created_at,
        at=info.created_at,
        backend="",
        region="",
        job="",
        launched_at=None,
        deadline=None,
    )


def _instant(text: str) -> datetime:
    instant = instant_of(text)
    if instant is None:
        msg = "expected an instant with its zone"
        raise ValueError(msg)
    return instant
