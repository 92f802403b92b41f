"""What got lost on the way: objects that nobody announced, verdicts that nobody was told of, marks that are gone.

Each look is bounded, and goes on where the last one stopped.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby

from tunedrop import logs
from tunedrop.contracts import LaunchRequested, TuningRequested
from tunedrop.domain import naming, places
from tunedrop.domain.naming import GsUri, ObjectRole
from tunedrop.handlers.slow_walks import is_due_again, page_of, put_by, resume
from tunedrop.marks import Mark
from tunedrop.ports import ObjectInfo
from tunedrop.services import Services

YOUNG = timedelta(days=2)
"""Objects and verdicts older than this are left alone: whoever missed them has long asked."""
_OBJECTS, _VERDICTS, _RUNS = "intake", "verdicts", "runs"
_VERDICTS_A_SWEEP = 200
_STEPS_A_SWEEP = 1000
_UNANNOUNCED = frozenset({ObjectRole.PLACEHOLDER, ObjectRole.UPLOAD_PART})


def hand_on_lost_objects(services: Services) -> None:
    """Hand every young object of the intake bucket that still has no final answer to the validator, less and less often.

    Most have lost their event; one that waits for a file may have lost the message that was to wake it.
    """
    now, walk, grace = services.clock.now(), resume(services, _OBJECTS), _grace(services)
    for info in services.store.list(services.settings.intake_bucket, prefix=""):
        age = now - info.created_at
        is_due = age < YOUNG and is_due_again(age, walk.age_then(info.created_at), grace)
        is_announced = naming.object_role(info.name) not in _UNANNOUNCED
        if is_due and is_announced and not _is_answered(services, info):
            _hand_on(services, info)
    put_by(services, _OBJECTS, walk, "")


def say_lost_verdicts(services: Services) -> None:
    """Ask for the launch of accepted datasets whose run the launcher has not heard of, at growing intervals."""
    now, walk, grace = services.clock.now(), resume(services, _VERDICTS), _grace(services)
    page, following = page_of(services, walk, "verdicts/", most=_VERDICTS_A_SWEEP)
    for info in page:
        run_id, age = info.metadata.get("run_id", ""), now - info.created_at
        is_due = age < YOUNG and is_due_again(age, walk.age_then(info.created_at), grace)
        drop_id = info.name.removeprefix("verdicts/").removesuffix(".json")
        if run_id and is_due and not _is_known(services, run_id, drop_id):
            logs.warning(f"run {run_id}: accepted, and not known to the launcher", drop_id=drop_id)
            request = LaunchRequested(drop_id=drop_id, run_id=run_id)
            services.post.send(request, event_id=f"launch/{drop_id}", subject=run_id)
    put_by(services, _VERDICTS, walk, following)


def strayed(services: Services, marks: Mapping[str, Mark]) -> list[str]:
    """Runs whose mark is gone too soon, or tells of another step than the newest, among some of the ledger's runs."""
    walk = resume(services, _RUNS)
    page, following = page_of(services, walk, "runs/", most=_STEPS_A_SWEEP)
    groups = [(run_id, list(records)) for run_id, records in groupby(page, key=_run_of)]
    if following and len(groups) > 1:
        following = groups.pop()[1][0].name  # its newest records are on the next page
    put_by(services, _RUNS, walk, following)
    return [run_id for run_id, records in groups if _is_astray(records, marks.get(run_id))]


def _is_astray(records: Sequence[ObjectInfo], mark: Mark | None) -> bool:
    newest = records[-1].name.rpartition("/")[2]
    if mark is None:
        return not newest.endswith(places.SAID_SUFFIX)
    return f"{mark.announced:06d}" != newest.partition(".")[0]


def _grace(services: Services) -> timedelta:
    return timedelta(seconds=services.settings.timings.accepted_grace_seconds)


def _is_known(services: Services, run_id: str, drop_id: str) -> bool:
    """Whether the launcher has written down who asks, and has begun the run."""
    asked = services.ledger.read(places.asker_path(run_id, drop_id)) is not None
    return asked and bool(services.runbook.state_of(run_id))


def _is_answered(services: Services, info: ObjectInfo) -> bool:
    final = places.receipt_path(info.bucket, info.name, info.generation)
    return services.ledger.read(final) is not None


def _hand_on(services: Services, info: ObjectInfo) -> None:
    if not GsUri.fits(info.bucket, info.name):
        logs.warning("an object without a receipt has a name that no message can carry")
        return
    logs.warning(
        f"{info.uri}: no final receipt; its event, or what was to wake it, is lost or late"
    )
    request = TuningRequested(dataset_uri=info.uri, dataset_generation=info.generation)
    event_id = f"lost/{naming.drop_id(info.bucket, info.name, info.generation)}"
    services.post.send(request, event_id=event_id, subject=info.uri)


def _run_of(info: ObjectInfo) -> str:
    return info.name.split("/")[1]
