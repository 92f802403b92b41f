"""Every choice of a simulated history, drawn from its seed under a key of its own.

A key names where the choice is made (which delivery, which call), so that taking one fault away leaves all
others where they were. Faults are drawn as they are met, or read from a list that was kept.
"""

import random
from dataclasses import dataclass, field
from hashlib import blake2b

_RANGE = 2**64


class Draws:
    """Numbers that depend on the seed and on a key, and on nothing else."""

    def __init__(self, seed):
        self._seed = str(seed).encode()

    def bits(self, key):
        """64 of them."""
        return int.from_bytes(blake2b(key.encode(), digest_size=8, key=self._seed).digest(), "big")

    @staticmethod
    def further_bits(bits, number):
        """64 more for the n-th choice under a key, whose own bits are given; by Steele's SplitMix64."""
        mixed = (bits + number * 0x9E3779B97F4A7C15) % _RANGE
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 % _RANGE
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB % _RANGE
        return mixed ^ (mixed >> 31)

    def share(self, key):
        """A number from 0 up to 1."""
        return self.bits(key) / _RANGE

    def between(self, key, low, high):
        return low + (high - low) * self.share(key)

    def generator(self, key):
        """A generator for choices that are made together."""
        return random.Random(self.bits(key))


@dataclass(frozen=True)
class Fault:
    """What goes wrong at one place."""

    kind: str
    seconds: float = 0.0


@dataclass
class Faults:
    """What goes wrong: each place is asked once, by its key, and what was met is kept."""

    draws: Draws
    rate: float
    kinds: frozenset
    given: dict | None = None
    """Key to fault, in place of drawing."""
    active: bool = True
    met: dict = field(default_factory=dict)

    def at(self, key, bits, menu, *, danger=1):
        """The fault at a place, or None.

        Args:
            key: Names the place.
            bits: Its number.
            menu: The kinds that fit it, with their shortest and longest delay.
            danger: How much likelier than elsewhere something goes wrong here.
        """
        if not self.active:
            return None
        fault = self._drawn(bits, menu, danger) if self.given is None else self.given.get(key)
        if fault is not None:
            self.met[key] = fault
        return fault

    def _drawn(self, bits, menu, danger):
        if (bits >> 16) / 2**48 >= self.rate * danger:
            return None
        kind, shortest, longest = menu[(bits & 0xFF) % len(menu)]
        if kind not in self.kinds:
            return None
        return Fault(kind, round(shortest + (longest - shortest) * ((bits >> 8) & 0xFF) / 255, 1))
