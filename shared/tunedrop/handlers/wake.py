"""Hands drops that wait to the validator again, once what they wait for has arrived.

Knows receipts and folders; decides nothing about the drops it wakes.
"""

from tunedrop import logs
from tunedrop.contracts import TuningRequested
from tunedrop.domain import naming
from tunedrop.domain.naming import ObjectRole
from tunedrop.errors import NotFoundError
from tunedrop.handlers.drops import Drop, read_receipt
from tunedrop.services import Services

_LOOKED_AT_MOST = 1_000


def wake(services: Services, arrival: Drop, what: str, folder: str) -> None:
    """Send a message for each dataset below a folder that waits for what arrived.

    Comes before the arrival's receipt: a crash in between wakes them twice, and never not at all.
    """
    prefix = f"{folder}/" if folder else ""
    looked_at = 0
    for info in services.store.list(arrival.bucket, prefix=prefix):
        if naming.object_role(info.name) is not ObjectRole.DATASET:
            continue
        looked_at += 1
        if looked_at > _LOOKED_AT_MOST:
            logs.warning(
                f"{arrival.uri}: more than {_LOOKED_AT_MOST} datasets below {prefix!r}; the rest still wait"
            )
            return
        _wake_one(services, Drop(info.bucket, info.name, info.generation), what)


def scope_of_evaluation(services: Services, arrival: Drop) -> str:
    """The folder below which datasets may wait for an evaluation file.

    A recipe names it from its own folder or from above it, so the topmost folder that holds a recipe.
    """
    folders = naming.folders_upwards(arrival.name)
    with_recipe = [folder for folder in folders if _holds_recipe(services, arrival.bucket, folder)]
    return with_recipe[-1] if with_recipe else folders[0]


def _wake_one(services: Services, drop: Drop, what: str) -> None:
    if read_receipt(services, drop) is not None:
        return
    if read_receipt(services, drop, waiting_for=what) is not None:
        request = TuningRequested(dataset_uri=drop.uri, dataset_generation=drop.generation)
        services.post.send(request, event_id=f"wake/{drop.drop_id}", subject=drop.uri)


def _holds_recipe(services: Services, bucket: str, folder: str) -> bool:
    try:
        services.store.stat(bucket, naming.in_folder(folder, naming.RECIPE_FILE))
    except NotFoundError:
        return False
    return True
