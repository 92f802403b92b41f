"""The registry of tuned models, read from the ledger's listings: a page of a thousand versions is one call.

Knows where versions lie and what their metadata tells; writes none, which is `register_run`'s business.
"""

from typing import Any

import msgspec

from tunedrop.domain import places
from tunedrop.domain.registered import Registered
from tunedrop.errors import CorruptRecordError
from tunedrop.ledger import Record
from tunedrop.listed import from_metadata, noting, to_metadata
from tunedrop.ports import ObjectInfo
from tunedrop.services import Services

_EVERY_RECIPE = "registry/"


def versions(
    services: Services, recipe: str | None = None, *, broken: list[str] | None = None
) -> list[Registered]:
    """The versions of a recipe from 1 on; without one those of all recipes, recipe by recipe.

    Args:
        services: Whose ledger is listed.
        recipe: A recipe's name.
        broken: Takes a line for each version that cannot be read, which is then left out.

    Raises:
        CorruptRecordError: There is a version that neither its metadata nor its record tells about,
            and no list to note it in.
    """
    prefix = places.registry_prefix(recipe) if recipe is not None else _EVERY_RECIPE
    found = []
    for info in services.ledger.walk(prefix):
        with noting(broken):
            found.append(told(services, info))
    return found


def metadata_of(record: Record) -> dict[str, str]:
    """What a listing is to tell of a version's record."""
    fields: dict[str, Any] = msgspec.to_builtins(_by_record(record))
    return to_metadata(fields)


def read(services: Services, model: Registered) -> Record:
    """The whole record of a version.

    Raises:
        CorruptRecordError: It is gone.
    """
    return _read(services, places.registry_path(model.recipe, model.version))


def told(services: Services, info: ObjectInfo) -> Registered:
    """A version by what a listing shows of it.

    Raises:
        CorruptRecordError: Neither that nor its record tells about it.
    """
    try:
        return msgspec.convert(from_metadata(info.metadata), Registered, strict=False)
    except msgspec.ValidationError:  # too long for metadata, or taken away by hand
        record = _read(services, info.name)
    try:
        return _by_record(record)
    except (KeyError, TypeError, msgspec.ValidationError):
        msg = f"{info.name}: expected the record of a tuned model; look at the object by hand"
        raise CorruptRecordError(msg) from None


def _by_record(record: Record) -> Registered:
    cost = record["cost"]
    fields = {
        **{name: record[name] for name in Registered.__struct_fields__ if name in record},
        "dataset_digest": record["dataset"]["digest"],
        "estimated_usd": cost["estimated"]["usd"],
        "billed_usd": cost["billed"]["usd"],
    }
    return msgspec.convert(fields, Registered)


def _read(services: Services, path: str) -> Record:
    record = services.ledger.read(path)
    if record is None:
        msg = f"{path}: expected the record of a tuned model, found none"
        raise CorruptRecordError(msg)
    return record
