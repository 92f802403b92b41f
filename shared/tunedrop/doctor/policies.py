"""IAM policies as values: who holds what under which condition, and the gcloud lines that give and take it.

Pure; knows no particular resource.
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tunedrop.doctor.lines import GOOD, State, Verdict


@dataclass(frozen=True, slots=True)
class Holding:
    """One right: a member, a role, and the condition that it is under."""

    member: str
    role: str
    condition: str = ""
    title: str = ""

    @property
    def words(self) -> str:
        """The role, and where it holds."""
        return f"{self.role.rpartition('/')[2]} {self.title or 'everywhere'}"


@dataclass(frozen=True, slots=True)
class Resource:
    """Something with a policy, as gcloud names it.

    Attributes:
        group: Such as `("storage", "buckets")`.
        target: Its name, with whatever flags that takes.
        says_condition: Whether a right without a condition has to be said to have none.
    """

    group: tuple[str, ...]
    target: tuple[str, ...]
    says_condition: bool = False

    def add(self, holding: Holding, project: str) -> str:
        """The line that gives a right."""
        return self._bind("add-iam-policy-binding", holding, project)

    def remove(self, holding: Holding, project: str) -> str:
        """The line that takes a right away."""
        return self._bind("remove-iam-policy-binding", holding, project)

    def _bind(self, verb: str, holding: Holding, project: str) -> str:
        condition: tuple[str, ...] = ()
        if holding.condition:
            condition = (f"--condition=expression={holding.condition},title={holding.title}",)
        elif self.says_condition:
            condition = ("--condition=None",)
        # `gcloud projects` takes the project as its target.
        flag = () if self.group == ("projects",) else (f"--project={project}",)
        who = (f"--member={holding.member}", f"--role={holding.role}")
        return shlex.join(("gcloud", *self.group, verb, *self.target, *who, *condition, *flag))


def holdings(policy: Any) -> Iterator[Holding]:  # noqa: ANN401 — JSON of any shape
    """Every right that a policy gives."""
    for binding in (policy or {}).get("bindings", ()):
        condition = binding.get("condition") or {}
        for member in binding.get("members", ()):
            expression, title = condition.get("expression", ""), condition.get("title", "")
            yield Holding(member, binding.get("role", ""), expression, title)


def holds(policy: Any, wanted: Holding) -> bool:  # noqa: ANN401 — JSON of any shape
    """Whether a policy gives exactly this right; a condition's title does not matter."""
    return _bare(wanted) in map(_bare, holdings(policy))


def judge_holding(
    policy: Any,  # noqa: ANN401 — JSON of any shape
    above: Any,  # noqa: ANN401 — JSON of any shape
    wanted: Holding,
    resource: Resource,
    project: str,
) -> Verdict:
    """Judge a right by the resource's own policy, and by the project's, which holds there as well."""
    if holds(policy, wanted):
        return GOOD
    give = resource.add(wanted, project)
    same = [
        have
        for have in holdings(policy)
        if (have.member, have.role) == (wanted.member, wanted.role)
    ]
    if same:
        mend = (give, *(resource.remove(have, project) for have in same))
        found = f"held {same[0].words}, expected {wanted.title or 'everywhere'}"
        return Verdict(State.UNFIT, found, mend)
    everywhere = replace(wanted, condition="", title="")
    if holds(above, everywhere):
        if not wanted.condition:
            return Verdict(State.GOOD, "given on the whole project")
        parent = Resource(("projects",), (project,), says_condition=True)
        found = f"held on the whole project, expected {wanted.title}"
        return Verdict(State.UNFIT, found, (give, parent.remove(everywhere, project)))
    return Verdict(State.MISSING, "not given", (give,))


def _bare(holding: Holding) -> Holding:
    return replace(holding, condition=" ".join(holding.condition.split()), title="")
