"""What is read from and written to this machine: chunks of a file, and which files of a folder go where.

Knows paths, standard input and object names; uploads nothing.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tunedrop.domain import naming
from tunedrop.domain.naming import ObjectRole
from tunedrop.errors import UsageError

if TYPE_CHECKING:
    from tunedrop.recipes import Recipe

CHUNK_BYTES = 1024 * 1024
STANDARD_INPUT = "-"
Read = Callable[[str], Iterable[bytes]]
"""Gives the bytes of a path in pieces, `-` being standard input."""
_ORDER = (ObjectRole.RECIPE, ObjectRole.EVALUATION, ObjectRole.DATASET)


@dataclass(frozen=True, slots=True)
class Upload:
    """One file on its way to an object."""

    path: str
    """Of the file; `-` for standard input."""
    name: str
    """Of the object."""
    role: ObjectRole


def chunks_of(path: str) -> Iterator[bytes]:
    """Read a file, or standard input for `-`, in pieces, past every buffer."""
    if path == STANDARD_INPUT:
        unbuffered: BinaryIO = getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)
        yield from _pieces(unbuffered.read)
        return
    with Path(path).open("rb", buffering=0) as file:
        yield from _pieces(file.read)


def size_of(path: str) -> int | None:
    """Bytes of a file; None for standard input and pipes, whose end is not known and which are read once."""
    if path == STANDARD_INPUT or not Path(path).is_file():
        return None
    return Path(path).stat().st_size


@contextmanager
def readable_twice(path: str, read: Read) -> Iterator[str]:
    """Give a path to the same bytes that can be read again: the file's own, or that of a temporary copy."""
    if size_of(path) is not None:
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="tunedrop-") as copy:
        for chunk in read(path):
            copy.write(chunk)
        copy.flush()
        yield copy.name


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file that appears whole or not at all, in place of one that may be there."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def expect_apart(outputs: Iterable[Path], inputs: Iterable[str]) -> None:
    """See to it that nothing is written over what is read.

    Raises:
        UsageError: An output is an input, or lies in a folder that is not there.
    """
    read = [Path(path) for path in inputs if path != STANDARD_INPUT]
    for output in outputs:
        if not output.parent.is_dir():
            raise UsageError(f"{output}: expected a file in a folder that exists, found no folder")
        if output.exists() and any(output.samefile(path) for path in read):
            raise UsageError(f"{output}: expected another file than is read; name a new one")


def read_recipe_file(path: Path) -> "Recipe":
    """Read a recipe's file.

    Raises:
        RecipeError: It cannot be used; carries every problem.
    """
    from tunedrop.recipes import MAX_RECIPE_BYTES, parse_recipe

    with path.open("rb") as file:
        return parse_recipe(file.read(MAX_RECIPE_BYTES + 1), source=str(path))


def recipe_upwards(path: str) -> Path | None:
    """The nearest `recipe.toml` in a file's folder or above it."""
    if path == STANDARD_INPUT:
        return None
    for folder in Path(path).resolve().parents:
        if (folder / naming.RECIPE_FILE).is_file():
            return folder / naming.RECIPE_FILE
    return None


def uploads_of(given: Sequence[str], *, folder: str | None, stdin_name: str = "") -> list[Upload]:
    """Say which object each file becomes; recipes and evaluation files come before datasets.

    Args:
        given: Files, folders and `-`.
        folder: Where they go; when absent, files go to the root and a folder to one of its name.
        stdin_name: Object name for `-`, inside *folder*.

    Raises:
        UsageError: A name would be ignored by the deployment, or be taken twice.
    """
    uploads: list[Upload] = []
    for path in given:
        if path != STANDARD_INPUT and Path(path).is_dir():
            uploads += _folder_uploads(Path(path), folder)
        else:
            base = stdin_name if path == STANDARD_INPUT else Path(path).name
            uploads.append(_upload(path, naming.in_folder(folder or "", base)))
    names = [upload.name for upload in uploads]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice}: expected one file for this object, found two; rename one")
    return sorted(uploads, key=lambda upload: _ORDER.index(upload.role))


def _folder_uploads(path: Path, folder: str | None) -> list[Upload]:
    target = path.resolve().name if folder is None else folder
    found = [
        Upload(str(file), naming.in_folder(target, file.relative_to(path).as_posix()), role)
        for file in sorted(path.rglob("*"))
        if file.is_file() and (role := naming.object_role(file.name)) in _ORDER
    ]
    if not any(upload.role is ObjectRole.DATASET for upload in found):
        raise UsageError(f"{path}: expected a folder with a dataset (.jsonl), found none in it")
    return found


def _upload(path: str, name: str) -> Upload:
    role = naming.object_role(name)
    if role not in _ORDER:
        shown = path if path != STANDARD_INPUT else "standard input"
        raise UsageError(
            f"{shown}: expected a name that ends in {', '.join(naming.DATASET_SUFFIXES)}, or "
            f"{naming.RECIPE_FILE}; anything else is ignored where it arrives: rename it"
        )
    return Upload(path, name, role)


def _pieces(read: Callable[[int], bytes | None]) -> Iterator[bytes]:
    while piece := read(CHUNK_BYTES):
        yield piece
