"""Looks at what the texts of an example say: secrets, personal data, fences, code, answers that repeat.

Says where something is and of what kind, and never what it says. One quick search a text is all that most examples cost.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from tunedrop.domain.checks import personal, secret_patterns
from tunedrop.domain.checks.code_parsing import CodeSample, Fault, fault_of
from tunedrop.domain.checks.fences import MARKS, Block, fenced_blocks
from tunedrop.domain.checks.options import CheckOptions
from tunedrop.domain.checks.personal import personal_data_in
from tunedrop.domain.checks.secret_patterns import secrets_in
from tunedrop.domain.checks.spotting import spotter
from tunedrop.domain.findings import Code, LineFinding, Severity
from tunedrop.domain.formats import Conversation

_MOST_OF_A_CODE = 5


class Seen(Struct):
    """What was seen in the texts of a stretch of a file."""

    fences: Counter[str] = field(default_factory=Counter)
    """Fenced blocks by language."""
    parsed_blocks: int = 0
    unparsable_blocks: int = 0

    def merge(self, later: "Seen") -> None:
        """Add what was seen in the next stretch."""
        self.fences += later.fences
        self.parsed_blocks += later.parsed_blocks
        self.unparsable_blocks += later.unparsable_blocks

    def to_json(self) -> dict[str, object]:
        """The published statistics: blocks by language, and how the sample of them parsed."""
        return {
            "fences": dict(sorted(self.fences.items())),
            "parsed_blocks": self.parsed_blocks,
            "unparsable_blocks": self.unparsable_blocks,
        }


class Contents:
    """Looks at what the texts of kept examples say; tells it to begin with each stretch of a file."""

    def __init__(self, options: CheckOptions) -> None:
        on = {code for code in Code if options.severity_of(code) is not Severity.OFF}
        self._reports_open_fences = Code.UNCLOSED_FENCE in on
        self._parses = Code.CODE_DOES_NOT_PARSE in on
        self._seen = Seen()
        # What rejects lines may not depend on a sample: the writer sees other stretches than the check.
        is_error = options.severity_of(Code.CODE_DOES_NOT_PARSE) is Severity.ERROR
        self._sample = CodeSample(options.thresholds, takes_all=is_error)
        secrets = secret_patterns.PATTERNS if Code.SECRET_IN_TEXT in on else ()
        data = personal.PATTERNS if Code.PERSONAL_DATA in on else ()
        marks = MARKS if on & {Code.UNCLOSED_FENCE, Code.CODE_DOES_NOT_PARSE} else ()
        self._may_hold_secret = spotter(secrets)
        self._may_hold_data = spotter(data)
        self._may_hold_fence = spotter(marks)
        self._is_suspicious = spotter((*secrets, *data, *marks))
        self._compares = Code.ANSWER_EQUALS_PROMPT in on

    def begin(self, seen: Seen, *, is_first: bool) -> None:
        """Begin another stretch of the file, and count what is seen of it into *seen*."""
        self._seen = seen
        self._sample.begin(is_first=is_first)

    def examine(self, conversation: Conversation) -> tuple[LineFinding, ...]:
        """Look at one example's texts; at most five findings of a code.

        What is no text stands in as JSON behind a mark, and is looked at like text.
        """
        is_suspicious, texts = self._is_suspicious, conversation.texts
        if (
            is_suspicious(conversation.prompt)
            or is_suspicious(texts[-1])
            or (self._compares and _may_repeat(texts, conversation.users))
        ):
            return self._look_closely(conversation)
        return ()

    def _look_closely(self, conversation: Conversation) -> tuple[LineFinding, ...]:
        found: list[LineFinding] = []
        texts = conversation.texts
        if conversation.context:
            found += self._sensitive("the instruction", conversation.context)
        for number, text in enumerate(texts, 1):
            if self._is_suspicious(text):
                place = _place(number, len(texts))
                if self._may_hold_fence(text):
                    found += self._fenced(place, text)
                found += self._sensitive(place, text)
        if self._compares and (repeated := _repeated_turn(texts, conversation.users)):
            message = f"the answer repeats {_place(repeated, len(texts))}"
            found.append(LineFinding(Code.ANSWER_EQUALS_PROMPT, message))
        return tuple(_first_of_each_code(found) if len(found) > _MOST_OF_A_CODE else found)

    def _sensitive(self, place: str, text: str) -> Iterator[LineFinding]:
        if self._may_hold_secret(text):
            for name in secrets_in(text):
                yield LineFinding(Code.SECRET_IN_TEXT, f"{place} holds what looks like {name}")
        if self._may_hold_data(text):
            for name in personal_data_in(text):
                yield LineFinding(Code.PERSONAL_DATA, f"{place} holds what looks like {name}")

    def _fenced(self, place: str, text: str) -> Iterator[LineFinding]:
        for block in fenced_blocks(text):
            self._seen.fences[block.language] += 1
            if block.end is None:
                if self._reports_open_fences:
                    message = (
                        f"the block that begins on line {block.line} of {place} is never closed"
                    )
                    yield LineFinding(Code.UNCLOSED_FENCE, message)
            elif self._parses and self._sample.takes(block.language, block.end - block.start):
                self._seen.parsed_blocks += 1
                fault = fault_of(block.language, block.source)
                if fault:
                    self._seen.unparsable_blocks += 1
                    message = f"{_unparsable(block, place, fault)}; {self._sample.extent}"
                    yield LineFinding(Code.CODE_DOES_NOT_PARSE, message)


def _may_repeat(texts: Sequence[str], users: tuple[bool, ...]) -> bool:
    """Whether the answer could repeat another turn: what is quickly told of almost all examples."""
    return len(texts) > 1 and (texts[-1].strip() == texts[-2].strip() or not users[-2])


def _repeated_turn(texts: Sequence[str], users: tuple[bool, ...]) -> int | None:
    """1-based number of the turn that the answer repeats: the one before it, or the user's last."""
    last = len(texts)
    if not _may_repeat(texts, users):
        return None
    answer = texts[-1].strip()
    if texts[-2].strip() == answer:
        return last - 1
    asked = next((number for number in range(last - 2, 0, -1) if users[number - 1]), None)
    return asked if asked and texts[asked - 1].strip() == answer else None


def _place(number: int, turns: int) -> str:
    if number == turns:
        return "the answer"
    return "the question" if turns == 2 else f"turn {number}"  # noqa: PLR2004 — the two


def _unparsable(block: Block, place: str, fault: Fault) -> str:
    line = f" (its line {fault.line})" if fault.line else ""
    return (
        f"the {block.language} block that begins on line {block.line} of {place}"
        f" does not parse as {fault.grammar}{line}"
    )


def _first_of_each_code(findings: Iterable[LineFinding]) -> Iterator[LineFinding]:
    seen: Counter[Code] = Counter()
    for finding in findings:
        seen[finding.code] += 1
        if seen[finding.code] <= _MOST_OF_A_CODE:
            yield finding
