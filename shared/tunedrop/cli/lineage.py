"""`tunedrop lineage`: which bytes a tuned model learnt from, and which models learnt from a dataset.

Parses, prints; the records are `tunedrop.lineage`'s business.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from tunedrop.cli.environment import services
from tunedrop.cli.options import json_option
from tunedrop.cli.output import moment, print_json, print_note, print_pairs, print_table

_MODEL = ("recipe", "version", "champion", "run", "base model", "tuned model", "endpoint")
_DROP = ("generation", "answered", "outcome", "run")


@click.command()
@click.argument("what", metavar="ENDPOINT|MODEL|RUN|RECIPE[@VERSION]|gs://BUCKET/OBJECT")
@json_option
def lineage(what: str, *, as_json: bool) -> None:
    """Follow a tuned model back to its dataset, or a dataset on to its models.

    ENDPOINT and MODEL are resource names of the service, MODEL with or without @VERSION. A recipe
    without a version means its champion, or its newest version while it has none. An object may be
    narrowed to one of its generations with #GENERATION. Models that were tuned on from one that
    learnt from a dataset are among those that learnt from it.

    \b
    Example:
      tunedrop lineage support-bot@3
      tunedrop lineage gs://my-intake/support-bot/train.jsonl
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    from tunedrop.lineage import trace

    view = trace(services(), what)
    if as_json:
        print_json(view)
    elif "drops" in view:
        _print_object(view)
    else:
        _print_origins(view)
    if as_json:
        return
    if view["left_out"]:
        print_note(f"{view['left_out']} older ones were left out; name one of them by itself")
    for line in view["unreadable"]:
        print_note(f"left out: {line}")


def _print_object(view: Mapping[str, Any]) -> None:
    print_table(_DROP, (_drop_cells(drop) for drop in view["drops"]))
    click.echo()
    if view["models"]:
        print_table(_MODEL, (_model_cells(model) for model in view["models"]))
    else:
        click.echo("no registered model learnt from it")
    if view["more_models"]:
        print_note(f"{view['more_models']} more models learnt from it")
    if view["runs"]:
        click.echo()
        pairs = ([run["run_id"], run["state"]] for run in view["runs"])
        print_table(("run without a registered model", "state"), pairs)


def _drop_cells(drop: Mapping[str, Any]) -> Sequence[object]:
    return drop["generation"], moment(drop["at"]), drop["outcome"], drop["run_id"]


def _model_cells(model: Mapping[str, Any]) -> Sequence[object]:
    return (
        model["recipe"],
        model["version"],
        "champion" if model["champion"] else "",
        model["run_id"],
        model["base_model"],
        model["tuned_model"],
        model["endpoint"],
    )


def _print_origins(view: Mapping[str, Any]) -> None:
    for number, told in enumerate([*view["models"], *view["runs"]]):
        if number:
            click.echo()
        print_pairs(_pairs(told))
        if told["more_askers"]:
            print_note(f"{told['more_askers']} more drops asked for run {told['run_id']}")
        if told.get("more_relatives"):
            print_note(f"{told['more_relatives']} more models that it comes from or went into")


def _pairs(told: Mapping[str, Any]) -> dict[str, object]:
    dataset = told["dataset"]
    return {
        "recipe": told["recipe"],
        "version": told.get("version"),
        "state": told.get("state"),
        "tuned model": told.get("tuned_model"),
        "endpoint": told.get("endpoint"),
        "champion": "; ".join(_crowning(each) for each in told.get("champion_history", ())),
        "run": told["run_id"],
        "job": told["job_name"],
        "base model": told["base_model"],
        "tuned on from": ", ".join(map(_named, told.get("comes_from", ()))),
        "went into": ", ".join(map(_named, told.get("went_into", ()))),
        "dataset": f"{dataset['uri']}#{dataset['generation']}",
        "rows": dataset["rows"],
        "SHA-256 of the bytes": dataset["digest"],
        "of the object": dataset.get("object_digest"),
        "verdict": _verdict(told["verdict"]),
        "asked for by": ", ".join(_asker(each) for each in told["asked_by"]),
    }


def _crowning(crowned: Mapping[str, Any]) -> str:
    at = crowned["at"]
    when = moment(at) if isinstance(at, datetime) else at
    who = f" by {crowned['claimed_by']}" if crowned["claimed_by"] else ""
    return f"{crowned['action'].replace('_', ' ')} {when} ({crowned['code']}){who}"


def _named(model: Mapping[str, Any]) -> str:
    return f"{model['recipe']}@{model['version']}" if "recipe" in model else model["tuned_model"]


def _verdict(verdict: Mapping[str, Any] | None) -> str:
    if verdict is None:
        return ""
    counts = ", ".join(f"{count} {name}" for name, count in verdict["lines"].items())
    return f"{verdict['outcome']} ({counts}), {verdict['path']}"


def _asker(asker: Mapping[str, Any]) -> str:
    return f"{asker['drop_id']} ({asker['uri']}#{asker['generation']})"
