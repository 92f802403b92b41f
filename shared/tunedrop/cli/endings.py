"""How a followed drop ended: its pages as files, its outcome as data and as words.

Reads reports; the one place besides `ask` that prints text of a dataset, namely the sample.
"""

import textwrap
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tunedrop.cli.check_table import print_result
from tunedrop.cli.following import Ending
from tunedrop.cli.output import (
    error_words,
    plain,
    print_pairs,
    print_problems,
    rehearsal_words,
)
from tunedrop.cli.uploading import page_link
from tunedrop.domain import places
from tunedrop.domain.runs import RunState
from tunedrop.errors import NotFoundError
from tunedrop.ports import ObjectInfo
from tunedrop.reports.addresses import DATA, INDEX, PAGE
from tunedrop.reports.model_words import comparison_line, why_of
from tunedrop.reports.publishing import run_version
from tunedrop.services import Services

_PAGE_PATIENCE_SECONDS = 5.0
_LOOK_SECONDS = 0.05
_MAX_PAGE_BYTES = 64 * 1024 * 1024
_SHOWN_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the pages lie on this machine, and in the cloud while it runs."""

    drop: Path | None
    run: Path | None
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """A dataset that was taken as far as it went."""

    path: str
    uri: str
    ending: Ending
    pages: Pages
    seconds: float


def save_pages(services: Services, info: ObjectInfo, ending: Ending, directory: Path) -> Pages:
    """Copy the pages of a drop and its run to files, in the tree that their links expect."""
    drop_prefix = places.drop_report_prefix(info.bucket, info.name)
    drop_version = 2 * info.generation
    drop = _saved(services, drop_prefix, drop_version, directory)
    run, links = None, [drop_prefix]
    if ending.run:
        run_prefix = places.run_report_prefix(ending.run.run_id)
        run = _saved(services, run_prefix, run_version(ending.run.last.sequence), directory)
        links.append(run_prefix)
    _copied(services, INDEX, directory)
    bucket = services.settings.reports_bucket
    return Pages(drop, run, tuple(page_link(f"gs://{bucket}/{prefix}{PAGE}") for prefix in links))


def as_data(finished: Finished) -> dict[str, Any]:
    """The outcome as plain values."""
    ending, pages = finished.ending, finished.pages
    registered = _registered(ending)
    return {
        "file": finished.path,
        "uri": finished.uri,
        "state": ending.state,
        "run_id": ending.run.run_id if ending.run else None,
        "result": (ending.verdict or {}).get("result"),
        "problems": _problems(ending),
        "error": _error(ending),
        "rehearsal": _rehearsal(ending),
        "tuned_model": registered.get("tuned_model"),
        "endpoint": registered.get("endpoint"),
        "sample": dict(ending.sample) or None,
        "pages": {"drop": _text(pages.drop), "run": _text(pages.run)},
        "seconds": round(finished.seconds, 1),
    }


def print_ending(finished: Finished) -> None:
    """Print the outcome for people."""
    ending = finished.ending
    click.echo()
    if ending.good:
        click.secho(f"{plain(finished.path)}: a tuned model that answers", bold=True, fg="green")
    elif ending.rehearsed:
        click.secho(f"{plain(finished.path)}: rehearsed, not launched", bold=True)
    elif ending.verdict and ending.verdict.get("result") and not ending.run:
        print_result(finished.path, ending.verdict["result"])
    else:
        click.secho(f"{plain(finished.path)}: {ending.state}", bold=True, fg="red")
    print_problems(_problems(ending))
    registered, rehearsal = _registered(ending), _rehearsal(ending)
    print_pairs(
        {
            "error": error_words(_error(ending) or {}),
            "rehearsal": rehearsal_words(rehearsal) if rehearsal else "",
            "tuned model": registered.get("tuned_model"),
            "endpoint": registered.get("endpoint"),
            "worth": _worth(ending),
            "page": _text(finished.pages.run or finished.pages.drop),
            "seconds": f"{finished.seconds:.1f}",
        },
        indent=2,
    )
    for name in ("question", "answer"):
        if ending.sample.get(name):
            click.echo(f"  {name}")
            click.echo(textwrap.indent(plain(_cut(ending.sample[name]), keep="\n\t"), "    "))


def _saved(services: Services, prefix: str, version: int, directory: Path) -> Path | None:
    """Wait until a page has come as far as its records, for pages are written after them."""
    name = prefix + PAGE
    deadline = time.monotonic() + _PAGE_PATIENCE_SECONDS
    while time.monotonic() < deadline and _version(services, name) < version:
        time.sleep(_LOOK_SECONDS)
    _copied(services, prefix + DATA, directory)
    return _copied(services, name, directory)


def _copied(services: Services, name: str, directory: Path) -> Path | None:
    """Copy one object of REPORTS, if it is there; the index is once a sweep has written it."""
    try:
        data = services.store.read(
            services.settings.reports_bucket, name, max_bytes=_MAX_PAGE_BYTES
        )
    except NotFoundError:
        return None
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _version(services: Services, name: str) -> int:
    try:
        metadata = services.store.stat(services.settings.reports_bucket, name).metadata
    except NotFoundError:
        return -1
    return int(metadata.get("version", "0"))


def _problems(ending: Ending) -> list[Mapping[str, str]]:
    return [*ending.receipt.get("problems", ()), *(ending.verdict or {}).get("problems", ())]


def _registered(ending: Ending) -> Mapping[str, Any]:
    step = ending.run.newest(RunState.REGISTERED) if ending.run and ending.good else None
    return step.detail if step else {}


def _worth(ending: Ending) -> str:
    """What an evaluation found the model to be worth, and what became of it, in a line."""
    if ending.run is None or not ending.good:
        return ""
    said = (comparison_line(ending.run), why_of(ending.run.last))
    return ". ".join(words for words in said if words)


def _error(ending: Ending) -> dict[str, Any] | None:
    well = ending.good or ending.rehearsed
    return dict(ending.run.last.detail) if ending.run and not well else None


def _rehearsal(ending: Ending) -> dict[str, Any] | None:
    return dict(ending.run.last.detail) if ending.run and ending.rehearsed else None


def _text(path: Path | None) -> str | None:
    return str(path) if path else None


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
