"""What people drop while functions die: good, bad and doubled files for recipes of both backends, from a seed."""

import random
from dataclasses import dataclass

from support.datasets import line, row
from tunedrop.domain.formats import Format

CANARY = "zzqx9-dataset-text"
"""Stands in every row."""
_ROWS = 20
_RETIRED = 'on_retired = "try"\n[tuning]\ntrain_steps = 10\n'
RECIPES = {
    "code": (Format.CODE_GENERATION, f'base_model = "code-bison@002"\n{_RETIRED}'),
    "chat": (Format.CODE_CHAT, f'base_model = "codechat-bison@002"\n{_RETIRED}'),
    "bot": (Format.GEMINI, 'base_model = "gemini-3.5-flash"\n'),
    "newest": (Format.GEMINI, 'base_model = "gemini-3.5-flash"\ndatasets = "newest"\n'),
}
"""By folder: what its rows look like, and its recipe."""
_SORTS = (
    ("good",) * 9 + ("same bytes",) * 4 + ("overwritten",) * 2 + ("bad",) * 3 + ("garbage", "empty")
)


@dataclass(frozen=True)
class File:
    """One upload."""

    name: str
    data: bytes
    sort: str


def recipes():
    """The recipes as files."""
    return [
        File(f"{folder}/recipe.toml", text.encode(), "recipe")
        for folder, (_, text) in RECIPES.items()
    ]


def files(seed, count):
    """So many datasets, in the order in which they are dropped."""
    chance = random.Random(seed)
    sorts = [_SORTS[number % len(_SORTS)] for number in range(count)]
    chance.shuffle(sorts)
    dropped = {folder: [] for folder in RECIPES}
    for number, sort in enumerate(sorts):
        folder = chance.choice(tuple(RECIPES))
        good = [file for file in dropped[folder] if file.sort == "good"]
        file = _file(folder, number, sort if good else "good", chance.choice(good or [None]))
        dropped[folder].append(file)
        yield file


def _file(folder, number, sort, earlier):
    name = f"{folder}/{number:03d}.jsonl"
    lines = [_line(folder, f"{number}-{each}") for each in range(_ROWS)]
    match sort:
        case "same bytes":
            return File(name, earlier.data, sort)
        case "overwritten":
            return File(earlier.name, b"".join(lines), sort)
        case "bad":
            return File(
                name, b"".join([*lines[1:], b'{"unknown": "%s"}\n' % CANARY.encode()]), sort
            )
        case "garbage":
            return File(name, b"%s\n\x00\x1b[2J not json\n" % CANARY.encode(), sort)
        case "empty":
            return File(name, b"", sort)
    return File(name, b"".join(lines), sort)


def _line(folder, tag):
    dataset_format, _ = RECIPES[folder]
    return line(row(dataset_format, question=f"{CANARY} {tag}?", answer=f"tide = table[{tag!r}]"))
