"""Good rows of three formats, the same ones for the same seed; nothing here writes a file.

Knows what a row looks like; knows nothing of what is measured with it.
"""

import json
import random
from collections.abc import Callable
from typing import Any

from tunedrop_bench.corpus import Corpus, standard_library

FORMATS = ("code-generation", "code-chat", "gemini")
_SPREAD = 0.7
_SHORTEST, _LONGEST = 180, 8_400
_FOREIGN_SHARE = 0.15
_BLOCK_SHARE = 0.1
_INSTRUCTED_SHARE = 0.2
_ESCAPED_SHARE = 0.5
_INSTRUCTION = "You are a reviewer of Python code. Answer with code and as few words as you can."

Row = dict[str, Any]


class RowMaker:
    """Makes rows of one format.

    Args:
        characters: Median of the texts' characters in a row; the lengths are log-normal, 200 bytes to 9 KB.
    """

    def __init__(self, row_format: str, seed: int, *, characters: int = 1_500) -> None:
        self.chance = random.Random(f"{row_format} {seed}")  # noqa: S311 — wants repetition, not secrecy
        self._corpus: Corpus = standard_library()
        self._characters = characters
        self._make = _MAKERS[row_format]

    def row(self) -> Row:
        """Make the next row."""
        drawn = self._characters * self.chance.lognormvariate(0, _SPREAD)
        return self._make(self, int(min(max(drawn, _SHORTEST), _LONGEST)))

    def line(self) -> bytes:
        """Make the next row's line, without its LF; half of the lines are written in ASCII alone."""
        return json.dumps(self.row(), ensure_ascii=self.chance.random() < _ESCAPED_SHARE).encode()

    def is_instructed(self) -> bool:
        """Whether the next row carries an instruction."""
        return self.chance.random() < _INSTRUCTED_SHARE

    def question(self, characters: int) -> str:
        """Make a question with code in it."""
        return f"What does this do?\n{self._text(characters)}"

    def answer(self, characters: int) -> str:
        """Make an answer; a tenth of them carry a fenced block of code."""
        text = self._text(characters)
        if self.chance.random() < _BLOCK_SHARE:
            return f"{text[: characters // 2]}\n\n{self._corpus.block(self.chance)}"
        return text

    def _text(self, characters: int) -> str:
        is_foreign = self.chance.random() < _FOREIGN_SHARE
        cut = self._corpus.foreign_text if is_foreign else self._corpus.text
        return cut(self.chance, max(characters, 20))

    def pairs(self, characters: int) -> list[tuple[str, str]]:
        """Make one to three questions with their answers."""
        count = self.chance.randint(1, 3)
        half = characters // (2 * count)
        return [(self.question(half), self.answer(half)) for _ in range(count)]


def _code_generation(maker: RowMaker, characters: int) -> Row:
    return {
        "input_text": maker.question(characters // 3),
        "output_text": maker.answer(characters * 2 // 3),
    }


def _code_chat(maker: RowMaker, characters: int) -> Row:
    turns = [
        {"author": author, "content": text}
        for pair in maker.pairs(characters)
        for author, text in zip(("user", "assistant"), pair, strict=True)
    ]
    return (
        {"context": _INSTRUCTION, "messages": turns}
        if maker.is_instructed()
        else {"messages": turns}
    )


def _gemini(maker: RowMaker, characters: int) -> Row:
    turns = [
        {"role": role, "parts": [{"text": text}]}
        for pair in maker.pairs(characters)
        for role, text in zip(("user", "model"), pair, strict=True)
    ]
    if not maker.is_instructed():
        return {"contents": turns}
    return {"systemInstruction": {"parts": [{"text": _INSTRUCTION}]}, "contents": turns}


_MAKERS: dict[str, Callable[[RowMaker, int], Row]] = {
    "code-generation": _code_generation,
    "code-chat": _code_chat,
    "gemini": _gemini,
}
