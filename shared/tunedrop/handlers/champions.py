"""The champions of recipes: for each a chain of the ledger, of which the newest record names the present one.

History, roll-back and fence in one; knows how the chain is read and grows, not who deserves to be in it.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from tunedrop import chains
from tunedrop.domain import places
from tunedrop.errors import CorruptRecordError
from tunedrop.handlers.reporting import reported
from tunedrop.listed import from_metadata, noting, to_metadata
from tunedrop.services import Services

_NUMBERED = re.compile(rf"({places.CHAMPIONS}[^/]+/)(\d{{6}})\.json", re.ASCII)


class Champion(msgspec.Struct, frozen=True):
    """One record of a recipe's chain: which tuned model became champion, how, and why."""

    sequence: int
    """Its number in the chain, counted from 1."""
    at: datetime
    recipe: str
    version: int
    run_id: str
    attempt: int
    tuned_model: str
    endpoint: str
    base_model: str
    dataset_format: str
    action: Literal["promoted", "rolled_back"]
    code: str
    """Why, as a word: the policy's or `by_hand`."""
    reason: str = ""
    """Why, in the words of whoever decided."""
    claimed_by: str = ""
    decision_id: str = ""
    """Of the control message that decided; empty where the recipe's policy did."""
    evidence: str = ""
    """Path in WORK of the evaluation's evidence; empty where there was none."""
    evidence_sha256: str = ""
    previous_version: int | None = None
    """The champion before; None if there was none."""


def newest(services: Services, recipe: str) -> Champion | None:
    """The present champion of a recipe, in two calls; None while it has none."""
    prefix = places.champions_prefix(recipe)
    link = chains.newest(services, prefix)
    return _read(services, prefix, link.sequence, link.metadata) if link else None


def history(services: Services, recipe: str) -> list[Champion]:
    """All champions of a recipe, oldest first, from one listing."""
    prefix = places.champions_prefix(recipe)
    links = chains.all_links(services, prefix)
    return [_read(services, prefix, link.sequence, link.metadata) for link in links]


def every(services: Services) -> list[Champion]:
    """The present champion of each recipe, by recipe, from one listing; one that cannot be read is reported."""
    found = []
    for prefix, (sequence, metadata) in _ends(services).items():
        with reported():
            found.append(_read(services, prefix, sequence, metadata))
    return sorted(found, key=lambda champion: champion.recipe)


def certain(services: Services, *, broken: list[str] | None = None) -> list[Champion]:
    """The same for whoever goes by all of them being there.

    Args:
        services: Whose ledger is listed.
        broken: Takes a line for each record that says nothing, whose champion is then left out.

    Raises:
        CorruptRecordError: There is one, and no list to note it in.
        RetryableError: One could not be read this time.
    """
    found = []
    for prefix, (sequence, metadata) in _ends(services).items():
        with noting(broken):
            found.append(_read(services, prefix, sequence, metadata))
    return sorted(found, key=lambda champion: champion.recipe)


def numbered(services: Services, prefix: str, sequence: int) -> Champion | None:
    """The n-th champion of a chain by its record; None if there is none.

    Raises:
        CorruptRecordError: The record is none of a champion.
    """
    path = places.numbered(prefix, sequence)
    record = services.ledger.read(path)
    try:
        return msgspec.convert(record, Champion) if record else None
    except msgspec.ValidationError:
        raise _corrupt(path) from None


def append(services: Services, champion: Champion) -> bool:
    """Write the champion under its number; False, and nothing written, if another one stands there by now."""
    fields: dict[str, Any] = msgspec.to_builtins(champion)
    return chains.append(
        services,
        places.champions_prefix(champion.recipe),
        after=champion.sequence - 1,
        record={"kind": "champion", **fields},
        metadata=to_metadata(fields),
    )


def _ends(services: Services) -> dict[str, tuple[int, Mapping[str, str]]]:
    """The newest number of each chain, with its metadata."""
    ends: dict[str, tuple[int, Mapping[str, str]]] = {}
    # In name order: the newest of a chain comes last.
    for info in services.ledger.walk(places.CHAMPIONS):
        if match := _NUMBERED.fullmatch(info.name):
            ends[match[1]] = (int(match[2]), info.metadata)
    return ends


def _read(services: Services, prefix: str, sequence: int, metadata: Mapping[str, str]) -> Champion:
    """A champion by its metadata, or by its record where that does not tell.

    Raises:
        CorruptRecordError: The record is none of a champion.
    """
    try:
        return msgspec.convert(from_metadata(metadata), Champion, strict=False)
    except msgspec.ValidationError:
        champion = numbered(services, prefix, sequence)
    if champion is None:
        raise _corrupt(places.numbered(prefix, sequence))
    return champion


def _corrupt(path: str) -> CorruptRecordError:
    return CorruptRecordError(f"{path}: expected a champion's record; look at the object by hand")
