"""Whose turn it is, and when a run that waits may be expected to start."""

from datetime import timedelta

import pytest

from support.memory import START
from tunedrop.domain.queue import Waiting, expected_starts, median_of_last_ten, openings, turn

HOUR = timedelta(hours=1)


def waiting(run_id, *, priority=5, since=START, not_before=None):
    return Waiting(run_id, priority, since, not_before, base_model="m")


def hours(starts):
    """Hours from the start, or None."""
    return [None if start is None else (start - START) / HOUR for start in starts]


def test_the_order_is_by_priority_then_age_then_name():
    entries = [
        waiting("a", priority=0, since=START + HOUR),
        waiting("c", since=START),
        waiting("b", since=START + HOUR),
        waiting("d", since=START + HOUR),
        waiting("e", priority=9, since=START - HOUR),
    ]

    shuffled = [entries[index] for index in (3, 0, 4, 2, 1)]
    assert entries == sorted(shuffled, key=lambda entry: entry.order)


@pytest.mark.parametrize(
    ("not_before", "expected"),
    [(None, True), (START - HOUR, True), (START, True), (START + HOUR, False)],
)
def test_a_run_is_due_once_its_time_has_come(not_before, expected):
    assert expected is waiting("a", not_before=not_before).due(START)


@pytest.mark.parametrize(
    ("free", "expected"),
    [(0, []), (1, ["a"]), (2, ["a", "b"]), (9, ["a", "b", "c"])],
)
def test_as_many_have_their_turn_as_there_are_free_slots(free, expected):
    entries = [waiting(run_id) for run_id in "abc"]

    assert expected == [e.run_id for e in entries if turn(entries, e, free, START)]


def test_runs_that_are_not_due_keep_nobody_waiting():
    entries = [waiting("a", not_before=START + HOUR), waiting("b"), waiting("c")]

    assert turn(entries, entries[1], 1, START)
    assert not turn(entries, entries[2], 1, START)


def test_a_run_that_is_not_in_the_queue_yet_has_its_turn_by_its_order():
    entries = [waiting("a"), waiting("c")]

    assert turn(entries, waiting("b", priority=0), 1, START)
    assert not turn(entries, waiting("b"), 1, START)
    assert turn(entries, waiting("b"), 2, START)


def test_a_run_does_not_wait_for_itself():
    entries = [waiting("a", since=START - HOUR)]

    assert turn(entries, waiting("a"), 1, START)


@pytest.mark.parametrize(("own", "free", "read"), [("a", 3, 1), ("e", 2, 3), ("b", 9, 2)])
def test_no_more_is_read_than_it_takes(own, free, read):
    seen = []

    def entries():
        for run_id in "abcde":
            seen.append(run_id)
            yield waiting(run_id)

    turn(entries(), waiting(own), free, START)

    assert read == len(seen)


@pytest.mark.parametrize(
    ("durations", "expected"),
    [([], None), ([7], 7), ([1, 9, 2], 2), ([1, 3], 2), ([1000] * 9 + list(range(10)), 4.5)],
)
def test_the_newest_ten_tell_how_long_a_job_takes(durations, expected):
    assert expected == median_of_last_ten(durations)


@pytest.mark.parametrize(
    ("ends", "cap", "expected"),
    [
        ([], 2, [0, 0]),
        ([3], 2, [0, 3]),
        ([5, 3], 2, [3, 5]),
        ([5, None], 2, [5]),
        ([None], 1, []),
        ([-4], 1, [0]),
        ([5, 3, 4], 1, [5]),
        ([5, 3, None], 1, []),
        ([5, 3, None], 2, [5]),
    ],
)
def test_there_is_room_when_jobs_end(ends, cap, expected):
    at = [None if end is None else START + end * HOUR for end in ends]

    assert expected == hours(openings(START, at, cap))


@pytest.mark.parametrize(
    ("rooms", "entries", "expected"),
    [
        ([], [(0, 1)], [None]),
        ([2], [], []),
        ([2], [(0, 1), (0, 1), (0, 1)], [2, 3, 4]),
        ([0, 1], [(0, 5), (0, 1), (0, 1)], [0, 1, 2]),
        ([2], [(0, None), (0, 1)], [2, None]),
        ([0, 1], [(0, None), (0, 2), (0, 1)], [0, 1, 3]),
        ([0], [(4, 1), (0, 1), (0, 1)], [4, 0, 1]),
        ([0], [(4, 1), (0, 6)], [6, 0]),
        ([0, 0], [(2, 1), (2, 1), (3, 1)], [2, 2, 3]),
        ([0, 0], [(3, 9), (2, 1), (2, 1)], [3, 2, 2]),
    ],
    ids=[
        "no room",
        "nobody",
        "one after the other",
        "two rooms",
        "unknown end",
        "one unknown end of two",
        "not due yet",
        "overtaken",
        "rooms stand empty",
        "rooms stand empty, overtaken",
    ],
)
def test_runs_are_expected_in_order_as_there_is_room(rooms, entries, expected):
    waits = [
        (
            waiting(f"r{number}", not_before=START + due * HOUR if due else None),
            None if takes is None else takes * 3600,
        )
        for number, (due, takes) in enumerate(entries)
    ]

    assert expected == hours(expected_starts([START + room * HOUR for room in rooms], waits))
