"""Access rights on one resource as a step: what is missing is given, what our identities have beyond is taken.

Knows policies; knows no particular resource.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tunedrop_deploy_lib.gcloud import Command
from tunedrop_deploy_lib.steps import Difference, Fill, Grant, Step

PUBLIC = ("allUsers", "allAuthenticatedUsers")
BASIC = ("projectEditor:", "projectViewer:")
"""Beginnings of the members that stand for everybody with a basic role on the project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something with a policy, and how gcloud reaches it."""

    key: str
    name: str
    """Noun phrase."""
    group: Command
    """Such as `("storage", "buckets")`."""
    target: Command
    """Names the resource, and whatever flags that takes."""
    says_condition: bool = False
    """Whether a right without a condition has to be said to have none."""
    is_ours: bool = True
    """Whether it may be closed to the public, and to whoever has a basic role on the project."""


@dataclass(frozen=True, slots=True)
class Held:
    """A right that somebody holds."""

    member: str
    role: str
    condition: str = ""
    title: str = ""


def policy_step(
    resource: Resource,
    grants: Sequence[Grant],
    *,
    ours: Sequence[str],
    exact: Sequence[str] = (),
    first: Sequence["Held"] = (),
    why: str,
) -> Step:
    """Build the step that holds a resource's policy to the grants.

    Args:
        resource: Whose policy it is.
        grants: What has to be there.
        ours: Members of this deployment; whatever they hold beyond the grants is a difference.
        exact: Roles that nobody but the grants' members may hold.
        first: What the service gives by itself when the resource is made, and is taken away.
        why: One sentence for the plan.
    """

    def judge(found: Any, fill: Fill) -> tuple[Difference, ...]:  # noqa: ANN401 — JSON
        wanted = {_wanted(grant, fill): grant for grant in grants}
        held = list(_held(found))
        missing = [grant for want, grant in wanted.items() if want not in held]
        known = {fill(member) for member in ours}
        surplus = [
            have
            for have in held
            if have not in wanted
            and (have.member in known or have.role in exact or _too_many(resource, have))
        ]
        return (
            *(_missing(resource, grant, fill) for grant in missing),
            *(_surplus(resource, have) for have in surplus),
        )

    def undo(found: Any, fill: Fill) -> tuple[Command, ...]:  # noqa: ANN401 — JSON
        known = {fill(member) for member in ours}
        return tuple(_remove(resource, have) for have in _held(found) if have.member in known)

    return Step(
        key=f"policy/{resource.key}",
        makes=f"access rights on {resource.name}",
        why=why,
        look=_command(resource, "get-iam-policy", "--format=json"),
        create=(
            *(_remove(resource, have) for have in first),
            *(_add(resource, grant) for grant in grants),
        ),
        judge=judge,
        undo=undo,
        absent=lambda _found: False,
        grants=tuple(grants),
    )


def _too_many(resource: Resource, have: Held) -> bool:
    return resource.is_ours and (have.member in PUBLIC or have.member.startswith(BASIC))


def _wanted(grant: Grant, fill: Fill) -> Held:
    return Held(fill(grant.member), fill(grant.role), fill(grant.condition), grant.title)


def _held(policy: Any) -> Iterator[Held]:  # noqa: ANN401 — JSON
    for binding in (policy or {}).get("bindings", []):
        condition = binding.get("condition") or {}
        for member in binding.get("members", []):
            yield Held(
                member,
                binding["role"],
                condition.get("expression", ""),
                condition.get("title", ""),
            )


def _missing(resource: Resource, grant: Grant, fill: Fill) -> Difference:
    only = f" {grant.title}" if grant.condition else ""
    what = f"{resource.name}: expected {fill(grant.member)} to hold {grant.role}{only}, found it does not"
    return Difference(what, (_add(resource, grant),))


def _surplus(resource: Resource, have: Held) -> Difference:
    only = f" {have.title}" if have.condition else ""
    what = f"{resource.name}: expected {have.member} not to hold {have.role}{only}, found it does"
    return Difference(what, (_remove(resource, have),))


def _add(resource: Resource, grant: Grant) -> Command:
    return _bind(
        resource,
        "add-iam-policy-binding",
        Held(grant.member, grant.role, grant.condition, grant.title),
    )


def _remove(resource: Resource, have: Held) -> Command:
    return _bind(resource, "remove-iam-policy-binding", have)


def _bind(resource: Resource, verb: str, held: Held) -> Command:
    condition: tuple[str, ...] = ()
    if held.condition:
        condition = (f"--condition=expression={held.condition},title={held.title}",)
    elif resource.says_condition:
        condition = ("--condition=None",)
    return _command(resource, verb, f"--member={held.member}", f"--role={held.role}", *condition)


def _command(resource: Resource, verb: str, *flags: str) -> Command:
    return (*resource.group, verb, *resource.target, *flags)


def members_of(emails: Sequence[str]) -> tuple[str, ...]:
    """Service accounts as members."""
    return tuple(f"serviceAccount:{email}" for email in emails)
