"""Which model a command calls: a recipe's champion or its newest version, the model of a run, or a base model.

Reads champions and the registry; calls nothing.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tunedrop.errors import UsageError

if TYPE_CHECKING:
    from tunedrop.domain.registered import Registered
    from tunedrop.handlers.champions import Champion
    from tunedrop.services import Services, Vertex

BASE, CHAMPION, NEWEST, RUN = "base", "champion", "newest", "run"


@dataclass(frozen=True, slots=True)
class Callee:
    """A model that can be called."""

    role: str
    """`base`, `champion`, `newest`, or `run` for one that was named."""
    recipe: str
    version: int | None
    """None of a base model, as are run and tuned model."""
    run_id: str | None
    tuned_model: str | None
    base_model: str
    target: str
    """Resource name of its endpoint, or of the publisher's model."""
    dataset_format: str
    context: str | None = None
    """What it was tuned under, once `in_context` has looked; a base model is asked under the tuned one's."""

    @property
    def title(self) -> str:
        """What people are told that it is."""
        if self.version is None:
            return f"{self.role} {self.base_model}"
        return f"{self.role}, version {self.version}, run {self.run_id}"


def find_callee(deployment: "Services", which: str) -> Callee:
    """Find the tuned model of a run, or a recipe's champion; the newest version where it has none.

    Raises:
        UsageError: There is none.
    """
    found = _of_run(deployment, which) or champion_of(deployment, which)
    return found or newest_of(deployment, which)


def champion_of(deployment: "Services", recipe: str) -> Callee | None:
    """A recipe's champion; None while it has none."""
    from tunedrop.handlers import champions

    champion = champions.newest(deployment, recipe)
    return _callee(CHAMPION, champion) if champion else None


def newest_of(deployment: "Services", recipe: str) -> Callee:
    """A recipe's newest version.

    Raises:
        UsageError: It has none.
    """
    return max(_versions(deployment, recipe), key=lambda each: each.version or 0)


def version_of(deployment: "Services", recipe: str, version: int) -> Callee:
    """A version of a recipe.

    Raises:
        UsageError: It has no such version.
    """
    found = [each for each in _versions(deployment, recipe) if each.version == version]
    if not found:
        raise UsageError(
            f"{recipe}: expected a registered version {version}, found none;"
            f" see `tunedrop models --recipe {recipe}`"
        )
    return found[0]


def _versions(deployment: "Services", recipe: str) -> list[Callee]:
    from tunedrop import registry

    versions = registry.versions(deployment, recipe)
    if not versions:
        raise UsageError(
            f"{recipe}: expected a recipe or a run with a registered model, found none;"
            " see `tunedrop models`"
        )
    return [_callee(NEWEST, each) for each in versions]


def run_of(deployment: "Services", recipe: str, run_id: str) -> Callee:
    """The model of a recipe's run.

    Raises:
        UsageError: There is no such run with a registered model.
    """
    found = _of_run(deployment, run_id)
    if found is None or recipe not in {found.recipe, run_id}:
        raise UsageError(
            f"--run {run_id}: expected a run of {recipe} with a registered model, found none;"
            f" see `tunedrop models --recipe {recipe}`"
        )
    return found


def in_context(deployment: "Services", tuned: Callee) -> Callee:
    """The tuned model with the context that it was tuned under, by its run."""
    from tunedrop.domain.tuned_context import context_of

    run = deployment.runbook.load(tuned.run_id or "")
    return replace(tuned, context=context_of(run) if run else None)


def base_of(deployment: "Services", tuned: Callee) -> Callee:
    """The base model of a tuned one, in the same location and shape, under the same context.

    Raises:
        UsageError: It comes from a pipeline of one's own, whose base model nobody knows.
    """
    from tunedrop.domain.hosts import location_of, publisher_model

    if tuned.base_model not in deployment.catalog.entries:
        raise UsageError(
            f"{tuned.recipe}: expected a base model of the catalog, found {tuned.base_model}; ask without the base model"
        )
    location = location_of(tuned.target)
    return Callee(
        role=BASE,
        recipe=tuned.recipe,
        version=None,
        run_id=None,
        tuned_model=None,
        base_model=tuned.base_model,
        target=publisher_model(deployment.settings.project, location, tuned.base_model),
        dataset_format=tuned.dataset_format,
        context=tuned.context,
    )


def call(ai: "Vertex", callee: Callee, question: str) -> str:
    """Send one question in the shape and under the context that the model was tuned on; returns the answer's text.

    Raises:
        TunedropError: The service refused, or did not answer.
    """
    from tunedrop.domain.formats import Example, Format, Turn, predict_instance

    dataset_format = Format(callee.dataset_format)
    example = Example(turns=(Turn("user", question),), context=callee.context)
    instance = predict_instance(example, dataset_format)
    return ai.predictor.ask(callee.target, instance, dataset_format=dataset_format)


def _of_run(deployment: "Services", run_id: str) -> Callee | None:
    """The registered model of a run; None if there is no such run, or no model of it."""
    from tunedrop.domain.runs import RunState

    run = deployment.runbook.load(run_id) if "/" not in run_id else None
    registered = run.newest(RunState.REGISTERED) if run else None
    if run is None or registered is None:
        return None
    detail, plan = registered.detail, run.accepted["plan"]
    return Callee(
        role=RUN,
        recipe=str(run.accepted["recipe"]["name"]),
        version=int(detail["version"]),
        run_id=run.run_id,
        tuned_model=str(detail["tuned_model"]),
        base_model=str(plan["base_model"]),
        target=str(detail["endpoint"]),
        dataset_format=str(plan["dataset_format"]),
    )


def _callee(role: str, model: "Champion | Registered") -> Callee:
    return Callee(
        role=role,
        recipe=model.recipe,
        version=model.version,
        run_id=model.run_id,
        tuned_model=model.tuned_model,
        base_model=model.base_model,
        target=model.endpoint,
        dataset_format=model.dataset_format,
    )
