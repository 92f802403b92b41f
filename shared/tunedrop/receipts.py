"""The answers about a dropped object, found by its name alone.

Reads the ledger's receipts; knows nothing of what became of the object.
"""

from typing import Any

from tunedrop.domain import places
from tunedrop.domain.naming import GsUri
from tunedrop.errors import UsageError
from tunedrop.ports import ObjectInfo
from tunedrop.services import Services


def receipts_of(services: Services, what: str) -> tuple[GsUri, list[ObjectInfo]]:
    """The object that is meant by `gs://BUCKET/OBJECT[#GENERATION]`, and the answers about it, or about one generation.

    Raises:
        UsageError: There is none.
    """
    name, _, generation = what.rpartition("#")
    readings = [(name, generation)] if name and generation.isdecimal() else []
    for text, wanted in [*readings, (what, "")]:
        try:
            uri = GsUri.parse(text)
        except ValueError as error:
            raise UsageError(f"{error}; write it as gs://BUCKET/OBJECT[#GENERATION]") from None
        folder = places.receipt_path(uri.bucket, uri.name, 0).rpartition("/")[0] + "/"
        found = [
            info
            for info in services.ledger.list(folder)
            if wanted in {"", info.name.removeprefix(folder).partition(".")[0]}
        ]
        if found:
            return uri, found
    raise UsageError(
        f"{what}: expected an object that the deployment has answered about, found no receipt of it;"
        " see `tunedrop show gs://BUCKET/OBJECT`"
    )


def drop_of(services: Services, info: ObjectInfo) -> dict[str, Any]:
    """What a receipt says, as plain values; one call."""
    receipt = services.ledger.read(info.name) or {}
    return {
        "drop_id": str(receipt.get("drop_id", "")),
        "generation": str(receipt.get("generation", "")),
        "at": info.created_at,
        "outcome": str(receipt.get("outcome", "")),
        "run_id": str(receipt.get("run_id", "")),
    }
