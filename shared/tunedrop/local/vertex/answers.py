"""What a tuned model says: the answer of the very row that was asked for, or of the nearest one.

Nothing here is random or learnt: a wrong dataset shows in the answers.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from tunedrop.local.vertex import rows

_WORD = re.compile(r"\w+")


class Memory:
    """Training pairs, by prompt and by word."""

    def __init__(self, pairs: Iterable[rows.Pair]) -> None:
        self._pairs = list(pairs)
        self._exact: dict[tuple[str, str], str] = {}
        self._by_prompt: dict[str, str] = {}
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._word_counts: list[int] = []
        for number, pair in enumerate(self._pairs):
            self._exact.setdefault((pair.context, pair.prompt), pair.answer)
            self._by_prompt.setdefault(pair.prompt, pair.answer)
            words = _words(f"{pair.context} {pair.prompt}")
            self._word_counts.append(len(words))
            for word in words:
                self._by_word[word].append(number)

    def answer(self, context: str, prompt: str) -> str:
        """Answer from the row with this prompt, else from the one that shares most of its words.

        Equal prompts and equal likeness go to the earliest row.
        """
        found = self._exact.get((context, prompt), self._by_prompt.get(prompt))
        return found if found is not None else self._pairs[self._nearest(context, prompt)].answer

    def _nearest(self, context: str, prompt: str) -> int:
        words = _words(f"{context} {prompt}")
        shared = Counter(number for word in words for number in self._by_word.get(word, ()))

        def likeness(number: int) -> float:
            both = shared[number]
            return both / (len(words) + self._word_counts[number] - both)

        return min(shared, key=lambda number: (-likeness(number), number), default=0)


@lru_cache(maxsize=4)
def memory_of(path: Path) -> Memory:
    """Load the memory of one training copy; copies never change once they are named."""
    return Memory(rows.load(path))


def untuned(model: str, prompt: str) -> str:
    """Answer as a base model does here: recognisable, the same every time, and no row of anyone's."""
    digest = hashlib.sha256(f"{model}\n{prompt}".encode()).hexdigest()[:8]
    return f"This is {model}, not tuned; generic answer {digest}."


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))
