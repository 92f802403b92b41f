"""The pause switch: while it is on, nothing new is launched; checks and running jobs go on.

Knows where the switch lies; who may turn it is the control topic's permissions' business.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from tunedrop.domain import places
from tunedrop.domain.instants import instant_of
from tunedrop.domain.naming import canonical_json
from tunedrop.errors import NotFoundError, PreconditionFailedError
from tunedrop.services import Services

_TRIES = 5
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Switch:
    paused: bool
    decided_at: datetime
    generation: int


def is_paused(services: Services) -> bool:
    """Whether launches are paused."""
    return _standing(services).paused


def turn(
    services: Services, *, paused: bool, decided_at: datetime, reason: str, claimed_by: str
) -> bool:
    """Set the switch, unless a later decision set it already; whether this one stands.

    Raises:
        PreconditionFailedError: Others kept changing it at the same time.
    """
    said = {"paused": str(paused).lower(), "decided_at": decided_at.isoformat()}
    body = canonical_json({**said, "reason": reason, "claimed_by": claimed_by})
    for left in reversed(range(_TRIES)):
        standing = _standing(services)
        if standing.decided_at > decided_at:
            return False
        try:
            services.store.write(
                services.settings.state_bucket,
                places.PAUSED,
                body,
                if_generation=standing.generation,
                metadata=said,
            )
        except PreconditionFailedError:
            if not left:
                raise
            continue
        return True
    return False


def _standing(services: Services) -> _Switch:
    """What the switch says; one that cannot be read is taken for on, since waiting costs nothing."""
    try:
        info = services.store.stat(services.settings.state_bucket, places.PAUSED)
    except NotFoundError:
        return _Switch(paused=False, decided_at=_NEVER, generation=0)
    decided_at = instant_of(info.metadata.get("decided_at", ""))
    if decided_at is None:
        return _Switch(paused=True, decided_at=_NEVER, generation=info.generation)
    is_off = info.metadata.get("paused") == "false"
    return _Switch(paused=not is_off, decided_at=decided_at, generation=info.generation)
