"""Chooses which examples are held out for evaluation: those with the lowest content hashes.

A pure function of the contents, so that the same rows are held out whatever their order or format.
"""

import heapq
import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from msgspec import Struct

from tunedrop.errors import Problem

_HASH = struct.Struct(">Q")
HASH_BYTES = _HASH.size


class Holdout(Struct, frozen=True):
    """The examples whose content hash is at most the threshold."""

    threshold: int
    count: int
    """How many of the examples that were split these are."""

    def holds(self, content_hash: int) -> bool:
        """Whether an example with this content hash is held out."""
        return content_hash <= self.threshold

    def to_json(self) -> dict[str, object]:
        """The split as records hold it; the threshold is a string, since JSON numbers lose digits."""
        return {"threshold": str(self.threshold), "count": self.count}

    @classmethod
    def from_json(cls, value: dict[str, object]) -> "Holdout":
        """Read what `to_json` wrote."""
        return cls(threshold=int(str(value["threshold"])), count=int(str(value["count"])))


def hashes_to_bytes(hashes: Iterable[int]) -> bytes:
    """Content hashes as an object holds them: sorted, eight bytes each, the most significant first."""
    return b"".join(map(_HASH.pack, sorted(hashes)))


def hashes_from_bytes(data: bytes) -> "array[int]":
    """Read what `hashes_to_bytes` wrote.

    Raises:
        struct.error: The length is no multiple of eight.
    """
    return array("Q", (content_hash for (content_hash,) in _HASH.iter_unpack(data)))


def choose_holdout(
    hashes: "array[int]", fraction: float, *, minimum: int, maximum: int
) -> Holdout | Problem:
    """Choose the examples to hold out; equal examples stay together.

    Args:
        hashes: The content hash of every usable example, in any order.
        fraction: Wished share of the examples; the bounds go before it.
        minimum: Fewest examples that an evaluation set may have.
        maximum: Most that it may have.

    Returns:
        The split nearest to the wish that keeps the bounds, or the problem with the numbers.
    """
    fewest, most = max(minimum, 1), min(maximum, len(hashes) - 1)
    if fewest > most:
        return _problem(
            f"between {fewest} and {maximum} examples to hold out, and others to train on",
            f"{len(hashes)} examples",
        )
    wished = min(max(round(fraction * len(hashes)), fewest), most)
    lowest = heapq.nsmallest(wished + 1, hashes)
    boundary = lowest[wished - 1]
    below, upto = bisect_left(lowest, boundary), bisect_right(lowest, boundary)
    if upto > wished:
        upto = sum(1 for content_hash in hashes if content_hash <= boundary)
    # Equal examples may straddle the wish: all of them or none, whichever is allowed and nearer.
    if upto <= most and (below < fewest or upto - wished <= wished - below):
        return Holdout(boundary, upto)
    if below >= fewest:
        return Holdout(lowest[below - 1], below)
    return _problem(
        f"between {minimum} and {maximum} examples to hold out of {len(hashes)}",
        f"equal examples that can only be held out together, {below} or {upto} of them",
    )


def _problem(expected: str, found: str) -> Problem:
    remedy = "add distinct examples, remove repeated ones, or name an evaluation file as `evaluation.dataset`"
    return Problem("evaluation.holdout", expected, found, remedy, code="split_impossible")
