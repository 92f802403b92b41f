"""One look at a comparison: a few questions to every model, and the answers written down once.

Knows where the answers lie and which are still missing; judges none of them.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from tunedrop import time_left
from tunedrop.domain import naming
from tunedrop.domain.formats import Example
from tunedrop.domain.scoring import measured
from tunedrop.errors import (
    CorruptRecordError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    UpstreamUnavailableError,
)
from tunedrop.handlers.evaluation_rivals import Asked, instance_of
from tunedrop.handlers.evidence import Answer, Answers
from tunedrop.handlers.questionnaire import Questionnaire
from tunedrop.services import Services, Vertex

QUESTIONS_A_LOOK = 10
"""How many rows every model is asked before the answers are written down."""

_BATCH = re.compile(r"answers-(\d{4})\.json", re.ASCII)
_ROWS = "rows"
_MOST_BATCH_BYTES = 64 * 1024 * 1024


class Look:
    """The answers to a questionnaire so far, and the next ones."""

    def __init__(self, services: Services, asked: Questionnaire, prefix: str) -> None:
        self._services = services
        self._asked = asked
        self._prefix = prefix
        self._work = services.settings.work_bucket
        listed = services.store.list(self._work, prefix=f"{prefix}answers-")
        self._batches = {
            int(match[1]): int(info.metadata[_ROWS])
            for info in listed
            if (match := _BATCH.fullmatch(info.name.removeprefix(prefix)))
        }

    @property
    def answered(self) -> int:
        """How many rows every model was asked."""
        return sum(self._batches.values())

    @property
    def is_over(self) -> bool:
        """Whether no row is left."""
        return self.answered >= len(self._asked.questions)

    def go_on(self, vertex: Vertex) -> bool:
        """Ask the next rows; False where nothing came of it, or another worker was first: that one goes on.

        Raises:
            RetryableError: A service did not answer. The rows that all models answered are kept.
        """
        first, answers, written = self.answered, list[Answers](), False
        try:
            for question in self._asked.questions[first : first + QUESTIONS_A_LOOK]:
                if time_left.is_short(self._services.clock):
                    break
                example = self._asked.example_of(question)
                answers.append(
                    {each.name: _answer(vertex, each, example) for each in self._asked.models}
                )
        finally:
            written = bool(answers) and self._write(first, answers)
        return written

    def answers(self) -> list[Answers]:
        """What was answered, row by row."""
        return [row for first in sorted(self._batches) for row in self._read(first)]

    def _write(self, first: int, answers: Sequence[Answers]) -> bool:
        data = naming.canonical_json(msgspec.to_builtins(answers))
        told = {_ROWS: str(len(answers))}
        try:
            self._services.store.write(
                self._work, self._path(first), data, if_generation=0, metadata=told
            )
        except PreconditionFailedError:
            return False
        self._batches[first] = len(answers)
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


def _answer(vertex: Vertex, asked: Asked, example: Example) -> Answer:
    """What a model says to one row; a refusal is an answer without text.

    Raises:
        UpstreamUnavailableError: The model is gone, which says nothing about how good it is.
    """
    try:
        instance = instance_of(example, asked)
        text = vertex.predictor.ask(asked.target, instance, dataset_format=asked.dataset_format)
    except InvalidRequestError as error:
        return Answer("", error.code)
    except NotFoundError:
        msg = f"{asked.target}: expected a served model, found none any more; the {asked.name} model's questions wait"
        raise UpstreamUnavailableError(msg) from None
    return Answer(measured(text))
