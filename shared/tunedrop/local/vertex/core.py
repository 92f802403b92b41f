"""The one state behind both faces: a lock, a clock, a store and the work that is due.

Moves work on in the order in which it falls due; what a step does is its worker's business.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tunedrop.local.vertex import wire
from tunedrop.local.vertex.clock import Clock
from tunedrop.local.vertex.errors import missing
from tunedrop.local.vertex.faults import Faults
from tunedrop.local.vertex.journal import Journal
from tunedrop.local.vertex.objects import Objects
from tunedrop.local.vertex.script import Rule, Script
from tunedrop.local.vertex.settings import Settings
from tunedrop.local.vertex.store import Store, Work

Worker = Callable[["Core", Work], None]
"""Does the step that is due and says, by `due_at` or by ending the work, what comes next."""

_FIRST_ID = 10**18
_SPREAD = 7_654_321


class Core:
    """State and time of one stand-in.

    Args:
        settings: Its choices.
        objects: Where it reads training files.
        clock: What moves its jobs.
        workers: Which worker does which kind of work.
    """

    def __init__(
        self, settings: Settings, objects: Objects, clock: Clock, workers: Mapping[str, Worker]
    ) -> None:
        self.settings = settings
        self.objects = objects
        self.clock = clock
        self.stopping = threading.Event()
        self._workers = workers
        self._lock = threading.RLock()
        self.rows_directory.mkdir(parents=True, exist_ok=True)
        self.store = Store(settings.directory / "vertex.sqlite")
        self.journal = Journal(self.store)
        self.script = Script(self.journal)
        self.faults = Faults()
        clock.offset_seconds = max(clock.offset_seconds, self.store.meta("clock_offset"))
        clock.listen(self._after_skip)

    @property
    def rows_directory(self) -> Path:
        """Where copies of the training rows are kept."""
        return self.settings.directory / "rows"

    def close(self) -> None:
        """Release everything that waits, then the files."""
        self.stopping.set()
        with self._lock:
            self.store.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the state alone; what the block changes becomes visible at its end, or never."""
        with self._lock, self.store.transaction():
            yield

    def tick(self) -> None:
        """Do all work that is due, each step in a transaction of its own."""
        with self._lock:
            now = self.clock.now()
            while (work := self.store.due_work(now)) is not None:
                with self.store.transaction():
                    self._workers[work.kind](self, work)

    def start_work(
        self,
        kind: str,
        name: str,
        *,
        due_at: float | None,
        rule: Rule | None = None,
        **plan: object,
    ) -> Work:
        """Put work in line; its plan carries the scripted rule."""
        scripted = rule.to_json() if rule else None
        work = Work(name, kind, due_at, {"rule": scripted, **plan})
        self.store.put_work(work)
        return work

    def load(self, kind: str, message_type: wire.Pb, name: str) -> wire.Pb:
        """Return a resource; NOT_FOUND when nothing has the name."""
        with self._lock:
            body = self.store.load(kind, name)
        if body is None:
            raise missing(name)
        return message_type.FromString(body)

    def rows(
        self, kind: str, parent: str, *, before_seq: int, created_until: float
    ) -> list[tuple[int, bytes]]:
        """Return numbered resources of a parent, newest first."""
        with self._lock:
            return self.store.listing(
                kind, parent, before_seq=before_seq, created_until=created_until
            )

    def is_readable(self, uri: str) -> bool:
        """Tell whether an object can be read."""
        try:
            next(iter(self.objects.read_lines(uri)), None)
        except FileNotFoundError:
            return False
        return True

    def next_id(self) -> str:
        """Return a number that no resource has had, of the length that Vertex AI gives."""
        return str(_FIRST_ID + self.store.count("ids") * _SPREAD)

    def _after_skip(self) -> None:
        with self.transaction():
            self.store.set_meta("clock_offset", self.clock.offset_seconds)
        self.tick()


def rule_of(work: Work) -> Rule | None:
    """Return the scripted rule that a piece of work carries."""
    scripted = work.plan["rule"]
    return Rule.from_json(scripted) if scripted else None
