"""`tunedrop evaluate`: what a run's model is worth on rows that it never saw, and whether the evidence bears it out.

Parses, reads record and evidence, prints; asks no model and changes nothing.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from tunedrop.cli.environment import services
from tunedrop.cli.options import json_option
from tunedrop.cli.output import print_json, print_note, print_pairs, print_table
from tunedrop.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from tunedrop.domain.runs import Run
    from tunedrop.services import Services

SAME = "the same verdict, byte for byte"
_COMPARED = ("rival", "difference", "interval", "noise_floor", "rows", "outcome", "worse_in")
_VERDICT = ("rows", "means", "comparisons")
_MOST_SHOWN = 20


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option(
    "--replay",
    is_flag=True,
    help="Score the recorded answers again and hold the verdict against the recorded one.",
)
@json_option
def evaluate(run_id: str, *, replay: bool, as_json: bool) -> None:
    """Show how a run's tuned model did on held-out rows, against its base model and the champion.

    With --replay nothing is asked again: the evidence file is held against the hash that the run's
    record names, its answers are scored anew, and the verdict has to come out the same byte for byte;
    if not, the command says what differs and ends with 1.

    \b
    Example:
      tunedrop evaluate support-bot-0123456789abcdef
      tunedrop evaluate support-bot-0123456789abcdef --replay
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    deployment = services()
    detail = evaluated(deployment, run_id)
    if replay:
        _print_replay(run_id, replay_of(deployment, detail), as_json=as_json)
    elif as_json:
        print_json({"run_id": run_id, **detail})
    else:
        _print(detail)


def evaluated(deployment: "Services", run_id: str) -> Mapping[str, Any]:
    """What the newest evaluation of a run came to, as its record says.

    Raises:
        UsageError: There is none.
    """
    from tunedrop.domain.runs import RunState

    run = deployment.runbook.load(run_id) if "/" not in run_id else None
    if run is None:
        raise UsageError(f"{run_id}: expected a run, found none; see `tunedrop runs`")
    step = run.newest(RunState.EVALUATED)
    if step is None:
        raise UsageError(f"{run_id}: expected a run that was evaluated, found {_why_not(run)}")
    return step.detail


def replay_of(deployment: "Services", detail: Mapping[str, Any]) -> dict[str, Any]:
    """Judge a run's evidence again.

    Returns:
        `same`, `differences` as paths with what was recorded and what was found, and the versions of the
        libraries then and now. A file with another hash is not read: whatever it says was not judged.
    """
    from tunedrop.domain.scoring import libraries
    from tunedrop.handlers.evidence import MOST_BYTES, evidence_of

    path = str(detail["evidence"])
    try:
        data = deployment.store.read(deployment.settings.work_bucket, path, max_bytes=MOST_BYTES)
    except NotFoundError:
        msg = f"{path}: expected the evidence in the bucket WORK, found none; without it nothing can be replayed"
        raise UsageError(msg) from None
    recorded, found = detail["evidence_sha256"], hashlib.sha256(data).hexdigest()
    content: Mapping[str, Any] = {}
    if recorded == found:
        content = evidence_of(path, data).content
        differences = _judged_again(detail, content, data)
    else:
        differences = [_difference("sha256", recorded, found)]
    return {
        "evidence": path,
        "same": not differences,
        "differences": differences,
        "libraries": {"recorded": content.get("libraries", {}), "here": libraries()},
    }


def _judged_again(
    detail: Mapping[str, Any], content: Mapping[str, Any], data: bytes
) -> list[dict[str, Any]]:
    from tunedrop.domain.naming import canonical_json
    from tunedrop.handlers.evidence import replayed

    again = replayed(content)
    recorded = {name: detail[name] for name in _VERDICT}
    differences = [
        *_differences("verdict", recorded, again["verdict"]),
        *_differences("scores", _scores(content), _scores(again)),
    ]
    if not differences and canonical_json(again) != data:
        return [_difference("file", "canonical JSON of the same", "other bytes")]
    return differences


def _why_not(run: "Run") -> str:
    from tunedrop.domain.runs import RunState

    if run.state is RunState.EVALUATING:
        return "one whose questions are being asked; look again in a few minutes"
    if not run.accepted.get("evaluation"):
        return "one without held-out rows; set evaluation.holdout in its recipe and drop the dataset again"
    return f"one that is {run.state.value}; see `tunedrop show {run.run_id}`"


def _scores(content: Mapping[str, Any]) -> dict[str, Any]:
    return {row["hash"]: row["scores"] for row in content["rows"]}


def _differences(at: str, recorded: object, found: object) -> Iterator[dict[str, Any]]:
    """Where two JSON values differ, leaf by leaf."""
    if isinstance(recorded, Mapping) and isinstance(found, Mapping):
        for key in sorted(recorded.keys() | found.keys()):
            yield from _differences(f"{at}.{key}", recorded.get(key), found.get(key))
    elif isinstance(recorded, list) and isinstance(found, list) and len(recorded) == len(found):
        for number, pair in enumerate(zip(recorded, found, strict=True)):
            yield from _differences(f"{at}.{number}", *pair)
    elif recorded != found:
        yield _difference(at, recorded, found)


def _difference(at: str, recorded: object, found: object) -> dict[str, Any]:
    return {"where": at, "recorded": recorded, "found": found}


def _print(detail: Mapping[str, Any]) -> None:
    from tunedrop.domain.evaluation import MODELS
    from tunedrop.domain.scoring import METRICS

    means = detail["means"]
    rows = [
        (model, *(_points(means[model][name]) for name in METRICS))
        for model in MODELS
        if model in means
    ]
    print_table(("model", *(_words(name) for name in METRICS)), rows)
    if detail["comparisons"]:
        print_table([_words(name) for name in _COMPARED], map(_compared, detail["comparisons"]))
    skipped = (f"{rival}: {_words(code)}" for rival, code in sorted(detail["skipped"].items()))
    usd = detail["estimated_usd"]
    print_pairs(
        {
            "not asked": "; ".join(skipped),
            "rows": detail["rows"],
            "calls": detail["calls"],
            "estimated": "price not known" if usd is None else f"{usd} USD",
            "evidence": detail["evidence"],
        }
    )


def _compared(comparison: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        f"{comparison['rival']}, {_words(comparison['metric'])}",
        f"{comparison['difference']:+.1f}",
        f"{comparison['low']:+.1f} to {comparison['high']:+.1f}",
        f"{comparison['noise_floor']:.1f}",
        comparison["rows"],
        _words(comparison["outcome"]),
        ", ".join(_words(name) for name in comparison["worse_in"]),
    )


def _points(mean: float | None) -> str:
    return "" if mean is None else f"{mean:.1f}"


def _words(name: str) -> str:
    return "chrF" if name == "chrf" else name.replace("_", " ")


def _print_replay(run_id: str, outcome: Mapping[str, Any], *, as_json: bool) -> None:
    then, here = outcome["libraries"]["recorded"], outcome["libraries"]["here"]
    for name in sorted(then):
        if then[name] != here.get(name):
            print_note(f"scored with {name} {then[name]}, here it is {here.get(name)}")
    if as_json:
        print_json({"run_id": run_id, **outcome})
    elif outcome["same"]:
        click.echo(SAME)
    else:
        shown = outcome["differences"][:_MOST_SHOWN]
        print_table(
            ("where", "recorded", "found"),
            ((each["where"], each["recorded"], each["found"]) for each in shown),
        )
        if len(shown) < len(outcome["differences"]):
            click.echo(f"and {len(outcome['differences']) - len(shown)} more; --json has them all")
    if not outcome["same"]:
        raise click.exceptions.Exit(1)
