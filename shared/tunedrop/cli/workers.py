"""Checks the blocks of a large file in several processes, with the result of one.

Knows processes and files, and nothing of datasets; where a platform cannot fork, one process does it all.
"""

import itertools
import multiprocessing
import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path

from tunedrop.domain.checks import (
    Account,
    Accountant,
    Block,
    CheckOptions,
    Opening,
    Overlong,
    Spread,
    one_by_one,
)

WORTH_BYTES = 32 * 1024 * 1024
"""From this size on a file is checked in more than one process; our own choice, by measurement."""
_MOST_JOBS = 4
_BLOCKS_A_TASK = 4
"""Handing over a task takes longer than waking up for it is worth where it is smaller; measured."""
_AHEAD = 3
"""Tasks a process that are under way at once: enough to keep it busy."""

SpreadFor = Callable[[str], Spread]
"""Gives who accounts for the blocks of the file at a path."""


def jobs_for(path: str) -> int:
    """How many processes a file is worth: one for a small one and for standard input."""
    file = Path(path)
    if not file.is_file() or file.stat().st_size < WORTH_BYTES:
        return 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, _MOST_JOBS)


def alone(_path: str) -> Spread:
    """This process accounts for every file."""
    return one_by_one


@contextmanager
def spread_over(jobs: int) -> Iterator[SpreadFor]:
    """Hold *jobs* processes ready; to be entered before this process starts any thread."""
    if jobs < 2 or "fork" not in multiprocessing.get_all_start_methods():  # noqa: PLR2004 — one is this process
        yield alone
        return
    with multiprocessing.get_context("fork").Pool(jobs) as pool:

        def spread_for(path: str) -> Spread:
            if not Path(path).is_file():
                return one_by_one

            def spread(
                opening: Opening, options: CheckOptions, blocks: Iterable[Block], /
            ) -> Iterator[Account]:
                rules = pickle.dumps((opening, options))
                tasks = ((rules, path, places) for places in _grouped(_places(blocks)))
                return _in_order(pool, tasks, most=jobs * _AHEAD)

            return spread

        yield spread_for


_Place = tuple[int, Block | int, bool]
"""Where in a file a block begins, its size or the block itself, and whether it is the file's first."""


def _places(blocks: Iterable[Block]) -> Iterator[_Place]:
    """Where in the file each block lies: a process reads it there, since a pipe would take longer."""
    start = 0
    for number, block in enumerate(blocks):
        size = block.size_bytes if isinstance(block, Overlong) else len(block)
        yield start, block if isinstance(block, Overlong) else size, not number
        start += size


def _grouped(places: Iterator[_Place]) -> Iterator[list[_Place]]:
    while group := list(itertools.islice(places, _BLOCKS_A_TASK)):
        yield group


def _in_order(
    pool: Pool, tasks: Iterable[tuple[bytes, str, list[_Place]]], *, most: int
) -> Iterator[Account]:
    under_way: deque[AsyncResult[list[Account]]] = deque()
    for task in tasks:
        under_way.append(pool.apply_async(_account, task))
        if len(under_way) == most:
            yield from under_way.popleft().get()
    while under_way:
        yield from under_way.popleft().get()


class _Last:
    """The accountant of the file that this process last saw a block of."""

    rules = b""
    accountant: Accountant | None = None


def _account(rules: bytes, path: str, places: list[_Place]) -> list[Account]:
    """Run in a worker; *rules* are opening and options, pickled once a file and not once a task."""
    if _Last.accountant is None or _Last.rules != rules:
        _Last.accountant = Accountant(*pickle.loads(rules))  # noqa: S301 — our own parent wrote it
        _Last.rules = rules
    accounts = []
    with Path(path).open("rb", buffering=0) as file:
        for start, given, is_first in places:
            file.seek(start)
            block = file.read(given) if isinstance(given, int) else given
            accounts.append(_Last.accountant.account(block, is_first=is_first))
    return accounts
