"""Judges the project itself: the caller's credentials, its state and number, its interfaces, and whether Vertex AI answers.

Pure; knows nothing of buckets, topics or functions.
"""

from collections.abc import Iterator
from typing import Any

from tunedrop.doctor.lines import GOOD, Facts, Line, Need, State, Verdict
from tunedrop.doctor.subject import Subject
from tunedrop.topology import APIS


def project_lines(subject: Subject, facts: Facts) -> Iterator[Line]:
    """Credentials, project, interfaces, and Vertex AI in the deployment's region."""
    yield _credentials(facts)
    need = Need(
        "project.state",
        f"project {subject.project}",
        "Everything of the deployment lies in one project, and its services know it by its number.",
    )
    yield need.seen_in(facts["project"], lambda found: _project(subject, found))
    yield from _apis(subject, facts)
    region = subject.settings.region
    need = Need(
        "project.vertex",
        f"Vertex AI in {region}",
        "Jobs are created, found again and followed there.",
    )
    yield need.seen_in(facts["vertex"], lambda found: _answers(region, found))


def project_number(subject: Subject, facts: Facts) -> str:
    """The project's number as the project says it, else as the settings do; or empty."""
    found = facts.value("project") or {}
    return str(found.get("projectNumber", "") or subject.settings.project_number)


def _credentials(facts: Facts) -> Line:
    need = Need(
        "project.credentials",
        "Google credentials of the caller",
        "The doctor and the command line look with the caller's own rights.",
    )
    sight = facts.identity
    if sight.outcome == "absent":
        return need.is_(Verdict(State.MISSING, sight.reason, sight.mend))
    return need.seen_in(sight, lambda found: Verdict(State.GOOD, str(found)))


def _project(subject: Subject, found: Any) -> Verdict:  # noqa: ANN401 — JSON
    if found is None:
        remedy = (
            "create it, or correct TUNEDROP_PROJECT; `gcloud projects list` names those you see"
        )
        return Verdict(State.MISSING, "no such project", remedy=remedy)
    if found.get("lifecycleState", "ACTIVE") != "ACTIVE":
        mend = (f"gcloud projects undelete {subject.project}",)
        return Verdict(State.UNFIT, f"it is {found['lifecycleState']}", mend)
    number, said = str(found.get("projectNumber", "")), subject.settings.project_number
    if said and said != number:
        remedy = f"set TUNEDROP_PROJECT_NUMBER={number}"
        return Verdict(State.UNFIT, f"its number is {number}, the settings say {said}", (), remedy)
    return Verdict(State.GOOD, f"number {number}")


def _apis(subject: Subject, facts: Facts) -> Iterator[Line]:
    wanted = APIS | ({"cloudkms": "keeps the encryption key"} if subject.keys else {})
    sight = facts["services"]
    enabled = {service.get("config", {}).get("name", "") for service in sight.value or ()}
    enabled |= {service.get("name", "").rpartition("/")[2] for service in sight.value or ()}
    for api, does in sorted(wanted.items()):
        host = f"{api}.googleapis.com"
        mend = (subject.gcloud("services", "enable", host),)
        missing = Verdict(State.MISSING, "not enabled", mend)
        verdict = GOOD if host in enabled else missing
        need = Need(f"api.{api}", host, f"It {does}; a project has to enable it first.")
        yield need.if_seen(sight, verdict)


def _answers(region: str, found: Any) -> Verdict:  # noqa: ANN401 — JSON
    if found is None:
        return Verdict(State.UNFIT, "it answers that there is no such place", (), _other(region))
    return GOOD


def _other(region: str) -> str:
    return f"deploy to a region of Vertex AI; {region} seems to be none"
