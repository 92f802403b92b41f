"""Code-like text, cut at run time out of the standard library's own sources, so that none has to be kept.

Knows Python files; knows no format and no line.
"""

import ast
import random
import sysconfig
from functools import cache
from pathlib import Path

_MOST_CHARACTERS = 6_000_000
_PARSED_CHARACTERS = 1_500_000
_BLOCK_CHARACTERS = range(120, 2_000)
_FOREIGN = (
    "# größe vor dem Zählen prüfen",
    "# durée en millisecondes, arrondie à l'unité",
    "# 入力を一行ずつ読む",
    "# проверить границы до записи",
    "# → done ✓",
    "# 🚀 the quick path",
)


class Corpus:
    """A stretch of sources to cut texts from, and whole definitions that parse."""

    def __init__(self, sources: list[str]) -> None:
        self._text = "\n".join(sources)
        self._blocks = _definitions(sources)

    def text(self, chance: random.Random, characters: int) -> str:
        """Cut whole lines of about as many characters; never blank."""
        start = chance.randrange(len(self._text) - 2 * characters - 1_000)
        start = self._text.index("\n", start) + 1
        end = self._text.index("\n", start + characters)
        text = self._text[start:end].strip("\n")
        return text if text.strip() else "pass"

    def foreign_text(self, chance: random.Random, characters: int) -> str:
        """Cut a text and put a comment in other letters than ASCII into it."""
        text = self.text(chance, characters)
        place = text.find("\n", len(text) // 2)
        return f"{text[:place]}\n{chance.choice(_FOREIGN)}{text[place:]}"

    def block(self, chance: random.Random) -> str:
        """Cut one whole definition, fenced as Python."""
        return f"```python\n{chance.choice(self._blocks)}\n```"


@cache
def standard_library() -> Corpus:
    """The ASCII sources of this interpreter's own library; the same for the same interpreter."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    sources: list[str] = []
    size = 0
    for path in sorted([*folder.glob("*.py"), *folder.glob("[a-h]*/*.py")]):
        source = path.read_bytes()
        if "test" in path.parts or not source.isascii() or b"\0" in source:
            continue
        sources.append(source.decode("ascii"))
        size += len(source)
        if size > _MOST_CHARACTERS:
            break
    return Corpus(sources)


def _definitions(sources: list[str]) -> list[str]:
    """Functions and classes that stand at the beginning of a line, so that each parses by itself."""
    found: list[str] = []
    read = 0
    for source in sources:
        lines = source.splitlines()
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                block = "\n".join(lines[node.lineno - 1 : node.end_lineno])
                if len(block) in _BLOCK_CHARACTERS and "```" not in block:
                    found.append(block)
        read += len(source)
        if read > _PARSED_CHARACTERS:
            break
    return found
