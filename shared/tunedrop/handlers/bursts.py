"""Whether a run is one of too many of its recipe within an hour, by what the ledger saw first.

Counts attempts by when they were first looked at, on the storage service's clock; holds nothing itself.
"""

from datetime import timedelta

from tunedrop.domain import places
from tunedrop.domain.runs import Run
from tunedrop.services import Services

_HOUR = timedelta(hours=1)


def is_burst(services: Services, run: Run) -> bool:
    """Record that the attempt was looked at, and tell whether too many came before it within an hour.

    The answer stays the same however often it is asked: whatever counts was there before the attempt's record.
    """
    limit = services.settings.max_new_runs_per_hour
    if run.is_rehearsal:
        return False
    recipe, at = str(run.accepted["recipe"]["name"]), run.steps_of_attempt[0].at
    path = places.start_path(recipe, at, run.run_id, run.attempt)
    record = {"kind": "start", "recipe": recipe, "run_id": run.run_id, "attempt": run.attempt}
    services.ledger.create(path, record)
    seen = {
        info.name: info.created_at
        for hour in (at - _HOUR, at)
        for info in services.ledger.list(places.starts_prefix(recipe, hour))
    }
    own = seen[path]
    rank = sum(
        own - _HOUR < created_at and (created_at, name) <= (own, path)
        for name, created_at in seen.items()
    )
    return rank > limit
