"""The drops that asked for a run: a run that several asked for is theirs together.

Knows the records; which drop replaces which is `newest`'s business.
"""

from dataclasses import dataclass
from datetime import datetime

from tunedrop.domain import places
from tunedrop.ledger import Record
from tunedrop.ports import ObjectInfo
from tunedrop.services import Services

NEWEST = "newest"
"""Of a recipe's `datasets`: a newer drop replaces one that still waits."""


@dataclass(frozen=True, slots=True, order=True)
class Asker:
    """A drop that asked for a run; the later it was dropped, the greater."""

    dropped_at: datetime
    """When the object's generation was created, by the storage service's clock."""
    drop_id: str
    is_replaceable: bool
    """Whether a newer drop of the recipe replaces it while it waits."""


def record(services: Services, run_id: str, verdict: Record) -> Asker:
    """Write down once that the verdict's drop asked for the run."""
    mode = verdict["recipe"]["effective"].get("datasets", "each")
    told = {"dropped_at": str(verdict["dropped_at"]), "datasets": str(mode)}
    drop_id = str(verdict["drop_id"])
    body = {
        "kind": "asker",
        "drop_id": drop_id,
        "uri": verdict["uri"],
        "generation": verdict["generation"],
        **told,
    }
    services.ledger.create(places.asker_path(run_id, drop_id), body, metadata=told)
    return _asker(drop_id, told["dropped_at"], told["datasets"])


def of_run(services: Services, run_id: str) -> list[Asker]:
    """Everybody who asked for a run, oldest drop first."""
    listed = services.ledger.list(places.askers_prefix(run_id))
    return sorted(_read(info, places.askers_prefix(run_id)) for info in listed)


def _read(info: ObjectInfo, prefix: str) -> Asker:
    drop_id = info.name.removeprefix(prefix).removesuffix(".json")
    told = info.metadata
    return _asker(
        drop_id, told.get("dropped_at", info.created_at.isoformat()), told.get("datasets", "each")
    )


def _asker(drop_id: str, dropped_at: str, mode: str) -> Asker:
    return Asker(datetime.fromisoformat(dropped_at), drop_id, mode == NEWEST)
