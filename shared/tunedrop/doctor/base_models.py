"""Judges what may be tuned: each allowed base model is known, alive, and offered where jobs run.

Pure; the facts are the catalog's.
"""

from collections.abc import Iterator

from tunedrop.catalog_entries import CatalogEntry
from tunedrop.doctor.lines import GOOD, Facts, Line, Need, State, Verdict
from tunedrop.doctor.subject import Subject
from tunedrop.suggest import did_you_mean

_WHY_ALIVE = (
    "A base model past its retirement cannot be tuned, and recipes that name it are refused."
)
_WHY_REGION = "A job is refused where its base model cannot be tuned."


def base_model_lines(subject: Subject, _facts: Facts) -> Iterator[Line]:
    """Whether anything may be tuned, and what stands in the way of each base model."""
    names = subject.settings.allowed_base_models
    need = Need(
        "base_model.any",
        "allowed base models",
        "Recipes may name those only; without one nothing is ever tuned.",
    )
    none = Verdict(State.MISSING, "none", remedy="list some in TUNEDROP_ALLOWED_BASE_MODELS")
    yield need.is_(Verdict(State.GOOD, ", ".join(names)) if names else none)
    for name in names:
        entry = subject.catalog.entries.get(name)
        need = Need(f"base_model.{name}.alive", name, _WHY_ALIVE)
        if entry is None:
            remedy = did_you_mean(name, subject.catalog.entries)
            yield need.is_(Verdict(State.UNFIT, "the catalog has no such base model", (), remedy))
            continue
        yield need.is_(_alive(subject, entry))
        yield Need(f"base_model.{name}.region", f"regions of {name}", _WHY_REGION).is_(
            _region(subject, entry)
        )
    yield from _defaults(subject)
    yield from _idle_regions(subject)


def _alive(subject: Subject, entry: CatalogEntry) -> Verdict:
    facts = entry.retirement
    if entry.is_retired(subject.today):
        remedy = "take it out of TUNEDROP_ALLOWED_BASE_MODELS"
        if facts.replacement:
            remedy = f"allow {facts.replacement} in its place"
        return Verdict(State.UNFIT, f"retired on {facts.on} ({facts.source})", (), remedy)
    if facts.on:
        return Verdict(State.GOOD, f"retires on {facts.on}")
    return Verdict(
        State.GOOD, f"no date set, not before {facts.not_before}" if facts.not_before else ""
    )


def _region(subject: Subject, entry: CatalogEntry) -> Verdict:
    offered, own = entry.regions.tuning, subject.settings.region
    if not offered or own in offered:
        return GOOD
    others = [region for region in subject.regions if region in offered]
    is_default = entry.name in subject.settings.default_base_models.values()
    found = f"not offered in {own}"
    if others and not is_default:
        return Verdict(State.GOOD, f"{found}; recipes have to name {' or '.join(others)}")
    remedy = f"offered in {', '.join(offered)}: "
    if others:
        remedy += f"drops without a recipe use {own}; take it out of TUNEDROP_DEFAULT_BASE_MODELS"
    else:
        remedy += "list one in TUNEDROP_ALLOWED_REGIONS, or deploy there"
    return Verdict(State.UNFIT, found, (), remedy)


def _defaults(subject: Subject) -> Iterator[Line]:
    for dataset_format, name in sorted(subject.settings.default_base_models.items()):
        need = Need(
            f"base_model.default.{dataset_format}",
            f"{name}, for {dataset_format} datasets without a recipe",
            "Such drops are refused unless their base model is an allowed one.",
        )
        remedy = f"add {name} to TUNEDROP_ALLOWED_BASE_MODELS"
        refused = Verdict(State.UNFIT, "it is not allowed", (), remedy)
        yield need.is_(GOOD if name in subject.settings.allowed_base_models else refused)


def _idle_regions(subject: Subject) -> Iterator[Line]:
    idle = [
        region
        for region in subject.settings.allowed_regions
        if subject.base_models
        and all(e.regions.tuning and region not in e.regions.tuning for e in subject.base_models)
    ]
    if subject.settings.allowed_regions:
        need = Need(
            "base_model.regions",
            "allowed regions",
            "A recipe that names a region without any base model is refused.",
        )
        remedy = "take them out of TUNEDROP_ALLOWED_REGIONS"
        found = f"no allowed base model is offered in {', '.join(idle)}"
        yield need.is_(Verdict(State.UNFIT, found, (), remedy) if idle else GOOD)
