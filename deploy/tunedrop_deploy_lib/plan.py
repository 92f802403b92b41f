"""Prints a deployment: every gcloud line in order, with why, and what it costs.

Knows text; runs nothing.
"""

import json
from collections.abc import Iterator
from typing import Any

from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.gcloud import Command, Fact, facts_of, shell_line
from tunedrop_deploy_lib.steps import Step

COSTS = (
    "About $0 to $1 a month at a hundred datasets, beside the tuning itself, which costs a hundred times more;",
    "list prices of us-central1, nobody's bill was looked at. Free allowances are the billing account's.",
)


def fact_lines(
    commands: tuple[Command, ...], facts: dict[str, Fact], known: set[str]
) -> Iterator[str]:
    """Yield the shell assignments that the commands need, those of `known` left out and then added."""
    for name in facts_of([word for command in commands for word in command]):
        if name not in known:
            yield from fact_lines((facts[name].command,), facts, known)
            known.add(name)
            yield f'{name}="$({shell_line(facts[name].command)})"'


def plan_text(deployment: Deployment, config_path: str) -> str:
    """The plan as a shell script that can be pasted as a whole or line by line."""
    names = deployment.names
    lines = [
        f"# Deployment {names.deployment} in project {names.project}. Run from the repository's root.",
        *(f"# {line}" for line in COSTS),
        "",
        "export CLOUDSDK_CORE_DISABLE_PROMPTS=1",
        "# Write the bundles and settings that the commands below read, under build/.",
        f"python deploy/tunedrop_deploy.py stage --config {config_path}",
    ]
    known: set[str] = set()
    for number, step in enumerate(deployment.steps, start=1):
        if step.create or step.remedy:
            lines += ["", f"# {number}. {step.makes}", f"# Why: {step.why}"]
            lines += [f"# Costs: {step.monthly}"] if step.monthly else []
            lines += [*fact_lines(step.create, deployment.facts, known)]
            lines += [shell_line(command) for command in step.create]
            lines += [f"# By hand: {step.remedy}."] if step.remedy else []
    return "\n".join(lines) + "\n"


def plan_json(deployment: Deployment) -> str:
    """The plan for programs."""
    document = {
        "deployment": deployment.names.deployment,
        "project": deployment.names.project,
        "facts": {
            name: {"what": fact.what, "line": shell_line(fact.command)}
            for name, fact in deployment.facts.items()
        },
        "steps": [_step(step) for step in deployment.steps],
    }
    return json.dumps(document, indent=2) + "\n"


def _step(step: Step) -> dict[str, Any]:
    return {
        "key": step.key,
        "makes": step.makes,
        "why": step.why,
        "monthly": step.monthly,
        "look": shell_line(step.look),
        "create": [shell_line(command) for command in step.create],
        "remedy": step.remedy,
        "files": sorted(step.files),
    }
