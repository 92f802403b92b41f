"""One look at a comparison: a few questions to every model, and the answers written down once.

Knows where the answers lie, which are still missing and whose are no longer asked for; judges none of them.
"""

import re
from collections.abc import Container, Mapping, Sequence

import msgspec

from tunedrop import time_left
from tunedrop.domain import naming
from tunedrop.errors import CorruptRecordError, PreconditionFailedError
from tunedrop.handlers.evaluation_asking import Asking
from tunedrop.handlers.evidence import Answer, Answers
from tunedrop.handlers.questionnaire import Questionnaire
from tunedrop.services import Services, Vertex

QUESTIONS_A_LOOK = 10
"""How many rows every model is asked before the answers are written down."""

_BATCH = re.compile(r"answers-(\d{4})\.json", re.ASCII)
_ROWS, _LEFT_OUT = "rows", "left-out"
_MOST_BATCH_BYTES = 64 * 1024 * 1024


class Look:
    """The answers to a questionnaire so far, and the next ones."""

    def __init__(self, services: Services, asked: Questionnaire, prefix: str) -> None:
        self._services = services
        self._asked = asked
        self._prefix = prefix
        self._work = services.settings.work_bucket
        self._batches: dict[int, int] = {}
        self._left_out: set[str] = set()
        for info in services.store.list(self._work, prefix=f"{prefix}answers-"):
            if match := _BATCH.fullmatch(info.name.removeprefix(prefix)):
                self._batches[int(match[1])] = int(info.metadata[_ROWS])
                self._left_out.update(info.metadata.get(_LEFT_OUT, "").split())

    @property
    def answered(self) -> int:
        """How many rows were answered by every model that is still asked."""
        return sum(self._batches.values())

    @property
    def is_over(self) -> bool:
        """Whether no row is left."""
        return self.answered >= len(self._asked.questions)

    @property
    def answers_stand_for(self) -> Questionnaire:
        """The questions that were answered, and the models that answered all of them."""
        return self._asked.reduced_to(self.answered, self._left_out)

    def go_on(self, vertex: Vertex, waits_for: Container[str]) -> bool:
        """Ask the next rows; False where nothing came of it, or another worker was first: that one goes on.

        A rival that is gone or away is no longer asked, unless *waits_for* names it.

        Raises:
            RetryableError: A model that is waited for is gone or away. The rows that all models answered are kept.
        """
        first, written = self.answered, False
        models = [each for each in self._asked.models if each.name not in self._left_out]
        asking = Asking(self._services, vertex, models, waits_for)
        questions = self._asked.questions
        examples = map(self._asked.example_of, questions[first : first + QUESTIONS_A_LOOK])
        others = (*questions[:first][::-1], *questions[first + QUESTIONS_A_LOOK :])
        try:
            for example in examples:
                if time_left.is_short(self._services.clock):
                    break
                asking.ask(example)
        finally:
            try:
                asking.make_sure(map(self._asked.example_of, others))
            finally:
                written = bool(asking.rows) and self._write(first, asking)
        return written

    def answers(self) -> list[Answers]:
        """What was answered, row by row, by the models that are still asked."""
        rows = (row for first in sorted(self._batches) for row in self._read(first))
        return [
            {name: answer for name, answer in row.items() if name not in self._left_out}
            for row in rows
        ]

    def _write(self, first: int, asking: Asking) -> bool:
        data = naming.canonical_json(msgspec.to_builtins(asking.rows))
        told = {_ROWS: str(len(asking.rows))}
        if asking.left_out:
            told[_LEFT_OUT] = " ".join(sorted(asking.left_out))
        try:
            self._services.store.write(
                self._work, self._path(first), data, if_generation=0, metadata=told
            )
        except PreconditionFailedError:
            return False
        self._batches[first] = len(asking.rows)
        self._left_out |= asking.left_out
        return True

    def _read(self, first: int) -> Sequence[Answers]:
        path = self._path(first)
        data = self._services.store.read(self._work, path, max_bytes=_MOST_BATCH_BYTES)
        try:
            return msgspec.json.decode(data, type=list[Mapping[str, Answer]])
        except msgspec.DecodeError:
            msg = f"gs://{self._work}/{path}: expected answers; look at the object by hand"
            raise CorruptRecordError(msg) from None

    def _path(self, first: int) -> str:
        return f"{self._prefix}answers-{first:04d}.json"
