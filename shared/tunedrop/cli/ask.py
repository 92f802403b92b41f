"""`tunedrop ask`: one question to a recipe's models, one of them or side by side.

Parses, calls, prints the answers.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tunedrop.cli import callees
from tunedrop.cli.callees import Callee
from tunedrop.cli.environment import services, vertex
from tunedrop.cli.files import STANDARD_INPUT, chunks_of
from tunedrop.cli.options import json_option
from tunedrop.cli.output import plain, print_json, print_note
from tunedrop.errors import TunedropError, UsageError

if TYPE_CHECKING:
    from tunedrop.services import Services


@click.command()
@click.argument("which", metavar="RECIPE|RUN")
@click.argument("question")
@click.option("--run", "run_id", metavar="RUN", help="Ask the model of this run of the recipe.")
@click.option("--base", is_flag=True, help="Ask the base model that it was tuned from.")
@click.option(
    "--compare",
    is_flag=True,
    help="Ask the base model, the champion, and the newest model or that of --run.",
)
@json_option
def ask(
    which: str, question: str, run_id: str | None, *, base: bool, compare: bool, as_json: bool
) -> None:
    """Ask the champion of a recipe, or the tuned model of a run.

    A recipe without a champion is asked by its newest model, and a note says so. With --compare what
    one model cannot answer hides no other's answer. QUESTION may be - for standard input.

    \b
    Example:
      tunedrop ask support-bot "How do I reset my password?"
      tunedrop ask support-bot --compare "How do I reset my password?"
      echo "How do I reset my password?" | tunedrop ask support-bot -
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    if base and compare:
        raise click.UsageError("--compare asks the base model anyway; leave one of the two out")
    text = _read(question)
    deployment = services()
    if compare:
        _compare(_all_of(deployment, which, run_id), text, as_json=as_json)
        return
    callee = chosen(deployment, which, run_id)
    callee = callees.base_of(deployment, callee) if base else callee
    answer = callees.call(vertex(), callee, text)
    if as_json:
        print_json({**_told(callee), "question": text, "answer": answer})
    else:
        click.echo(plain(answer, keep="\n\t"))


def chosen(deployment: "Services", which: str, run_id: str | None = None) -> Callee:
    """The tuned model that is meant, in its context; a note says so where it is only the newest.

    Raises:
        UsageError: There is none.
    """
    if run_id is not None:
        return callees.in_context(deployment, callees.run_of(deployment, which, run_id))
    found = callees.find_callee(deployment, which)
    if found.role == callees.NEWEST:
        print_note(
            f"{which} has no champion; this is its newest model, version {found.version};"
            f" `tunedrop promote {found.run_id}` would make it the champion"
        )
    return callees.in_context(deployment, found)


def _all_of(deployment: "Services", which: str, run_id: str | None) -> list[Callee]:
    """Base model, champion, and the newest model or that of a run, each model once."""
    named = callees.find_callee(deployment, which)
    champion = callees.champion_of(deployment, named.recipe)
    if run_id is not None:
        last = callees.run_of(deployment, which, run_id)
    else:
        last = named if named.role == callees.RUN else callees.newest_of(deployment, named.recipe)
    tuned = [champion] if champion else []
    if champion is None or champion.run_id != last.run_id:
        tuned.append(last)
    tuned = [callees.in_context(deployment, each) for each in tuned]
    try:
        return [callees.base_of(deployment, tuned[-1]), *tuned]
    except UsageError as error:
        print_note(str(error))
        return tuned


def _compare(asked: Sequence[Callee], question: str, *, as_json: bool) -> None:
    """Ask one after the other, and print each answer, or why there is none, below its model's name."""
    ai, results, errors = vertex(), [], []
    for callee in asked:
        try:
            results.append((callee, {"answer": callees.call(ai, callee, question), "error": None}))
        except TunedropError as error:
            errors.append(error)
            results.append((callee, {"answer": None, "error": f"{error.code}: {error}"}))
    if as_json:
        answers = [{**_told(callee), **result} for callee, result in results]
        print_json({"question": question, "answers": answers})
    else:
        for number, (callee, result) in enumerate(results):
            _print_answer(callee, result, is_first=number == 0)
    if len(errors) == len(asked):
        raise errors[-1]


def _print_answer(callee: Callee, result: dict[str, str | None], *, is_first: bool) -> None:
    click.echo(f"{'' if is_first else chr(10)}== {plain(callee.title)}")
    answer = result["answer"]
    if answer is None:
        click.echo(plain(f"no answer: {result['error']}"))
    else:
        click.echo(plain(answer, keep="\n\t"))


def _told(callee: Callee) -> dict[str, Any]:
    return {
        "model": callee.role,
        "recipe": callee.recipe,
        "version": callee.version,
        "run_id": callee.run_id,
        "base_model": callee.base_model,
        "tuned_model": callee.tuned_model,
        "endpoint": callee.target,
    }


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
