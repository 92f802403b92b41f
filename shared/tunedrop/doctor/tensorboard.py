"""Judges the TensorBoard instance: there, in the deployment's project, in the region of its jobs.

Pure; the rule is the one that recipes are held to.
"""

from collections.abc import Iterator
from typing import Any

from tunedrop.doctor.lines import GOOD, Facts, Line, Need, State, Verdict
from tunedrop.doctor.project import project_number
from tunedrop.doctor.subject import Subject
from tunedrop.domain import tuning as rules
from tunedrop.domain.hosts import location_in


def tensorboard_lines(subject: Subject, facts: Facts) -> Iterator[Line]:
    """What a pipeline needs to write its curves."""
    name, region = subject.settings.tensorboard, subject.settings.region
    if not name:
        need = Need(
            "tensorboard.any", "a TensorBoard instance", "Pipelines can write their curves to it."
        )
        yield need.is_(Verdict(State.NOT_NEEDED, "none is named in TUNEDROP_TENSORBOARD"))
        return
    problems = rules.tensorboard_problems(name, region)
    need = Need(
        "tensorboard.region", f"location of {name}", "A pipeline takes one of its own region only."
    )
    yield need.is_(
        Verdict(State.UNFIT, f"{problems[0].found}, jobs run in {region}", _create(subject), _NAME)
        if problems
        else GOOD
    )
    need = Need(
        "tensorboard.project", f"project of {name}", "A job writes to its own project only."
    )
    yield need.is_(_project(subject, facts, name))
    if location_in(name):
        need = Need("tensorboard.exists", name, "Jobs that name it are refused without it.")
        yield need.seen_in(facts["tensorboard"], lambda found: _exists(subject, found))


_NAME = "name the new instance in TUNEDROP_TENSORBOARD"


def _project(subject: Subject, facts: Facts, name: str) -> Verdict:
    project = name.split("/")[1] if name.startswith("projects/") else "no project"
    if project in (subject.project, project_number(subject, facts)):
        return GOOD
    found = f"it lies in {project}, jobs run in {subject.project}"
    return Verdict(State.UNFIT, found, _create(subject), _NAME)


def _exists(subject: Subject, found: Any) -> Verdict:  # noqa: ANN401 — JSON
    if found is not None:
        return GOOD
    return Verdict(State.MISSING, "no such instance", _create(subject), _NAME)


def _create(subject: Subject) -> tuple[str, ...]:
    flags = (f"--region={subject.settings.region}", f"--display-name={subject.settings.deployment}")
    return (subject.gcloud("ai", "tensorboards", "create", *flags),)
