"""What the self-test drops: twelve rows and a recipe under the folder whose runs are only rehearsed.

Knows the catalog's file and the formats of rows; knows no gcloud.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunedrop.domain import naming
from tunedrop_deploy_lib.errors import RefusedError

CATALOG = Path("shared", "tunedrop", "catalog.toml")
ROWS = 12


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One drop of the self-test.

    Attributes:
        folder: Where it lies in the intake bucket; the name of its recipe too.
        files: What is uploaded, by name inside the folder, the recipe first.
    """

    folder: str
    files: Mapping[str, str]

    @property
    def dataset(self) -> str:
        """Name of the dataset's object."""
        return naming.in_folder(self.folder, "train.jsonl")


def rehearsal(root: Path, base_model: str, nonce: str) -> Rehearsal:
    """Write the drop for a base model; the nonce makes its rows, and so its run, unlike any other's.

    Raises:
        RefusedError: The catalog does not know the base model.
    """
    row = _ROW[dataset_format(root, base_model)]
    rows = [
        row(f"Self-test {nonce}: what is {n} plus {n}?", f"It is {2 * n}.")
        for n in range(1, ROWS + 1)
    ]
    # A base model that has retired would be refused, and whether it has is not what is tested here.
    recipe = f'base_model = {json.dumps(base_model)}\non_retired = "try"\n'
    return Rehearsal(
        f"{naming.REHEARSAL_FOLDER}/{nonce}",
        {
            naming.RECIPE_FILE: recipe,
            "train.jsonl": "".join(json.dumps(one) + "\n" for one in rows),
        },
    )


def dataset_format(root: Path, base_model: str) -> str:
    """Which rows a base model is tuned on, as the catalog says.

    Raises:
        RefusedError: The catalog does not know it, or its rows are none of the forms written here.
    """
    catalog = tomllib.loads((root / CATALOG).read_text(encoding="utf-8"))
    entry = catalog["base_models"].get(base_model)
    found = _merged(catalog, entry).get("dataset_format") if entry else None
    if found not in _ROW:
        msg = (
            f"{base_model or 'allow.base_models'}: expected a base model of {CATALOG}, found none; "
            "name one that the deployment allows with --base-model"
        )
        raise RefusedError(msg)
    return str(found)


def _merged(catalog: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """The table `interface` of an entry: its families', in their order, under its own."""
    families = [catalog["families"][name] for name in entry["families"]]
    merged: dict[str, Any] = {}
    for part in (*families, entry):
        merged |= part.get("interface", {})
    return merged


def _gemini(question: str, answer: str) -> dict[str, Any]:
    turns = (("user", question), ("model", answer))
    return {"contents": [{"role": role, "parts": [{"text": text}]} for role, text in turns]}


def _chat(question: str, answer: str) -> dict[str, Any]:
    turns = (("user", question), ("assistant", answer))
    return {"messages": [{"author": author, "content": text} for author, text in turns]}


def _generation(question: str, answer: str) -> dict[str, Any]:
    return {"input_text": question, "output_text": answer}


_ROW = {"gemini": _gemini, "code-chat": _chat, "code-generation": _generation}
