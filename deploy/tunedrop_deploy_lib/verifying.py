"""Reads a whole deployment back and lists what is not as the plan says, each with the command that mends it.

Knows what was seen; changes nothing.
"""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.errors import GcloudError
from tunedrop_deploy_lib.gcloud import Command, Gcloud, shell_line
from tunedrop_deploy_lib.plan import fact_lines
from tunedrop_deploy_lib.surveying import Seen, survey


@dataclass(frozen=True, slots=True)
class Deviation:
    """Something that is not as the plan says.

    Attributes:
        key: Of the step whose part it is.
        what: One sentence: expected this, found that.
        lines: Shell lines that mend it; none where only a person may decide.
        remedy: What that person can do.
    """

    key: str
    what: str
    lines: tuple[str, ...] = ()
    remedy: str = ""


def deviations(deployment: Deployment, gcloud: Gcloud) -> Iterator[Deviation]:
    """Yield every difference between the project and the plan, in the plan's order."""
    yield from _of_project(deployment, gcloud)
    for seen in survey(deployment.steps, gcloud):
        yield from _of(deployment, seen)


def verify(
    deployment: Deployment,
    gcloud: Gcloud,
    *,
    config_path: str,
    say: Callable[[str], None] = print,
) -> int:
    """Say every difference and how to mend it; returns how many there are."""
    say(f"Looking at {len(deployment.steps)} parts of project {deployment.config.project} …")
    count = 0
    for count, found in enumerate(deviations(deployment, gcloud), start=1):  # noqa: B007 — counted
        say(f"- {found.what}")
        for line in found.lines:
            say(f"    {line}")
        if found.remedy:
            say(f"    {found.remedy}")
    if count:
        again = f"python deploy/tunedrop_deploy.py apply --config {shlex.quote(config_path)}"
        say(f"{count} differences. To mend all that can be mended without a person: {again}")
    else:
        say("Everything is as the plan says.")
    return count


def _of_project(deployment: Deployment, gcloud: Gcloud) -> Iterator[Deviation]:
    expected = deployment.config.project_number
    try:
        found = gcloud.fill("${PROJECT_NUMBER}") if expected else ""
    except GcloudError as error:
        what = f"project {deployment.config.project}: could not be asked for its number: {error}"
        yield Deviation("project", what, (), "see whether the interface for it is enabled, below")
        return
    if expected != found:
        what = f"project {deployment.config.project}: expected the number {expected}, found {found}"
        yield Deviation("project", what, (), "correct project or project_number")


def _of(deployment: Deployment, seen: Seen) -> Iterator[Deviation]:
    key, makes = seen.step.key, seen.step.makes
    if seen.unseen:
        remedy = "ask whoever administers the project for the right to read it"
        yield Deviation(key, f"{makes}: could not be looked at: {seen.unseen}", (), remedy)
    elif seen.absent:
        lines = tuple(_lines(deployment, seen.step.create))
        what = f"{makes}: expected it, found nothing, or not what it hangs on"
        yield Deviation(key, what, lines, seen.step.remedy)
    for difference in seen.differences:
        lines = tuple(_lines(deployment, difference.mend))
        yield Deviation(key, difference.what, lines, difference.remedy)


def _lines(deployment: Deployment, commands: tuple[Command, ...]) -> Iterator[str]:
    yield from fact_lines(commands, deployment.facts, set())
    yield from map(shell_line, commands)
