"""Chains of the ledger: records 1, 2, 3, … under one prefix, of which the number is the fence.

Knows how far a chain has grown and how it grows by one; nothing of what its records mean.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tunedrop.domain import places
from tunedrop.domain.naming import canonical_json
from tunedrop.errors import NotFoundError, RetryableError
from tunedrop.ledger import Record
from tunedrop.services import Services

_NUMBERED = re.compile(r"(\d{6})\.json", re.ASCII)
_HINT = "sequence"


@dataclass(frozen=True, slots=True)
class Link:
    """One record of a chain, without its text."""

    sequence: int
    """Counted from 1."""
    metadata: Mapping[str, str]
    created_at: datetime


def newest(services: Services, prefix: str, *, hint: int | None = None) -> Link | None:
    """Find the last record of a chain; None of an empty one.

    Two calls however long the chain is, as long as its hint is fresh; one where the *hint* is given.
    """
    start = _hint_of(services, prefix) if hint is None else hint
    links = _links_from(services, prefix, start)
    if not links and start > 1:  # no hint of ours: those are never ahead of the chain
        links = all_links(services, prefix)
    return links[-1] if links else None


def all_links(services: Services, prefix: str) -> list[Link]:
    """The whole chain in order."""
    return _links_from(services, prefix, 1)


def append(
    services: Services, prefix: str, *, after: int, record: Record, metadata: Mapping[str, str]
) -> bool:
    """Write the record that follows number *after*; False if another one stands there by now."""
    sequence = after + 1
    path = places.numbered(prefix, sequence)
    numbered = {**record, "sequence": sequence}
    written = services.ledger.create(path, numbered, metadata=metadata)
    if written.ours:
        _leave_hint(services, prefix, sequence)
    return written.ours


def hints(services: Services, folder: str) -> dict[str, int]:
    """How far each chain in a folder such as `slots/` had grown when somebody last appended, by prefix."""
    heads = f"{places.head_path(folder)}/"
    listed = services.store.list(services.settings.state_bucket, prefix=heads)
    return {f"{folder}{info.name.removeprefix(heads)}/": _number(info.metadata) for info in listed}


def _links_from(services: Services, prefix: str, start: int) -> list[Link]:
    listed = services.ledger.list(prefix, start_offset=places.numbered(prefix, start))
    return [
        Link(int(match[1]), info.metadata, info.created_at)
        for info in listed
        if (match := _NUMBERED.fullmatch(info.name.removeprefix(prefix)))
    ]


def _hint_of(services: Services, prefix: str) -> int:
    try:
        info = services.store.stat(services.settings.state_bucket, places.head_path(prefix))
    except NotFoundError:
        return 1
    return _number(info.metadata)


def _number(metadata: Mapping[str, str]) -> int:
    try:
        return max(1, int(metadata.get(_HINT, "")))
    except ValueError:
        return 1


def _leave_hint(services: Services, prefix: str, sequence: int) -> None:
    try:
        services.store.write(
            services.settings.state_bucket,
            places.head_path(prefix),
            canonical_json({_HINT: sequence}),
            if_generation=None,
            metadata={_HINT: str(sequence)},
        )
    except RetryableError:
        return  # the record stands, and is found from an older hint as well
