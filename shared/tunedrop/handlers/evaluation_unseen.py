"""Which rows a tuned model never saw: those held out for its own run, and for every model that it was tuned on from.

Reads records and the hashes beside them; reads no row.
"""

from msgspec import Struct

from tunedrop import registry
from tunedrop.domain.registered import Family
from tunedrop.domain.runs import Run
from tunedrop.domain.split import HASH_BYTES, hashes_from_bytes
from tunedrop.errors import NotFoundError
from tunedrop.planning.holding_out import MOST_EVALUATION_ROWS
from tunedrop.services import Services

MOST_ANCESTORS = 5
"""A model that comes from more is taken for one whose ancestors nobody knows; each costs two reads."""
_MOST_HASH_BYTES = HASH_BYTES * MOST_EVALUATION_ROWS


class Unseen(Struct, frozen=True):
    """Content hashes of the rows that measure a run's model."""

    own: frozenset[int] | None
    """Held out for the run itself; None where its record does not tell."""
    inherited: frozenset[int] | None
    """Held out for all its ancestors as well; None where nobody knows those."""
    has_ancestors: bool

    def is_own(self, number: int) -> bool:
        """Whether the run did not train on the row; of a run that does not tell, none of its evaluation rows."""
        return self.own is None or number in self.own

    def is_unseen(self, number: int) -> bool:
        """Whether no ancestor trained on it either."""
        if not self.has_ancestors:
            return self.is_own(number)
        return self.inherited is not None and number in self.inherited and self.is_own(number)


def unseen_by(services: Services, run: Run) -> Unseen:
    """What a run's model and its ancestors were kept from."""
    own = _held_out(services, run)
    if not _goes_on(run):
        return Unseen(own, None, has_ancestors=False)
    ancestors = _ancestors(services, run)
    inherited: frozenset[int] | None = None
    for ancestor in ancestors or ():
        found = _held_out(services, ancestor)
        if found is None:
            return Unseen(own, None, has_ancestors=True)
        inherited = found if inherited is None else inherited & found
    return Unseen(own, inherited, has_ancestors=True)


def _goes_on(run: Run) -> bool:
    return bool((run.accepted.get("plan") or {}).get("pre_tuned_model"))


def _ancestors(services: Services, run: Run) -> list[Run] | None:
    """The runs that a registered model comes from; None if one of them is not ours, or cannot be read."""
    models = registry.versions(services, broken=[])
    own = (each for each in models if (each.run_id, each.attempt) == (run.run_id, run.attempt))
    model = next(own, None)
    found = Family(models).ancestors(model) if model else []
    if model is None or not found or found[-1].pre_tuned_model or len(found) > MOST_ANCESTORS:
        return None
    runs = [services.runbook.load(each.run_id) for each in found]
    known = [each for each in runs if each is not None]
    return known if len(known) == len(runs) else None


def _held_out(services: Services, run: Run) -> frozenset[int] | None:
    """None if the run's record does not tell; none of a file that is gone."""
    told = run.accepted.get("holdout_hashes")
    if not told:
        return None
    work = services.settings.work_bucket
    try:
        data = services.store.read(work, str(told["path"]), max_bytes=_MOST_HASH_BYTES)
    except NotFoundError:
        return frozenset()
    return frozenset(hashes_from_bytes(data))
