"""Judges accounts and roles: those of the deployment, and the accounts that Google's services act as.

Pure; what the accounts hold elsewhere is judged elsewhere.
"""

from collections.abc import Iterator
from typing import Any

from tunedrop.doctor.lines import GOOD, Facts, Line, Need, State, Verdict
from tunedrop.doctor.policies import Holding, Resource, holds
from tunedrop.doctor.project import project_number
from tunedrop.doctor.subject import Subject
from tunedrop.topology import ACCOUNTS, AGENTS, CUSTOM_ROLES, custom_role_id


def account_lines(subject: Subject, facts: Facts) -> Iterator[Line]:
    """Service accounts, roles of our own, and service agents."""
    accounts = {each.get("email"): each for each in facts.value("accounts") or ()}
    for role, why in ACCOUNTS.items():
        email = subject.account(role)
        verdict = _account(subject, email, accounts.get(email))
        need = Need(f"account.{role}", email, why)
        yield need.if_seen(facts["accounts"], verdict)
    roles = {each["name"]: each for each in facts.value("roles") or ()}
    for role, (why, permissions) in CUSTOM_ROLES.items():
        verdict = _role(subject, role, frozenset(permissions), roles.get(subject.role(role)))
        need = Need(f"role.{role}", custom_role_id(subject.settings.deployment, role), why)
        yield need.if_seen(facts["roles"], verdict)
    for service in AGENTS:
        if service != "aiplatform" or subject.keys:
            yield _agent(subject, facts, service)


def _account(subject: Subject, email: str, found: dict[str, Any] | None) -> Verdict:
    def command(verb: str, name: str, *flags: str) -> tuple[str, ...]:
        return (subject.gcloud("iam", "service-accounts", verb, name, *flags),)

    if found is None:
        return Verdict(State.MISSING, "no such account", command("create", email.partition("@")[0]))
    if found.get("disabled"):
        return Verdict(State.UNFIT, "it is disabled", command("enable", email))
    return GOOD


def _role(
    subject: Subject, role: str, wanted: frozenset[str], found: dict[str, Any] | None
) -> Verdict:
    role_id = custom_role_id(subject.settings.deployment, role)

    def command(verb: str, *flags: str) -> tuple[str, ...]:
        return (subject.gcloud("iam", "roles", verb, role_id, *flags),)

    exactly = f"--permissions={','.join(sorted(wanted))}"
    if found is None:
        title = f"--title={subject.settings.deployment} {role}"
        return Verdict(
            State.MISSING, "no such role", command("create", title, exactly, "--stage=GA")
        )
    if found.get("deleted"):
        return Verdict(State.UNFIT, "it is deleted", command("undelete"))
    held = frozenset(found.get("includedPermissions", ()))
    if held == wanted:
        return GOOD
    parts = [
        f"{words} {', '.join(sorted(permissions))}"
        for words, permissions in (("it lacks", wanted - held), ("it need not hold", held - wanted))
        if permissions
    ]
    return Verdict(State.UNFIT, "; ".join(parts), command("update", exactly))


def _agent(subject: Subject, facts: Facts, service: str) -> Line:
    role = f"roles/{service}.serviceAgent"
    need = Need(
        f"agent.{service}",
        f"the account that {service} acts as",
        f"Lets {service} act in the project as it is meant to.",
    )
    number = project_number(subject, facts)
    if not number:
        return need.if_seen(
            facts["project"],
            Verdict(State.MISSING, "no such project", remedy="correct TUNEDROP_PROJECT"),
        )
    member = f"serviceAccount:{subject.agent(service, number)}"
    project = Resource(("projects",), (subject.project,), says_condition=True)
    holding = Holding(member, role)

    def judge(policy: Any) -> Verdict:  # noqa: ANN401 — JSON
        if holds(policy, holding):
            return GOOD
        words = ("beta", "services", "identity", "create", f"--service={service}.googleapis.com")
        mend = (subject.gcloud(*words), project.add(holding, subject.project))
        return Verdict(State.MISSING, f"{member} does not hold {role}", mend)

    return need.seen_in(facts["policy/project"], judge)
