"""How large the examples of a file are: the sum, the order and the histogram of their sizes.

Knows how many examples there are of each size, and no example.
"""

from bisect import bisect_left
from collections import Counter
from itertools import accumulate, pairwise
from operator import mul


class Sizes:
    """The sizes of all examples, in order; made of the number of examples of each size."""

    def __init__(self, counts: Counter[int]) -> None:
        self.sum = sum(map(mul, counts.keys(), counts.values()))
        self._sizes = sorted(counts)
        self._up_to = list(accumulate(map(counts.__getitem__, self._sizes)))
        """For each size, how many examples are as large or smaller."""

    def quantile(self, share: float) -> int:
        """The size of the example at that share of the order; 0 where there is none."""
        if not self._sizes:
            return 0
        return self._sizes[bisect_left(self._up_to, share * self._up_to[-1])]

    def histogram(self) -> list[dict[str, int]]:
        """Examples per power of two: at least `from`, below twice `from` characters."""
        if not self._sizes:
            return []
        powers = [0, *(1 << bits for bits in range(self._sizes[-1].bit_length() + 1))]
        return [
            {"from": power, "examples": examples}
            for power, above in pairwise(powers)
            if (examples := self._below(above) - self._below(power))
        ]

    def _below(self, size: int) -> int:
        """How many examples are smaller."""
        place = bisect_left(self._sizes, size)
        return self._up_to[place - 1] if place else 0
