"""Holds a case to every rule: what the service documents, and what the place allows.

Kept from building anything; a case comes in, problems and notes go out.
"""

from collections.abc import Collection, Iterator

from tunedrop.domain import tuning as rules
from tunedrop.domain.tuning import Note
from tunedrop.errors import Problem
from tunedrop.planning.case import Case
from tunedrop.recipes.forms import texts_in


def problems_of(case: Case) -> list[Problem]:
    """Return every rule that the case breaks; `where` is a dotted field, `dataset` or `evaluation`."""
    return [
        *_permissions(case),
        *_dataset(case),
        *_evaluation(case),
        *_tuning(case),
        *_regions(case),
        *_encryption(case),
    ]


def notes_of(case: Case) -> list[Note]:
    """Return what is worth knowing about a case that breaks no rule."""
    facts, dataset = case.facts, case.entry.dataset
    return [
        *case.route.notes,
        *_rerouting_notes(case),
        *rules.size_notes(facts.example_count, recommended=dataset.recommended_examples),
        *_evaluation_notes(case),
        *_step_notes(case),
        *_place_notes(case),
    ]


def _permissions(case: Case) -> Iterator[Problem]:
    place, own = case.place, case.recipe.pipeline
    if own is not None:
        yield from _allowed("pipeline.template_uri", own.template_uri, place.allowed_templates)
    else:
        yield from _allowed("base_model", case.entry.name, place.allowed_base_models)
    lists = {
        "region": place.allowed_regions | {place.region},
        "upload_region": place.allowed_regions | {place.region},
        "service_account": place.allowed_service_accounts | {place.service_account},
        "encryption_key": place.allowed_encryption_keys | {place.encryption_key},
    }
    for field, allowed in lists.items():
        if field in case.given:
            yield from _allowed(f"tuning.{field}", case.given[field], allowed)
    for field in ("tensorboard", "pre_tuned_model"):
        if field in case.given:
            project = case.given[field].split("/")[1]
            projects = {place.project, place.project_number}
            yield from _allowed(f"tuning.{field}", f"project {project}", _in_words(projects))


def _in_words(projects: Collection[str | None]) -> set[str]:
    return {f"project {project}" for project in projects if project}


def _allowed(where: str, value: str, allowed: Collection[str | None]) -> Iterator[Problem]:
    if value not in allowed:
        remedy = "name one that is, or ask who runs the deployment to allow it"
        yield Problem(where, "one that this deployment allows", value, remedy, "not_allowed")


def _dataset(case: Case) -> Iterator[Problem]:
    limits, facts = case.entry.dataset, case.facts
    by_authors = limits.counted == "authors"
    most = None if by_authors else limits.max_examples
    yield from rules.size_problems(
        facts.example_count, minimum=limits.min_examples, maximum=most, counted="examples"
    )
    if by_authors:
        yield from rules.size_problems(
            facts.author_count,
            minimum=0,
            maximum=limits.max_examples,
            counted="author fields in all messages of all examples",
        )


def _evaluation(case: Case) -> Iterator[Problem]:
    limits, count = case.entry.evaluation, case.facts.evaluation_count
    yield from rules.needs_evaluation_problems(
        (f for f in case.given if f in case.entry.interface.parameters),
        has_evaluation=case.sends_evaluation,
    )
    if not case.sends_evaluation or count is None:
        return
    yield from rules.evaluation_size_problems(
        count, minimum=limits.min_examples, maximum=limits.max_examples
    )
    yield from rules.evaluation_share_problems(
        count,
        case.facts.example_count,
        max_share=limits.max_share_of_training,
        applies_above=limits.share_applies_above,
    )


def _tuning(case: Case) -> Iterator[Problem]:
    entry = case.entry
    applicable = entry.interface.parameters
    yield from rules.applicability_problems(case.given, applicable, entry.name)
    if entry.compute is not None and case.length.accelerator_type is not None:
        yield from rules.accelerator_problems(
            case.length.accelerator_type, entry.compute.accelerators
        )
    if entry.interface.backend == "tuning_job" and case.length.epochs is not None:
        yield from rules.whole_epochs_problems(case.length.epochs)
    if entry.adapters is not None and "adapter_size" in case.given:
        yield from rules.adapter_size_problems(case.given["adapter_size"], entry.adapters.sizes)


def _regions(case: Case) -> Iterator[Problem]:
    regions = case.entry.regions.tuning
    yield from rules.region_problems("region", case.region, regions)
    if case.upload_region != case.region:
        yield from rules.region_problems("upload_region", case.upload_region, regions)
    if "tensorboard" in case.given:
        yield from rules.tensorboard_problems(case.given["tensorboard"], case.region)


def _encryption(case: Case) -> Iterator[Problem]:
    if case.encryption_key is None:
        return
    facts = case.entry.encryption
    unsupported = rules.encryption_support_problems(
        supported=facts.supported,
        accelerator=case.length.accelerator_type,
        accelerators=facts.accelerators,
        base_model=case.entry.name,
    )
    yield from unsupported
    if not unsupported:
        yield from rules.encryption_region_problems(
            case.encryption_key,
            region=case.region,
            upload_region=case.upload_region,
            regions=facts.regions,
        )


def _rerouting_notes(case: Case) -> Iterator[Note]:
    for field in case.ignored:
        text = f"tuning.{field} does not apply to {case.entry.name} and is left out"
        yield Note("left_out", text)
    tuning = case.recipe.tuning
    if case.route.rerouted and (tuning.train_steps or tuning.epochs) and case.length.epochs:
        yield Note(
            "epochs_converted", f"the length of training comes to {case.length.epochs:g} epochs"
        )


def _evaluation_notes(case: Case) -> Iterator[Note]:
    if case.facts.evaluation_count is not None and not case.sends_evaluation:
        text = (
            f"{case.entry.name} gets no evaluation set;"
            " the held-out rows serve our own comparison only"
        )
        yield Note("evaluation_not_sent", text)
    selection = case.given.get("enable_checkpoint_selection")
    yield from rules.checkpoint_selection_notes(selection, has_evaluation=case.sends_evaluation)
    if case.tensorboard:
        yield from rules.tensorboard_notes(has_evaluation=case.sends_evaluation)


def _step_notes(case: Case) -> Iterator[Note]:
    steps, advised = case.length.train_steps, case.entry.recommended_steps
    if steps is None:
        return
    if advised is not None:
        yield from rules.recommended_steps_notes(
            steps,
            case.facts.example_count,
            from_examples=advised.from_examples,
            low=advised.min_steps,
            high=advised.max_steps,
        )
    interval = case.given.get("evaluation_interval", case.entry.defaults.evaluation_interval)
    if case.sends_evaluation and interval is not None:
        yield from rules.evaluation_points_notes(steps, interval)


def _place_notes(case: Case) -> Iterator[Note]:
    if case.length.accelerator is not None and case.length.accelerator_type is not None:
        yield from rules.compute_region_notes(
            case.length.accelerator_type, case.length.accelerator.compute_region, case.region
        )
    own = case.recipe.pipeline
    if own is not None and not any(
        "{model_display_name}" in text for text in texts_in(own.parameters)
    ):
        text = (
            "no parameter holds {model_display_name}: a repeated attempt may get an earlier"
            " attempt's tuned model from the pipeline's cache"
        )
        yield Note("cache_may_answer", text)
