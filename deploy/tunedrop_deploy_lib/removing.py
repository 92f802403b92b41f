"""Takes a deployment down in the reverse order of its making, keeps people's data, and lists what is left.

Knows steps; removes nothing that is not this deployment's.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.errors import GcloudError
from tunedrop_deploy_lib.gcloud import Command, Gcloud, shell_line
from tunedrop_deploy_lib.steps import Step
from tunedrop_deploy_lib.surveying import Seen, look_at

RUNTIME_BUCKETS = ("gcf-v2-sources-", "gcf-v2-uploads-")
"""Beginnings of the buckets that Cloud Run functions keeps uploads in, as of 2026-11 and unconfirmed."""
RUNTIME_REPOSITORY = "gcf-artifacts"
"""Repository that it keeps images in, as of 2026-11 and unconfirmed."""


def removable(deployment: Deployment, *, purge: bool) -> list[Step]:
    """Return the steps whose parts are removed, in the order of removal."""
    return [step for step in reversed(deployment.steps) if purge or not step.holds_data]


def destroy(
    deployment: Deployment,
    gcloud: Gcloud,
    *,
    purge: bool,
    say: Callable[[str], None] = print,
) -> None:
    """Remove every part that is there; what is gone already, or never was, is passed over.

    Raises:
        GcloudError: A removal failed; running it again goes on from there.
    """
    for step in removable(deployment, purge=purge):
        seen = _seen(step, gcloud)
        commands = () if seen.absent else step.undo(seen.found, gcloud.fill)
        for command in commands:
            gcloud.remove(command)
        if commands:
            say(f"removed {step.makes}")
    say("What is left:")
    for line in leftovers(deployment, gcloud, purge=purge):
        say(f"- {line}")


def _seen(step: Step, gcloud: Gcloud) -> Seen:
    seen = look_at(step, gcloud)
    if seen.unseen:
        msg = f"{step.makes}: could not be looked at\n    {seen.unseen}"
        raise GcloudError(msg, seen.unseen)
    return seen


def leftovers(deployment: Deployment, gcloud: Gcloud, *, purge: bool) -> Iterator[str]:
    """Yield what stays in the project, each with the command that removes it where there is one."""
    gcloud.forget()
    for step in deployment.steps:
        if step.holds_data and not purge and not look_at(step, gcloud).absent:
            lines = [shell_line(c) for c in step.undo(_found(gcloud, step.look), gcloud.fill)]
            yield f"{step.makes}\n    " + "\n    ".join(lines)
    yield from _of_the_runtime(deployment, gcloud)
    yield from _of_the_service(deployment, gcloud)
    yield (
        "enabled APIs and the accounts of Google's services, which other things in the project may need; "
        "custom roles, which stay marked as deleted for a week"
    )


def _found(gcloud: Gcloud, command: Command) -> Any:  # noqa: ANN401 — JSON of any shape
    try:
        return gcloud.look(command)
    except GcloudError:
        return None  # what cannot be looked at is not ours to list


def _of_the_runtime(deployment: Deployment, gcloud: Gcloud) -> Iterator[str]:
    """What Cloud Run functions left: uploads and images, which the project's other functions share."""
    names, region = deployment.names, deployment.config.region
    buckets = ("storage", "buckets", "list", names.project_flag, "--format=json")
    for bucket in _found(gcloud, buckets) or []:
        if bucket["name"].startswith(RUNTIME_BUCKETS):
            yield f"bucket gs://{bucket['name']} of Cloud Run functions, shared by all functions of the project"
    at = (RUNTIME_REPOSITORY, f"--location={region}", names.project_flag)
    if _found(gcloud, ("artifacts", "repositories", "describe", *at, "--format=json")):
        line = shell_line(("artifacts", "repositories", "delete", *at))
        yield f"repository {RUNTIME_REPOSITORY} of the functions' images, shared likewise\n    {line}"


def _of_the_service(deployment: Deployment, gcloud: Gcloud) -> Iterator[str]:
    """Endpoints that go on serving, and costing, until somebody undeploys them."""
    names = deployment.names
    label = f"--filter=labels.tunedrop-deployment={names.deployment}"
    for region in dict.fromkeys((deployment.config.region, *deployment.config.allowed_regions)):
        at = (f"--region={region}", names.project_flag)
        for endpoint in (
            _found(gcloud, ("ai", "endpoints", "list", *at, label, "--format=json")) or []
        ):
            served = [one["id"] for one in endpoint.get("deployedModels", [])]
            lines = [
                _line("undeploy-model", endpoint, f"--deployed-model-id={one}", *at)
                for one in served
            ]
            lines.append(_line("delete", endpoint, *at))
            what = "which costs as long as it serves" if served else "which serves nothing"
            yield f"endpoint {endpoint['name']}, {what}\n    " + "\n    ".join(lines)


def _line(verb: str, endpoint: dict[str, Any], *flags: str) -> str:
    return shell_line(("ai", "endpoints", verb, endpoint["name"], *flags))
