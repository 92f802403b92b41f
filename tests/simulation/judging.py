"""Runs one world and says what is wrong with it."""

from collections import Counter
from dataclasses import dataclass, field

from simulation.broker import FINALIZED
from simulation.coverage import counted
from simulation.gathering import evidence_of
from simulation.invariants import Violation, violations
from simulation.invariants_rest import (
    i14_the_same_end_is_reached,
    i15_what_has_ended_is_changed_by_no_repeat,
)
from simulation.quick import quickly
from simulation.story import plain_trace
from simulation.world import World


@dataclass
class Judgement:
    """A world that has come to its end."""

    world: World
    evidence: object
    violations: list
    reached: Counter = field(default_factory=Counter)

    @property
    def names(self):
        """The invariants that do not hold."""
        return {broken.invariant for broken in self.violations}

    def compare_end(self, expected):
        """Hold the end against that of a history in which nothing went wrong."""
        self.violations += i14_the_same_end_is_reached(expected, self.evidence)


def judge(setup, faults=None, *, repeats=False):
    """Run a world to its end; *repeats* delivers every message once more after that."""
    with quickly(real_pages=setup.real_pages) as lines:
        world = World(setup, faults).live()
        evidence = _at_rest(world, lines)
        found = violations(evidence)
        if repeats and world.still and not _given_up(world):
            found += _repeated(world, evidence, lines)
        world.scheduler.abandon()
    if not world.still:
        found.append(Violation("L", "not everything came to an end"))
    return Judgement(world, evidence, found, counted(world, evidence, lines))


def _given_up(world):
    """Whether a dead letter is left, whose work a repeat of another message may do."""
    return any(message.settled == "dead" for message in world.broker.messages)


def _at_rest(world, lines):
    evidence = evidence_of(world, tuple(lines))
    evidence.at_rest = True
    return evidence


def _repeated(world, before, lines):
    for message in list(world.broker.messages):
        if message.settled == "acknowledged" and message.role in {
            FINALIZED,
            "requests",
            "launches",
            "control",
        }:
            world.broker.redeliver(message)
    world.come_to_rest(10_000)
    after = evidence_of(world, tuple(lines))
    return list(i15_what_has_ended_is_changed_by_no_repeat(before, after))


def differs_when_repeated(setup):
    """Whether the same seed gives another history the second time."""
    one, two = judge(setup), judge(setup)
    return plain_trace(one.world) != plain_trace(two.world)
