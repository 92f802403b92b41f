"""Walks through long listings, a little at a time: where each stopped is kept in STATE.

Only a hint: a lost or odd cursor starts the walk again.
"""

from itertools import islice

from tunedrop.domain import places
from tunedrop.domain.naming import MAX_NAME_BYTES
from tunedrop.errors import InvalidRequestError, NotFoundError
from tunedrop.ports import ObjectInfo
from tunedrop.services import Services


def resume_point(services: Services, walk: str) -> str:
    """Name at which the walk goes on; empty for its beginning."""
    path = places.cursor_path(walk)
    try:
        data = services.store.read(services.settings.state_bucket, path, max_bytes=MAX_NAME_BYTES)
    except (NotFoundError, InvalidRequestError):
        return ""
    return data.decode("utf-8", "replace")


def put_by(services: Services, walk: str, name: str) -> None:
    """Remember the name at which the walk is to go on."""
    services.store.write(
        services.settings.state_bucket,
        places.cursor_path(walk),
        name.encode(),
        if_generation=None,
        content_type="text/plain",
    )


def page_of(
    services: Services, walk: str, prefix: str, *, most: int
) -> tuple[list[ObjectInfo], str]:
    """The next records of a walk through a prefix of the ledger, and the name to put by for the page after it.

    The name is empty once the end is reached, so that the walk begins again.
    """
    start = resume_point(services, walk)
    start = start if start.startswith(prefix) else ""
    listed = services.ledger.walk(prefix, start_offset=start)
    page = list(islice(listed, most + 1))
    return page[:most], page[most].name if len(page) > most else ""
