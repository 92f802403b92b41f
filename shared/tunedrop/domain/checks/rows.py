"""Holds the kept rows against each other: repetitions, prompts with two answers, answers that are all alike.

Remembers 64-bit hashes and line numbers, 20 bytes a row, and never a text.
"""

import heapq
from array import array
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from tunedrop.domain.findings import Code

_BUCKETS = 64
_STRETCH = 1024
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


class Rows:
    """The hashes of all kept rows."""

    def __init__(self) -> None:
        self._lines = array("I")
        self._prompts = array("Q")
        # Answers are only ever compared where the prompts are equal, for which half a hash will do.
        self._answers = array("I")
        self._buckets = [array("I") for _ in range(_BUCKETS)]
        """The places of the rows whose prompts' hashes end in the same bits: equal prompts lie together."""

    def __len__(self) -> int:
        return len(self._lines)

    def extend(self, lines: Iterable[int], prompts: "array[int]", answers: Iterable[int]) -> None:
        """Remember rows by the 64-bit hashes of their prompts, and by half of their answers'."""
        add_to = [bucket.append for bucket in self._buckets]
        for place, prompt in enumerate(prompts, len(self)):
            add_to[prompt % _BUCKETS](place)
        self._lines.extend(array("I", lines))
        self._prompts.extend(prompts)
        self._answers.extend(array("I", [answer & _HALF for answer in answers]))

    def prompts(self) -> "array[int]":
        """The hash of every row's prompt."""
        return self._prompts[:]

    def compared(self, evaluation_prompts: frozenset[int]) -> Iterator[tuple[Code, int, int]]:
        """What is wrong with rows beside each other: (code, line, the first line it is held against)."""
        for places in self._buckets:
            prompts = [self._prompts[place] for place in places]
            if len(set(prompts)) < len(prompts):
                yield from self._repetitions(zip(places, prompts, strict=True))
        if evaluation_prompts:
            for line, prompt in zip(self._lines, self._prompts, strict=True):
                if prompt in evaluation_prompts:
                    yield Code.OVERLAP_WITH_EVALUATION, line, 0

    def _repetitions(self, rows: Iterable[tuple[int, int]]) -> Iterator[tuple[Code, int, int]]:
        """Repetitions and conflicts among some rows, given by place and prompt, in the form of `compared`."""
        lines, answers = self._lines, self._answers
        first: dict[int, int] = {}
        other_answers: dict[tuple[int, int], int] = {}
        for place, prompt in rows:
            earlier = first.setdefault(prompt, place)
            if earlier == place:
                continue
            line, answer = lines[place], answers[place]
            if answers[earlier] == answer:
                yield Code.EXACT_DUPLICATE, line, lines[earlier]
                continue
            same = other_answers.setdefault((prompt, answer), line)
            if same == line:
                yield Code.CONFLICTING_ANSWERS, line, lines[earlier]
            else:
                yield Code.EXACT_DUPLICATE, line, same

    def most_common_answers(self) -> int:
        """How many rows share an answer, if more than half of them do; else 0."""
        answers = self._answers
        stretches = (
            answers[start : start + _STRETCH] for start in range(0, len(answers), _STRETCH)
        )
        # An answer of more than half of all rows is one of more than half of the rows of some stretch.
        if not any(2 * (len(set(stretch)) - 1) < len(stretch) for stretch in stretches):
            return 0
        candidate, lead = 0, 0
        for answer in answers:
            if not lead:
                candidate = answer
            lead += 1 if answer == candidate else -1
        count = answers.count(candidate)
        return count if 2 * count > len(answers) else 0
