"""Holds the kept rows against each other: repetitions, prompts with two answers, answers that are all alike.

Remembers 64-bit hashes and line numbers, 16 bytes a row, and never a text.
"""

import heapq
from array import array
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from tunedrop.domain.findings import Code

_BUCKETS = 64
_HALF = 0xFFFF_FFFF


class Earliest(Struct):
    """The first lines of one finding, whatever the order in which they come, and how many there are."""

    kept: int
    count: int = 0
    _heap: list[tuple[int, int]] = field(default_factory=list)

    def add(self, line: int, earlier: int = 0) -> None:
        """Count a line; *earlier* is the line that it is held against."""
        self.count += 1
        if len(self._heap) < self.kept:
            heapq.heappush(self._heap, (-line, earlier))
        elif self._heap and -line > self._heap[0][0]:
            heapq.heapreplace(self._heap, (-line, earlier))

    def lines(self) -> list[tuple[int, int]]:
        """(line, the earlier line), by line."""
        return sorted((-line, earlier) for line, earlier in self._heap)


class _Bucket:
    """Rows whose prompts' hashes end in the same bits, so that equal prompts lie together."""

    def __init__(self) -> None:
        self.lines = array("I")
        self.prompts = array("Q")
        # Answers are only ever compared where the prompts are equal, for which half a hash will do.
        self.answers = array("I")

    def compared(self) -> Iterator[tuple[Code, int, int]]:
        """Repetitions and conflicts: (code, line, the first line it is held against)."""
        first: dict[int, int] = {}
        other_answers: dict[tuple[int, int], int] = {}
        rows = zip(self.lines, self.prompts, self.answers, strict=True)
        for place, (line, prompt, answer) in enumerate(rows):
            earlier = first.setdefault(prompt, place)
            if earlier == place:
                continue
            if self.answers[earlier] == answer:
                yield Code.EXACT_DUPLICATE, line, self.lines[earlier]
                continue
            same = other_answers.setdefault((prompt, answer), line)
            if same == line:
                yield Code.CONFLICTING_ANSWERS, line, self.lines[earlier]
            else:
                yield Code.EXACT_DUPLICATE, line, same


class Rows:
    """The hashes of all kept rows."""

    def __init__(self) -> None:
        self._buckets = [_Bucket() for _ in range(_BUCKETS)]

    def __len__(self) -> int:
        return sum(len(bucket.lines) for bucket in self._buckets)

    def extend(self, lines: Iterable[int], prompts: "array[int]", answers: "array[int]") -> None:
        """Remember rows by the 64-bit hashes of their prompts, and by half of their answers'."""
        buckets = [
            (bucket.lines.append, bucket.prompts.append, bucket.answers.append)
            for bucket in self._buckets
        ]
        for line, prompt, answer in zip(lines, prompts, answers, strict=True):
            add_line, add_prompt, add_answer = buckets[prompt % _BUCKETS]
            add_line(line)
            add_prompt(prompt)
            add_answer(answer & _HALF)

    def prompts(self) -> "array[int]":
        """The hash of every row's prompt, in no order."""
        joined = array("Q")
        for bucket in self._buckets:
            joined.extend(bucket.prompts)
        return joined

    def compared(self, evaluation_prompts: frozenset[int]) -> Iterator[tuple[Code, int, int]]:
        """What is wrong with rows beside each other: (code, line, the first line it is held against)."""
        for bucket in self._buckets:
            yield from bucket.compared()
            for line, prompt in zip(bucket.lines, bucket.prompts, strict=True):
                if prompt in evaluation_prompts:
                    yield Code.OVERLAP_WITH_EVALUATION, line, 0

    def most_common_answers(self) -> int:
        """How many rows share an answer, if more than half of them do; else 0."""
        candidate, lead = 0, 0
        for bucket in self._buckets:
            for answer in bucket.answers:
                if not lead:
                    candidate = answer
                lead += 1 if answer == candidate else -1
        count = sum(bucket.answers.count(candidate) for bucket in self._buckets)
        return count if 2 * count > len(self) else 0
