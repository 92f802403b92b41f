"""`tunedrop ask`: one question to a tuned model.

Parses, finds the endpoint in the ledger, calls it, prints the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tunedrop.cli.environment import services, vertex
from tunedrop.cli.files import STANDARD_INPUT, chunks_of
from tunedrop.cli.models import registered
from tunedrop.cli.options import json_option
from tunedrop.cli.output import plain, print_json
from tunedrop.errors import UsageError

if TYPE_CHECKING:
    from tunedrop.domain.runs import Run
    from tunedrop.services import Services


@dataclass(frozen=True, slots=True)
class Callee:
    """A tuned model that can be called."""

    run_id: str
    tuned_model: str
    endpoint: str
    dataset_format: str


@click.command()
@click.argument("which", metavar="RECIPE|RUN")
@click.argument("question")
@json_option
def ask(which: str, question: str, *, as_json: bool) -> None:
    """Ask the newest tuned model of a recipe, or that of a run.

    QUESTION may be - for standard input.

    \b
    Example:
      tunedrop ask support-bot "How do I reset my password?"
      echo "How do I reset my password?" | tunedrop ask support-bot -
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    text = _read(question)
    callee = find_callee(services(), which)
    answer = call(callee, text)
    if as_json:
        print_json(
            {
                "run_id": callee.run_id,
                "tuned_model": callee.tuned_model,
                "endpoint": callee.endpoint,
                "question": text,
                "answer": answer,
            }
        )
    else:
        click.echo(plain(answer, keep="\n\t"))


def find_callee(deployment: "Services", which: str) -> Callee:
    """Find the tuned model of a run, or the newest one of a recipe.

    Raises:
        UsageError: There is none.
    """
    run = deployment.runbook.load(which) if "/" not in which else None
    if run is None:
        newest = max(
            registered(deployment, which), key=lambda each: int(each["version"]), default=None
        )
        run = deployment.runbook.load(newest["run_id"]) if newest else None
    detail = _registered_detail(run)
    if run is None or detail is None:
        raise UsageError(
            f"{which}: expected a recipe or a run with a registered model, found none; see `tunedrop models`"
        )
    return Callee(
        run_id=run.run_id,
        tuned_model=str(detail["tuned_model"]),
        endpoint=str(detail["endpoint"]),
        dataset_format=str(run.accepted["plan"]["dataset_format"]),
    )


def call(callee: Callee, question: str) -> str:
    """Send one question in the shape that the model was tuned on; returns the answer's text."""
    from tunedrop.domain.formats import Example, Format, Turn, predict_instance

    dataset_format = Format(callee.dataset_format)
    instance = predict_instance(Example(turns=(Turn("user", question),)), dataset_format)
    return vertex().predictor.ask(callee.endpoint, instance, dataset_format=dataset_format)


def _registered_detail(run: "Run | None") -> Mapping[str, Any] | None:
    from tunedrop.domain.runs import RunState

    step = run.newest(RunState.REGISTERED) if run else None
    return step.detail if step else None


def _read(question: str) -> str:
    if question != STANDARD_INPUT:
        return question
    try:
        text = b"".join(chunks_of(STANDARD_INPUT)).decode().removesuffix("\n")
    except UnicodeDecodeError:
        raise UsageError("standard input: expected UTF-8 text, found other bytes") from None
    if not text.strip():
        raise UsageError("standard input: expected a question, found none")
    return text
