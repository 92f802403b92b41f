"""A registered tuned model as a listing tells it, and how names of the service's resources compare.

Pure values and rules; knows no ledger and no service.
"""

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
    if wanted.partition("@")[2].isdecimal():
        return wanted == found
    return wanted.partition("@")[0] == found.partition("@")[0]


def descendants(models: Iterable[Registered], roots: Iterable[Registered]) -> list[Registered]:
    """Models that were tuned on from one of *roots*, at however many removes; they learnt from its rows too."""
    candidates = [model for model in models if model.pre_tuned_model]
    found = list(roots)
    seen = {(model.recipe, model.version) for model in found}
    roots_count = len(found)
    for parent in found:  # grows meanwhile
        for model in candidates:
            is_new = (model.recipe, model.version) not in seen
            if is_new and is_same_model(model.pre_tuned_model, parent.tuned_model):
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
