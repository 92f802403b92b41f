"""What a step of a deployment is: what it makes, why, how to look, create, mend and undo.

Knows how found settings are compared with expected ones; knows no particular resource.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tunedrop_deploy_lib.gcloud import Command

Fill = Callable[[str], str]
"""Puts facts in place of their names."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it should be.

    Attributes:
        what: One sentence: expected this, found that.
        mend: Commands that put it right; none where only a person may decide.
        remedy: What that person can do.
    """

    what: str
    mend: tuple[Command, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that a deployment has."""

    key: str
    """Stable name such as `bucket/ledger`."""
    makes: str
    """Noun phrase."""
    why: str
    """One sentence for whoever reads the plan."""
    look: Command
    """Prints JSON of what is there."""
    create: tuple[Command, ...]
    """Makes it where there is nothing; none where only a person can."""
    remedy: str = ""
    """What that person can do."""
    judge: Callable[[Any, Fill], Sequence[Difference]]
    """Compares what was found with what should be."""
    undo: Callable[[Any, Fill], tuple[Command, ...]]
    """Commands that remove it, given what was found."""
    absent: Callable[[Any], bool] = lambda found: found is None
    """Whether what was found counts as nothing."""
    grants: tuple["Grant", ...] = ()
    """Access rights that the step gives, for the permissions table."""
    monthly: str = ""
    """What it costs a month, where it costs anything."""
    holds_data: bool = False
    """Whether removing it loses what people put there."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Contents of files that its commands read, by path from the repository's root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One access right."""

    member: str
    """As IAM writes it, such as `serviceAccount:…`; may mention facts."""
    role: str
    why: str
    condition: str = ""
    """Expression under which it holds."""
    title: str = ""
    """Of the condition."""
    holder: str = ""
    """Who that is, for people, such as `launcher`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One property of a resource: where it is read back, what it has to be, which flags make it so."""

    path: str
    """Dotted place in the JSON that looking prints."""
    expected: Any
    """May mention facts where it is text."""
    flags: tuple[str, ...] = ()
    """Given at creation."""
    mend: tuple[str, ...] | None = None
    """Given to put it right; the flags of creation unless said otherwise."""
    fixed: str = ""
    """Where it can never be changed: what a person can do."""
    read: Callable[[Any], Any] = lambda found: found
    """Brings what was found into the form of `expected`."""


def found_at(document: Any, path: str) -> Any:  # noqa: ANN401 — JSON of any shape
    """What lies at a dotted path, or None."""
    for part in path.split("."):
        if not isinstance(document, dict):
            return None
        document = document.get(part)
    return document


def judge_settings(
    name: str, settings: Sequence[Setting], mend: Callable[[tuple[str, ...]], tuple[Command, ...]]
) -> Callable[[Any, Fill], tuple[Difference, ...]]:
    """Build the comparison of a resource's settings.

    Args:
        name: Noun phrase that differences begin with.
        settings: What is compared.
        mend: Makes the commands that put right what the given flags name.
    """

    def judge(found: Any, fill: Fill) -> tuple[Difference, ...]:  # noqa: ANN401 — JSON
        differences = []
        for setting in settings:
            expected = filled_value(setting.expected, fill)
            actual = setting.read(found_at(found, setting.path))
            if actual != expected:
                what = f"{name}: expected {setting.path} to be {expected!r}, found {actual!r}"
                flags = setting.flags if setting.mend is None else setting.mend
                commands = () if setting.fixed else mend(flags)
                differences.append(Difference(what, commands, setting.fixed))
        return tuple(differences)

    return judge


def filled_value(value: Any, fill: Fill) -> Any:  # noqa: ANN401 — JSON of any shape
    """The value with the facts that its texts mention."""
    match value:
        case str():
            return fill(value)
        case dict():
            return {key: filled_value(item, fill) for key, item in value.items()}
        case list():
            return [filled_value(item, fill) for item in value]
        case _:
            return value


def flags_of(settings: Sequence[Setting]) -> tuple[str, ...]:
    """The flags of all settings, each once."""
    return tuple(dict.fromkeys(flag for setting in settings for flag in setting.flags))


def always(*commands: Command) -> Callable[[Any, Fill], tuple[Command, ...]]:
    """Undo with these commands, whatever was found."""
    return lambda _found, _fill: commands


def as_text(found: Any) -> str | None:  # noqa: ANN401 — JSON of any shape
    """Numbers and their texts alike."""
    return None if found is None else str(found)


def as_seconds(found: Any) -> str | None:  # noqa: ANN401 — JSON of any shape
    """`600`, `"600"` and `"600s"` alike."""
    return None if found is None else str(found).removesuffix("s")


def only(keys: Sequence[str]) -> Callable[[Any], Any]:
    """Read only these keys of a table; others belong to somebody else."""
    return lambda found: {k: v for k, v in (found or {}).items() if k in keys}
