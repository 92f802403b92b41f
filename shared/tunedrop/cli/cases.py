"""What is dropped together: a dataset with its recipe and evaluation files, or a whole folder.

Knows files and names; drops nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tunedrop.cli.files import STANDARD_INPUT, Upload, read_recipe_file, uploads_of
from tunedrop.domain import naming
from tunedrop.domain.naming import ObjectRole
from tunedrop.errors import RecipeError, UsageError

_STDIN_NAME = "stdin.jsonl"


@dataclass(frozen=True, slots=True)
class Case:
    """Datasets that are dropped together with what they need."""

    support: tuple[Upload, ...]
    """The recipe and evaluation files."""
    datasets: tuple[Upload, ...]


def cases_of(given: Sequence[str], recipe: Path | None) -> list[Case]:
    """Say what to drop for each file or folder named.

    Raises:
        UsageError: One of them holds no dataset, or would be ignored by the deployment.
    """
    return [_case(path, recipe) for path in given]


def _case(path: str, recipe: Path | None) -> Case:
    if path != STANDARD_INPUT and Path(path).is_dir():
        uploads = [
            each
            for each in uploads_of([path], folder=None)
            if not recipe or each.role is not ObjectRole.RECIPE
        ]
        folder = Path(path).resolve().name
    else:
        folder = _folder(path, recipe)
        uploads = [
            *_beside(path, folder, recipe),
            *uploads_of([path], folder=folder, stdin_name=_STDIN_NAME),
        ]
    if recipe:
        name = naming.in_folder(folder, naming.RECIPE_FILE)
        uploads.insert(0, Upload(str(recipe), name, ObjectRole.RECIPE))
    held_out = _evaluation_names(uploads, folder)
    support = [
        each for each in uploads if each.role is not ObjectRole.DATASET or each.name in held_out
    ]
    datasets = [each for each in uploads if each not in support]
    if not datasets:
        raise UsageError(f"{path}: expected a dataset, found a recipe or an evaluation file")
    return Case(tuple(support), tuple(datasets))


def _folder(path: str, recipe: Path | None) -> str:
    """The folder of the intake bucket for a file: its own folder's name, where a recipe speaks for that."""
    if recipe:
        return recipe.stem if recipe.name != naming.RECIPE_FILE else recipe.resolve().parent.name
    beside = Path(path).resolve().parent
    has_recipe = path != STANDARD_INPUT and (beside / naming.RECIPE_FILE).is_file()
    return beside.name if has_recipe else ""


def _beside(path: str, folder: str, recipe: Path | None) -> list[Upload]:
    """What a file needs of the files beside it: the recipe, and whatever is never trained on."""
    if path == STANDARD_INPUT or not folder:
        return []
    parent = Path(path).resolve().parent
    own = parent / naming.RECIPE_FILE
    found = [] if recipe or not own.is_file() else [own]
    found += [
        each
        for each in sorted(parent.iterdir())
        if naming.object_role(each.name) is ObjectRole.EVALUATION
    ]
    named = _named_evaluation(recipe or own)
    if named and (parent / named).is_file() and parent / named not in found:
        found.append(parent / named)
    return [
        Upload(
            str(each),
            name := naming.in_folder(folder, each.relative_to(parent).as_posix()),
            naming.object_role(name),
        )
        for each in found
        if each != Path(path).resolve()
    ]


def _evaluation_names(uploads: Sequence[Upload], folder: str) -> set[str]:
    recipes = (each for each in uploads if each.role is ObjectRole.RECIPE)
    named = (_named_evaluation(Path(each.path)) for each in recipes)
    return {naming.in_folder(folder, name) for name in named if name}


def _named_evaluation(recipe: Path) -> str | None:
    """The evaluation file that a recipe names; a recipe that cannot be used is for the deployment to say."""
    try:
        return read_recipe_file(recipe).evaluation.dataset
    except (RecipeError, FileNotFoundError):
        return None
