"""A registered tuned model as a listing tells it, and how names of the service's resources compare.

Pure values and rules; knows no ledger and no service.
"""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct


class Registered(Struct, frozen=True, kw_only=True):
    """One version of a recipe: a tuned model that was served and has answered a call."""

    recipe: str
    version: int
    """Counted from 1 within the recipe."""
    run_id: str
    attempt: int
    base_model: str
    dataset_format: str
    tuned_model: str
    endpoint: str
    at: datetime
    """When it was registered."""
    dataset_digest: str
    """SHA-256 in hex of the bytes that the job read."""
    estimated_usd: float | None = None
    billed_usd: float | None = None
    """What the service billed by its own count of tokens; None where it does not say, or the price is not known."""
    pre_tuned_model: str = ""
    """The tuned model that it was tuned on from; empty for one that comes from a base model."""


def without_project(name: str) -> str:
    """A resource's name from its location on; services write the project before it by id or by number."""
    return name.partition("/locations/")[2] or name


def is_same_model(asked: str, name: str) -> bool:
    """Whether a name means a model; one without a version, or by an alias of ours, means each of its versions."""
    wanted, found = without_project(asked), without_project(name)
    if _has_version(wanted):
        return wanted == found
    return _without_version(wanted) == _without_version(found)


def _has_version(name: str) -> bool:
    return name.partition("@")[2].isdecimal()


def _without_version(name: str) -> str:
    return name.partition("@")[0]


class Family:
    """Which models were tuned on from which.

    A model comes from one that was registered before it; a name without a version, or with an alias,
    means the newest of those.
    """

    def __init__(self, models: Iterable[Registered]) -> None:
        self._by_name: dict[str, list[Registered]] = {}
        self._children: dict[tuple[str, int], list[Registered]] = {}
        by_age = sorted(models, key=lambda model: model.at)
        for model in by_age:
            name = without_project(model.tuned_model)
            for each in {name, _without_version(name)}:
                self._by_name.setdefault(each, []).append(model)
        for model in by_age:
            parent = self.parent(model)
            if parent is not None:
                self._children.setdefault((parent.recipe, parent.version), []).append(model)

    def parent(self, model: Registered) -> Registered | None:
        """The model that a model was tuned on from; None where it is none of these."""
        name = without_project(model.pre_tuned_model)
        asked = name if _has_version(name) else _without_version(name)
        named = self._by_name.get(asked, [])
        older = bisect_left(named, model.at, key=lambda each: each.at)
        return named[older - 1] if name and older else None

    def ancestors(self, model: Registered) -> list[Registered]:
        """The models that it comes from, the nearest first."""
        found = []
        parent = self.parent(model)
        while parent is not None:
            found.append(parent)
            parent = self.parent(parent)
        return found

    def descendants(self, roots: Iterable[Registered]) -> list[Registered]:
        """Models that come from one of *roots*, the nearest first; they learnt from its rows too."""
        found = list(roots)
        seen = {(model.recipe, model.version) for model in found}
        roots_count = len(found)
        for parent in found:  # grows meanwhile
            for model in self._children.get((parent.recipe, parent.version), ()):
                if (model.recipe, model.version) not in seen:
                    seen.add((model.recipe, model.version))
                    found.append(model)
        return found[roots_count:]


def newest_versions(models: Iterable[Registered]) -> dict[str, Registered]:
    """The newest version of each recipe."""
    newest: dict[str, Registered] = {}
    for model in models:
        if model.recipe not in newest or model.version > newest[model.recipe].version:
            newest[model.recipe] = model
    return newest
