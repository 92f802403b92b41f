"""Scripted failures, as data: an ordered list of rules, each for the next call that matches.

Says what shall happen; how a job plays it is the business of its own module.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from tunedrop.local.vertex import tasks
from tunedrop.local.vertex.errors import HTTP_STATUS, invalid
from tunedrop.local.vertex.journal import Journal

ACTS = {
    "refuse": "answer with `code` and `message`, apply nothing",
    "lose_response": "apply the call, then answer UNAVAILABLE",
    "hang": "apply nothing and answer only after `seconds`",
    "hang_after": "apply the call and answer only after `seconds`",
    "fail": "the job ends FAILED with `code` and `message`",
    "fail_task": "the pipeline job's `task` fails with `code` and `message`",
    "fail_with_model": "the tuned model is uploaded but gets no endpoint",
    "no_model": "the job ends SUCCEEDED and holds no model",
    "old_model": "a cache hands back the model and the endpoint of an earlier pipeline job",
    "drop_rows": "the tuning job succeeds without the rows `truncated`, of which as many are named as there are `dropped` reasons",
    "cancelled": "somebody else cancels the job half-way",
    "expired": "the tuning job ends EXPIRED",
    "paused": "the job stops half-way as PAUSED",
    "end_in_state": "the job ends well, but in the state with the number `state`",
    "stuck": "the job stays RUNNING until it is cancelled",
}
"""Every act and what it does."""

CALL_ACTS = frozenset({"refuse", "lose_response", "hang", "hang_after"})
CREATES = {"CreatePipelineJob": "pipeline", "CreateTuningJob": "tuning"}
_TUNING_ONLY = frozenset({"expired", "drop_rows"})
_PIPELINE_ONLY = frozenset({"fail_task", "old_model"})


@dataclass(frozen=True)
class Subject:
    """What a rule can look at."""

    method: str
    labels: Mapping[str, str] = field(default_factory=dict)
    display_name: str = ""
    base_model: str = ""


@dataclass(frozen=True)
class Rule:
    """One scripted behaviour; names match with `*` and `?`."""

    act: str
    method: str = ""
    """The one call it is for; empty is either create."""
    labels: Mapping[str, str] = field(default_factory=dict)
    display_name: str = "*"
    base_model: str = "*"
    code: str = "INTERNAL"
    message: str = "Internal error encountered."
    task: str = "large-language-model-tuner"
    seconds: float = 600.0
    truncated: tuple[int, ...] = ()
    """1-based numbers of rows."""
    dropped: tuple[str, ...] = ()
    state: int = 0
    """The number of a state, a documented one or not."""
    times: int = 1

    @classmethod
    def from_json(cls, content: object) -> "Rule":
        """Read a rule; an unknown act, field, task or code is INVALID_ARGUMENT."""
        known = {f.name for f in fields(cls)}
        if not isinstance(content, dict) or not content.keys() <= known:
            raise invalid(f"A rule is an object with some of {sorted(known)}.")
        try:
            rule = msgspec.convert(content, cls)
        except msgspec.ValidationError as error:
            raise invalid(f"Invalid rule: {error}.") from error
        if rule.act not in ACTS:
            raise invalid(f"Expected an act of {sorted(ACTS)}, found {rule.act!r}.")
        if rule.task not in tasks.BY_NAME:
            raise invalid(f"Expected a task of {sorted(tasks.BY_NAME)}, found {rule.task!r}.")
        if rule.code not in HTTP_STATUS:
            raise invalid(f"Expected a code of {sorted(HTTP_STATUS)}, found {rule.code!r}.")
        return rule

    def to_json(self) -> dict[str, Any]:
        """Return the rule as it is stored."""
        return asdict(self)

    def matches(self, subject: Subject) -> bool:
        """Tell whether the rule is for this call."""
        return (
            self._reaches(subject.method)
            and self.labels.items() <= subject.labels.items()
            and fnmatchcase(subject.display_name, self.display_name)
            and fnmatchcase(subject.base_model, self.base_model)
        )

    def _reaches(self, method: str) -> bool:
        if self.method and self.method != method:
            return False
        kind = CREATES.get(method)
        if kind is None:
            return bool(self.method) and self.act in CALL_ACTS
        return self.act not in (_TUNING_ONLY if kind == "pipeline" else _PIPELINE_ONLY)


class Script:
    """The rules still to come, on disk."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def set(self, rules: Iterable[Rule]) -> None:
        """Replace all rules; one that cannot be played is INVALID_ARGUMENT."""
        self._journal.clear("rules")
        for rule in rules:
            self._journal.append("rules", Rule.from_json(rule.to_json()).to_json())

    def rules(self) -> list[Rule]:
        """Return the rules still to come."""
        return [Rule.from_json(line) for _, line in self._journal.lines("rules")]

    def take(self, subject: Subject) -> Rule | None:
        """Use up the first rule that matches, once."""
        for seq, line in self._journal.lines("rules"):
            rule = Rule.from_json(line)
            if not rule.matches(subject):
                continue
            if rule.times > 1:
                self._journal.replace("rules", seq, replace(rule, times=rule.times - 1).to_json())
            else:
                self._journal.remove("rules", seq)
            return rule
        return None
