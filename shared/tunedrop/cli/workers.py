"""Checks the blocks of a large file in several processes, with the result of one.

Knows processes and nothing of datasets; where a platform cannot fork, one process does it all.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path

from tunedrop.domain.checks import (
    Account,
    Accountant,
    Block,
    CheckOptions,
    Opening,
    Spread,
    one_by_one,
)

WORTH_BYTES = 32 * 1024 * 1024
"""From this size on a file is checked in more than one process; our own choice, by measurement."""
_MOST_JOBS = 4
_AHEAD = 3
"""Blocks a process that are under way at once: enough to keep it busy, and few megabytes."""


def jobs_for(path: str) -> int:
    """How many processes a file is worth: one for a small one and for standard input."""
    file = Path(path)
    if not file.is_file() or file.stat().st_size < WORTH_BYTES:
        return 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, _MOST_JOBS)


@contextmanager
def spread_over(jobs: int) -> Iterator[Spread]:
    """Hold *jobs* processes ready; to be entered before this process starts any thread."""
    if jobs < 2 or "fork" not in multiprocessing.get_all_start_methods():  # noqa: PLR2004 — one is this process
        yield one_by_one
        return
    with multiprocessing.get_context("fork").Pool(jobs) as pool:

        def spread(
            opening: Opening, options: CheckOptions, blocks: Iterable[Block], /
        ) -> Iterator[Account]:
            return _in_order(pool, opening, options, blocks, most=jobs * _AHEAD)

        yield spread


def _in_order(
    pool: Pool, opening: Opening, options: CheckOptions, blocks: Iterable[Block], *, most: int
) -> Iterator[Account]:
    under_way: deque[AsyncResult[Account]] = deque()
    for number, block in enumerate(blocks):
        under_way.append(pool.apply_async(_account, (opening, options, block, number)))
        if len(under_way) == most:
            yield under_way.popleft().get()
    while under_way:
        yield under_way.popleft().get()


class _Last:
    """The accountant of the file that this process last saw a block of."""

    opening: Opening | None = None
    options: CheckOptions | None = None
    accountant: Accountant | None = None


def _account(opening: Opening, options: CheckOptions, block: Block, number: int) -> Account:
    """Run in a worker; another file's blocks come only after all of this one's."""
    if _Last.accountant is None or (_Last.opening, _Last.options) != (opening, options):
        _Last.accountant = Accountant(opening, options)
        _Last.opening, _Last.options = opening, options
    return _Last.accountant.account(block, is_first=not number)
