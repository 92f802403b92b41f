"""The numbers of a whole file: its blocks' tallies added up, and what is published of them.

Holds counts and hashes, and not a character of the dataset.
"""

from array import array
from collections import Counter
from operator import add

from tunedrop.domain.checks.options import CheckOptions
from tunedrop.domain.checks.rows import Earliest, Rows
from tunedrop.domain.checks.sizes import Sizes
from tunedrop.domain.checks.tally import Tally
from tunedrop.domain.cost import CHARACTERS_PER_TOKEN
from tunedrop.domain.findings import Code

TOKENS_PER_CHARACTER_BAND = (0.231, 0.317)
"""Lowest and highest ratio in Google's own cost script for open models (vertex-ai-samples, read 2026-11-23)."""
_COMPARED = (Code.EXACT_DUPLICATE, Code.CONFLICTING_ANSWERS, Code.OVERLAP_WITH_EVALUATION)


class Statistics:
    """Sums over the kept lines of all blocks."""

    def __init__(self, options: CheckOptions) -> None:
        self._options = options
        self.examples = 0
        self.turns = 0
        self.with_instruction = 0
        self._bare_lines: list[int] = []
        self.rows = Rows()
        self.content_hashes = array("Q")
        # Counted at each merge and not at the end, when no other process is at work any more.
        self._inputs: Counter[int] = Counter()
        self._outputs: Counter[int] = Counter()
        self._totals: Counter[int] = Counter()

    def merge(self, tally: Tally, offset: int) -> None:
        """Add what was counted of the lines after the first *offset* ones."""
        self.examples += tally.examples
        self.turns += tally.turns
        self.with_instruction += tally.with_instruction
        room = self._options.kept_lines_per_code - len(self._bare_lines)
        self._bare_lines += [line + offset for line in tally.bare_lines[:room]]
        lines, inputs, outputs, prompts, answers = tally.columns()
        self._inputs.update(inputs)
        self._outputs.update(outputs)
        self._totals.update(map(add, inputs, outputs))
        self.content_hashes.extend(tally.content_hashes)
        self.rows.extend([line + offset for line in lines], prompts, answers)

    @property
    def prompt_hashes(self) -> "array[int]":
        """The hash of every row's prompt, where it was asked for."""
        return self.rows.prompts() if self._options.with_prompt_hashes else array("Q")

    def without_instruction(self) -> Earliest:
        """The lines without an instruction."""
        found = Earliest(self._options.kept_lines_per_code)
        for line in self._bare_lines:
            found.add(line)
        found.count = self.examples - self.with_instruction
        return found

    def compared(self) -> dict[Code, Earliest]:
        """What the rows are found to be beside each other and beside the evaluation file."""
        found = {code: Earliest(self._options.kept_lines_per_code) for code in _COMPARED}
        for code, line, earlier in self.rows.compared(self._options.evaluation_prompts):
            found[code].add(line, earlier)
        return found

    def to_json(self, compared: dict[Code, Earliest]) -> dict[str, object]:
        """The published statistics; characters are Unicode code points, tokens are estimates."""
        if not self._options.with_contents:
            return {"examples": self.examples}
        inputs, outputs, totals = map(Sizes, (self._inputs, self._outputs, self._totals))
        return {
            "examples": self.examples,
            "turns": self.turns,
            "authors": self.turns,
            "with_instruction": self.with_instruction,
            "duplicates": compared[Code.EXACT_DUPLICATE].count,
            "conflicts": compared[Code.CONFLICTING_ANSWERS].count,
            "characters": {"input": inputs.sum, "output": outputs.sum, "total": totals.sum},
            "tokens": {
                "estimator": f"characters / {CHARACTERS_PER_TOKEN}",
                "band_per_character": list(TOKENS_PER_CHARACTER_BAND),
                "input": inputs.sum // CHARACTERS_PER_TOKEN,
                "output": outputs.sum // CHARACTERS_PER_TOKEN,
                "total": totals.sum // CHARACTERS_PER_TOKEN,
                "per_example": _quantiles(totals),
                "input_per_example": _quantiles(inputs),
                "output_per_example": _quantiles(outputs),
            },
            "characters_histogram": totals.histogram(),
            "input_characters_histogram": inputs.histogram(),
            "output_characters_histogram": outputs.histogram(),
        }


def _quantiles(sizes: Sizes) -> dict[str, int]:
    """Tokens of the example at 50 % and 95 % of the order of size, and of the largest."""
    return {
        name: sizes.quantile(share) // CHARACTERS_PER_TOKEN
        for name, share in (("p50", 0.50), ("p95", 0.95), ("max", 1.0))
    }
