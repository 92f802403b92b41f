"""Chooses the questions of an evaluation: the held-out rows with the lowest content hashes, each of them once.

Reads the staged evaluation file once as a stream and keeps a bounded number of bounded rows; asks no model.
"""

import heapq
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from tunedrop.domain.checks import Overlong, split_lines
from tunedrop.domain.formats import (
    Example,
    Format,
    answer_of,
    content_hash,
    conversation_of,
    read_example,
    with_default_context,
    write_example,
)
from tunedrop.domain.runs import Run
from tunedrop.handlers.champions import Champion
from tunedrop.handlers.evaluation_unseen import unseen_by
from tunedrop.services import Services

MOST_ROW_BYTES = 64 * 1024
"""A longer row is not asked, so that a few hundred of them fit into any function's memory."""


class Question(Struct, frozen=True):
    """One held-out row."""

    hash: str
    """Its content hash, 16 hex digits."""
    row: str
    """The line of the dataset, in the format of the run's plan."""


class Drawn(Struct, frozen=True):
    """The questions of a run, lowest hash first."""

    own: tuple[Question, ...]
    """Of rows that the run itself was not trained on."""
    unseen: tuple[Question, ...] | None
    """Of rows that no model was trained on that it was tuned on from; None where nobody knows those models."""
    shared: tuple[Question, ...]
    """Of rows that were held out for the champion as well."""


def draw(services: Services, run: Run, most: int, champion: Champion | None) -> Drawn:
    """Draw at most so many questions of each kind."""
    dataset_format = Format(run.accepted["plan"]["dataset_format"])
    context = (run.accepted["recipe"]["effective"].get("tuning") or {}).get("default_context")
    known = unseen_by(services, run)
    rival = _unseen_by_champion(services, champion)
    own, unseen, shared = _Lowest(most), _Lowest(most), _Lowest(most)
    work, path = services.settings.work_bucket, str(run.accepted["evaluation"]["path"])
    info = services.store.stat(work, path)
    with services.store.stream(work, path, generation=info.generation) as chunks:
        for line in split_lines(chunks, MOST_ROW_BYTES):
            if isinstance(line, Overlong):
                continue
            example = read_example(line, dataset_format)
            if not is_usable(example):
                continue
            number = content_hash(conversation_of(example))
            row = _as_asked(line, example, context, dataset_format)
            numbers = (number, _hash_without(example, context))
            if not any(map(known.is_own, numbers)):
                continue
            own.offer(number, row)
            if any(map(known.is_unseen, numbers)):
                unseen.offer(number, row)
                if any(map(rival, numbers)):
                    shared.offer(number, row)
    knows_all = known.inherited is not None or not known.has_ancestors
    return Drawn(own.questions(), unseen.questions() if knows_all else None, shared.questions())


def is_usable(example: Example) -> bool:
    """Whether a row asks something and expects a text that an answer can be held against."""
    return len(example.turns) > 1 and bool(answer_of(example).strip())


def _unseen_by_champion(services: Services, champion: Champion | None) -> Callable[[int], bool]:
    """Whether the champion never saw a row; of one that nobody knows this of, it may have seen each."""
    run = services.runbook.load(champion.run_id) if champion else None
    known = unseen_by(services, run) if run else None
    if known is None or known.own is None:
        return lambda _: False
    return known.is_unseen


def _hash_without(example: Example, context: str | None) -> int:
    """The content hash of the row before the recipe's context was written into it, if it was."""
    if not context or example.context != context:
        return content_hash(conversation_of(example))
    bare = replace(example, context=None, context_parts=())
    return content_hash(conversation_of(bare))


def _as_asked(line: bytes, example: Example, context: str | None, dataset_format: Format) -> bytes:
    """The row under the context that it was tuned with, where that was a parameter of the job."""
    if dataset_format is not Format.CODE_CHAT or not context or example.context is not None:
        return line.rstrip(b"\r\n")
    written = write_example(with_default_context(example, context), dataset_format)
    return written.rstrip(b"\n")


class _Lowest:
    """The rows with the lowest hashes so far; of equal ones the first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._negated: list[int] = []
        self._rows: dict[int, bytes] = {}

    def offer(self, number: int, row: bytes) -> None:
        if number in self._rows:
            return
        if len(self._rows) == self._most:
            if number > -self._negated[0]:
                return
            del self._rows[-heapq.heappop(self._negated)]
        heapq.heappush(self._negated, -number)
        self._rows[number] = row

    def questions(self) -> tuple[Question, ...]:
        return tuple(
            Question(f"{number:016x}", row.decode()) for number, row in sorted(self._rows.items())
        )
