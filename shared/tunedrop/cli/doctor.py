"""`tunedrop doctor`: whether the project is fit for the deployment, line by line, and what mends each line.

Parses, reads, prints; what is judged how is the doctor's business.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from tunedrop.cli.options import json_option
from tunedrop.cli.output import plain, print_json

if TYPE_CHECKING:
    from tunedrop.doctor.lines import Facts, Line
    from tunedrop.doctor.subject import Subject

_TITLES = {
    "project": "project",
    "api": "interfaces",
    "account": "accounts",
    "role": "roles",
    "agent": "service agents",
    "bucket": "buckets",
    "topic": "topics",
    "subscription": "subscriptions",
    "function": "functions",
    "right": "rights",
    "base_model": "base models",
    "quota": "quotas",
    "key": "encryption",
    "tensorboard": "TensorBoard",
}
_STYLES = {
    "good": "green",
    "missing": "red",
    "unfit": "red",
    "unseen": "yellow",
    "not_needed": "bright_black",
}
_FOLDED = ("good", "not_needed")


@click.command()
@click.option("--all", "show_all", is_flag=True, help="Show the good lines, too.")
@json_option
def doctor(*, show_all: bool, as_json: bool) -> None:
    """Explain whether the project is fit for the deployment, and what mends what is not.

    Looks with your own credentials and changes nothing: interfaces, accounts, roles, rights, buckets, topics,
    subscriptions, functions, base models and their regions, quotas, encryption, TensorBoard. What you may not
    see is said, with the permission that is missing. In a local cloud it looks at what there is.

    Exits with 0 if nothing is missing or unfit, 1 if something is, 3 if nothing could be seen at all.

    \b
    Example:
      tunedrop doctor
      tunedrop --env-file deployment.env doctor --json
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    from tunedrop.doctor.judging import examine
    from tunedrop.doctor.lines import exit_code, summary

    subject = _subject()
    facts = _facts(subject)
    lines = tuple(examine(subject, facts))
    counts = summary(lines)
    if as_json:
        print_json(
            {
                "deployment": subject.settings.deployment,
                "project": subject.project,
                "region": subject.settings.region,
                "lines": [asdict(line) for line in lines],
                "summary": counts,
            }
        )
    else:
        _print(subject, lines, counts, show_all=show_all)
    click.get_current_context().exit(exit_code(lines, facts))


def _subject() -> "Subject":
    from pathlib import Path

    from tunedrop.bootstrap import settings
    from tunedrop.catalog import load_catalog
    from tunedrop.doctor.subject import Subject

    found = settings()
    override = Path(found.catalog_file) if found.catalog_file else None
    return Subject(found, load_catalog(override), datetime.now(UTC).date())


def _facts(subject: "Subject") -> "Facts":
    from tunedrop.bootstrap import build_project
    from tunedrop.doctor.lines import Facts
    from tunedrop.doctor.looks import further_looks, looks

    with build_project(subject) as project:
        identity = project.identity()
        is_blind = identity.outcome in ("absent", "unseen")
        see = partial(project.blind, identity=identity) if is_blind else project.see
        sights = see(looks(subject))
        # The second round tells where the intake trigger's subscription is, the third what its policy says.
        for _ in range(2):
            sights |= see(further_looks(subject, Facts(sights)))
    return Facts(sights, identity)


def _print(
    subject: "Subject", lines: "Iterable[Line]", counts: dict[str, int], *, show_all: bool
) -> None:
    settings = subject.settings
    click.echo(
        f"deployment {settings.deployment} in project {subject.project}, {settings.region}\n"
    )
    by_kind = sorted(lines, key=lambda line: list(_TITLES).index(line.kind))
    for kind, group in groupby(by_kind, key=lambda line: line.kind):
        _print_group(_TITLES[kind], tuple(group), show_all=show_all)
    click.echo()
    click.echo(f"{sum(counts.values())} lines: {_counted(counts)}")


def _print_group(title: str, lines: "Sequence[Line]", *, show_all: bool) -> None:
    from tunedrop.doctor.lines import summary

    click.secho(f"{title:<16}", bold=True, nl=False)
    click.echo(_counted(summary(lines)))
    shown = [line for line in lines if show_all or line.state not in _FOLDED]
    for (state, *_), group in groupby(shown, key=_cause):
        if state == "unseen":
            _print_unseen(tuple(group))
        else:
            for line in group:
                _print_line(line)


def _cause(line: "Line") -> tuple[object, ...]:
    """Lines that could not be seen for one reason belong together."""
    return line.state, *((line.found, line.remedy, line.mend) if line.state == "unseen" else ())


def _print_line(line: "Line") -> None:
    _print_head(line.state, f"{line.what}: {line.found}" if line.found else line.what)
    if line.state not in _FOLDED:
        _print_rest(line.why, line.remedy, commands=line.mend)


def _print_unseen(lines: "Sequence[Line]") -> None:
    for line in lines:
        _print_head(line.state, line.what)
    why = lines[0].why if len(lines) == 1 else ""
    _print_rest(why, lines[0].found, lines[0].remedy, commands=lines[0].mend)


def _print_head(state: str, words: str) -> None:
    click.secho(f"  {state.replace('_', ' '):<11}", fg=_STYLES[state], nl=False)
    click.echo(plain(words))


def _print_rest(*words: str, commands: "Sequence[str]") -> None:
    for text in filter(None, words):
        click.echo(plain(f"{' ' * 13}{text}"))
    for command in commands:
        click.echo(plain(f"    {command}"))


def _counted(counts: dict[str, Any]) -> str:
    return ", ".join(
        f"{count} {state.replace('_', ' ')}" for state, count in counts.items() if count
    )
