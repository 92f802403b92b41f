"""The table of every right that a deployment gives, as docs/deploy.md shows it.

Knows steps; runs nothing.
"""

from collections.abc import Iterator

from tunedrop.topology import CUSTOM_ROLES
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.steps import Grant

START, END = "<!-- permissions: generated -->", "<!-- permissions: end -->"


def permissions_table(deployment: Deployment) -> str:
    """Markdown: who holds which role on what, where, and why; then what our own roles hold."""
    rows = ["| who | role | on | only in | why |", "|---|---|---|---|---|"]
    rows += _rows(deployment)
    rows += ["", "| our role | permissions | why |", "|---|---|---|"]
    for role, (why, permissions) in CUSTOM_ROLES.items():
        names = ", ".join(f"`{name}`" for name in sorted(permissions))
        rows.append(f"| `{deployment.names.custom_role_id(role)}` | {names} | {why} |")
    return "\n".join(rows) + "\n"


def _rows(deployment: Deployment) -> Iterator[str]:
    for step in deployment.steps:
        target = step.makes.removeprefix("access rights on ")
        for grant in step.grants:
            role = grant.role.rpartition("/")[2]
            folders = _folders(grant)
            yield f"| {grant.holder} | `{role}` | {target} | {folders} | {grant.why} |"


def _folders(grant: Grant) -> str:
    return ", ".join(f"`{folder}/`" for folder in grant.title.removeprefix("in ").split())
