"""Chooses the questions of an evaluation: the held-out rows with the lowest content hashes, each of them once.

Reads the staged evaluation file once as a stream and keeps a bounded number of bounded rows; asks no model.
"""

import heapq
from array import array
from bisect import bisect_left

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
from tunedrop.domain.split import HASH_BYTES, hashes_from_bytes
from tunedrop.errors import NotFoundError
from tunedrop.handlers.champions import Champion
from tunedrop.planning.holding_out import MOST_EVALUATION_ROWS
from tunedrop.services import Services

MOST_ROW_BYTES = 64 * 1024
"""A longer row is not asked, so that a few hundred of them fit into any function's memory."""
_MOST_HASH_BYTES = HASH_BYTES * MOST_EVALUATION_ROWS


class Question(Struct, frozen=True):
    """One held-out row."""

    hash: str
    """Its content hash, 16 hex digits."""
    row: str
    """The line of the dataset, in the format of the run's plan."""


class Drawn(Struct, frozen=True):
    """The questions of a run, lowest hash first."""

    own: tuple[Question, ...]
    shared: tuple[Question, ...]
    """Of rows that were held out for the champion as well."""


def draw(services: Services, run: Run, most: int, champion: Champion | None) -> Drawn:
    """Draw at most so many questions of each kind."""
    dataset_format = Format(run.accepted["plan"]["dataset_format"])
    context = (run.accepted["recipe"]["effective"].get("tuning") or {}).get("default_context")
    held_out = _held_out_for(services, champion) if champion else array("Q")
    own, shared = _Lowest(most), _Lowest(most)
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
            own.offer(number, row)
            if any(_holds(held_out, each) for each in (number, _hash_without(example, context))):
                shared.offer(number, row)
    return Drawn(own.questions(), shared.questions())


def is_usable(example: Example) -> bool:
    """Whether a row asks something and expects a text that an answer can be held against."""
    return len(example.turns) > 1 and bool(answer_of(example).strip())


def _held_out_for(services: Services, champion: Champion) -> "array[int]":
    """The content hashes of the rows that the champion was never trained on; empty where nobody knows."""
    run = services.runbook.load(champion.run_id)
    told = run.accepted.get("holdout_hashes") if run else None
    if not told:
        return array("Q")
    work = services.settings.work_bucket
    try:
        return hashes_from_bytes(
            services.store.read(work, str(told["path"]), max_bytes=_MOST_HASH_BYTES)
        )
    except NotFoundError:
        return array("Q")


def _holds(hashes: "array[int]", number: int) -> bool:
    place = bisect_left(hashes, number)
    return place < len(hashes) and hashes[place] == number


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
