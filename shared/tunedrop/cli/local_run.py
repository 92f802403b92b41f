"""A rehearsal on a local cloud: datasets dropped one after the other and followed to their ends.

Knows the cloud from the outside, as any client does; decides nothing about a dataset.
"""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click

from tunedrop import bootstrap
from tunedrop.cli.cases import Case
from tunedrop.cli.directions import directions
from tunedrop.cli.endings import Finished, as_data, print_ending, save_pages
from tunedrop.cli.files import Upload
from tunedrop.cli.following import Follower
from tunedrop.cli.narrating import Narrator, narrator
from tunedrop.cli.output import print_note, print_one_or_list
from tunedrop.cli.uploading import upload
from tunedrop.handlers.drops import Drop
from tunedrop.local.cloud import LocalCloud
from tunedrop.local.deployment import Options
from tunedrop.services import Services, Vertex

PAGES = "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How a rehearsal is to be done."""

    options: Options
    directory: Path | None
    """Of the cloud; a temporary one when absent, of which only the pages are left."""
    patience_seconds: float
    """For each dataset."""
    keep: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class _Stage:
    """A started cloud, and clients of it."""

    cloud: LocalCloud
    services: Services
    vertex: Vertex


def rehearse(cases: Sequence[Case], choices: Choices) -> bool:
    """Take every dataset through a local cloud; whether each of them ended in a tuned model, or was rehearsed.

    Raises:
        TooLateError: One took too long.
    """
    started = time.monotonic()
    finished: list[Finished] = []
    with _directory(choices) as directory, _stage(directory, choices, started) as stage:
        for case in cases:
            for item in case.support:
                upload(stage.services.store, stage.services.settings.intake_bucket, item)
            for item in case.datasets:
                with narrator(stderr=choices.as_json, started=started) as voice:
                    finished.append(_followed(stage, choices, voice, item))
                if not choices.as_json:
                    print_ending(finished[-1])
        if choices.as_json:
            print_one_or_list([as_data(each) for each in finished])
        if choices.keep:
            _wait(stage.cloud, choices)
    return all(each.ending.good or each.ending.rehearsed for each in finished)


def _followed(stage: _Stage, choices: Choices, voice: Narrator, item: Upload) -> Finished:
    services, layout = stage.services, stage.cloud.layout
    follower = Follower(
        services,
        stage.vertex,
        voice,
        patience_seconds=choices.patience_seconds,
        logs=str(layout.logs),
    )
    started = time.monotonic()
    info = upload(services.store, services.settings.intake_bucket, item)
    voice.tell("dropped", info.uri)
    ending = follower.follow(Drop(info.bucket, info.name, info.generation))
    pages = save_pages(services, info, ending, layout.directory / PAGES)
    return Finished(item.path, info.uri, ending, pages, time.monotonic() - started)


def _wait(cloud: LocalCloud, choices: Choices) -> None:
    if choices.as_json:
        print_note(f"everything runs until Ctrl-C; source {cloud.layout.shell_file}")
    else:
        click.echo(f"\n{directions(cloud)}")
    with suppress(KeyboardInterrupt):
        threading.Event().wait()  # Ctrl-C and SIGTERM end it by an exception


@contextmanager
def _stage(directory: Path, choices: Choices, started: float) -> Iterator[_Stage]:
    """Start a cloud, point this process's own clients at it, and take it down again."""
    cloud = LocalCloud(directory, choices.options)
    with narrator(stderr=choices.as_json, started=started) as voice:
        voice.wait_for("starting the local cloud")
        cloud.start()
        voice.tell("started", str(cloud.layout.directory))
    try:
        with _environment(cloud.environment):
            settings = cloud.settings
            yield _Stage(
                cloud, bootstrap.build_services(settings), bootstrap.build_vertex(settings)
            )
    finally:
        cloud.stop()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _directory(choices: Choices) -> Iterator[Path]:
    """Give the directory to use; of a temporary one the pages are left, and the logs after an error."""
    if choices.directory is not None:
        yield choices.directory
        return
    directory = Path(tempfile.mkdtemp(prefix="tunedrop-"))
    kept = {PAGES}
    try:
        yield directory
    except Exception:
        kept.add("logs")
        raise
    finally:
        if not choices.keep:
            _clear(directory, kept)


def _clear(directory: Path, kept: set[str]) -> None:
    for path in directory.iterdir():
        if path.name in kept:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
    with suppress(OSError):  # not empty: something is kept
        directory.rmdir()
