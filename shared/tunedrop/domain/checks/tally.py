"""Counts what the kept lines hold: sizes, hashes, repetitions; at most 20 bytes of memory a line.

Sees measures and never keeps a text.
"""

from array import array
from collections import Counter
from collections.abc import Iterator

import xxhash

from tunedrop.domain.checks.fast import Read
from tunedrop.domain.checks.judging import CHARACTERS_PER_TOKEN
from tunedrop.domain.formats import Measure, content_hash

_BUCKETS = 256
_KEPT_BITS = 5
TOKENS_PER_CHARACTER_BAND = (0.231, 0.317)
"""Lowest and highest ratio in Google's own cost script for open models (vertex-ai-samples, read 2026-11-23)."""


class Repetitions:
    """Finds equal contents by their 64-bit hashes, in 12 bytes a line."""

    def __init__(self) -> None:
        self._hashes = [array("Q") for _ in range(_BUCKETS)]
        self._lines = [array("I") for _ in range(_BUCKETS)]

        self.count = 0
        """How many lines equal an earlier one, once `found` is through."""

    def add(self, line: int, content: bytes) -> None:
        """Remember the content of a kept line."""
        digest = xxhash.xxh3_64_intdigest(content)
        bucket = digest % _BUCKETS
        self._hashes[bucket].append(digest)
        self._lines[bucket].append(line)

    def found(self) -> Iterator[tuple[int, int]]:
        """Yield (line, the first line that equals it), a bucket at a time."""
        for hashes, lines in zip(self._hashes, self._lines, strict=True):
            first: dict[int, int] = {}
            for digest, line in zip(hashes, lines, strict=True):
                earlier = first.setdefault(digest, line)
                if earlier != line:
                    self.count += 1
                    yield line, earlier


class Tally:
    """Sums over the kept lines."""

    def __init__(self, *, with_content_hashes: bool) -> None:
        self._with_content_hashes = with_content_hashes
        self.examples = 0
        self.turns = 0
        self.content_hashes = array("Q")
        self.repetitions = Repetitions()
        self._input = 0
        self._output = 0
        self._sizes: Counter[int] = Counter()
        self._largest = 0

    def add(self, line: int, read: Read, measure: Measure) -> None:
        """Count one kept line."""
        size = measure.input_characters + measure.output_characters
        self.examples += 1
        self.turns += measure.turns
        self._input += measure.input_characters
        self._output += measure.output_characters
        self._sizes[_rounded(size)] += 1
        self._largest = max(self._largest, size)
        self.repetitions.add(line, read.shortest)
        if self._with_content_hashes:
            self.content_hashes.append(content_hash(read.row))

    def to_json(self, *, repetitions: int) -> dict[str, object]:
        """The published statistics; characters are Unicode code points, tokens are estimates."""
        return {
            "examples": self.examples,
            "turns": self.turns,
            "authors": self.turns,
            "duplicates": repetitions,
            "characters": {
                "input": self._input,
                "output": self._output,
                "total": self._input + self._output,
            },
            "tokens": {
                "estimator": f"characters / {CHARACTERS_PER_TOKEN}",
                "band_per_character": list(TOKENS_PER_CHARACTER_BAND),
                "input": self._input // CHARACTERS_PER_TOKEN,
                "output": self._output // CHARACTERS_PER_TOKEN,
                "total": (self._input + self._output) // CHARACTERS_PER_TOKEN,
                "per_example": {
                    "p50": self._quantile(0.50) // CHARACTERS_PER_TOKEN,
                    "p95": self._quantile(0.95) // CHARACTERS_PER_TOKEN,
                    "max": self._largest // CHARACTERS_PER_TOKEN,
                },
            },
            "characters_histogram": self._histogram(),
        }

    def _quantile(self, share: float) -> int:
        """The characters of the example at *share* of the order of size, rounded down by at most 6 %."""
        left = share * self.examples
        for size in sorted(self._sizes):
            left -= self._sizes[size]
            if left <= 0:
                return size
        return 0

    def _histogram(self) -> list[dict[str, int]]:
        """Examples per power of two: at least `from`, below twice `from` characters."""
        powers: Counter[int] = Counter()
        for size, count in self._sizes.items():
            powers[1 << (size.bit_length() - 1) if size else 0] += count
        return [{"from": size, "examples": powers[size]} for size in sorted(powers)]


def _rounded(size: int) -> int:
    """Round down to five significant bits, so that sizes need few counters."""
    spare = max(size.bit_length() - _KEPT_BITS, 0)
    return size >> spare << spare
