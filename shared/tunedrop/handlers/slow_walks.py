"""Walks through long listings, a little at a time: where each stopped, and when its rounds began, is kept in STATE.

Only hints: a lost or odd one starts the walk again.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from tunedrop.domain import places
from tunedrop.domain.instants import instant_of
from tunedrop.domain.naming import MAX_NAME_BYTES
from tunedrop.errors import InvalidRequestError, NotFoundError
from tunedrop.ports import ObjectInfo
from tunedrop.services import Services


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a walk has come."""

    name: str
    """Where it goes on; empty for its beginning."""
    began: datetime | None
    """When its present round began."""
    before: datetime | None
    """When the round before that began; None of the first."""

    def age_then(self, created_at: datetime) -> timedelta:
        """How old something was when the round before began; no time if it was not there, or there was none."""
        return max(self.before - created_at, timedelta()) if self.before else timedelta()


def is_due_again(age: timedelta, age_before: timedelta, patience: timedelta) -> bool:
    """Whether it is time to ask again for what is missing: after one patience, after two, four, eight and so on.

    Whoever is behind with answering is not held up by more and more questions.

    Args:
        age: How long it has been missing.
        age_before: The same at the last look.
        patience: How long it may be missing before anybody asks.
    """
    if age < patience:
        return False
    return age_before < patience or _doublings(age, patience) > _doublings(age_before, patience)


def _doublings(age: timedelta, patience: timedelta) -> int:
    return math.floor(math.log2(age / patience))


def resume(services: Services, walk: str) -> Progress:
    """Read how far a walk has come; at its beginning a new round begins now."""
    bucket, path = services.settings.state_bucket, places.cursor_path(walk)
    now = services.clock.now()
    try:
        info = services.store.stat(bucket, path)
        name = services.store.read(bucket, path, max_bytes=MAX_NAME_BYTES).decode(
            "utf-8", "replace"
        )
    except (NotFoundError, InvalidRequestError):
        return Progress("", now, None)
    began, before = (_past(info.metadata.get(key, ""), now) for key in ("began", "before"))
    return Progress(name, began, before) if name else Progress("", now, began)


def _past(text: str, now: datetime) -> datetime | None:
    instant = instant_of(text)
    return instant if instant and instant <= now else None


def put_by(services: Services, walk: str, progress: Progress, name: str) -> None:
    """Remember the name at which the walk is to go on; empty where its round is over."""
    rounds = {"began": progress.began, "before": progress.before}
    services.store.write(
        services.settings.state_bucket,
        places.cursor_path(walk),
        name.encode(),
        if_generation=None,
        content_type="text/plain",
        metadata={key: at.isoformat() for key, at in rounds.items() if at},
    )


def page_of(
    services: Services, progress: Progress, prefix: str, *, most: int
) -> tuple[list[ObjectInfo], str]:
    """The next records of a walk through a prefix of the ledger, and the name to put by for the page after it.

    The name is empty once the end is reached, so that the walk begins again.
    """
    start = progress.name if progress.name.startswith(prefix) else ""
    page = list(islice(services.ledger.walk(prefix, start_offset=start), most + 1))
    return page[:most], page[most].name if len(page) > most else ""
