"""Whom a tuned model is held against: its base model and its recipe's champion, where they can be asked.

Asks each a first question, since only the service knows what it serves; chooses no rows and judges no answer.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tunedrop.domain.evaluation import BASE, CHAMPION, FEWEST_ROWS, TUNED
from tunedrop.domain.formats import (
    ConversionError,
    Example,
    Format,
    predict_instance,
    question_of,
)
from tunedrop.domain.hosts import location_of, publisher_model
from tunedrop.domain.runs import Run, RunState
from tunedrop.errors import (
    AccessDeniedError,
    CorruptRecordError,
    InvalidRequestError,
    NotFoundError,
    QuotaExhaustedError,
    UpstreamUnavailableError,
)
from tunedrop.handlers.champions import Champion
from tunedrop.services import Services, Vertex

BASE_RETIRED = "base_retired"
BASE_UNKNOWN = "base_unknown"
"""A pipeline of one's own: what it tunes is its author's business."""
BASE_NOT_SERVED = "base_not_served"
NO_CHAMPION = "no_champion"
CHAMPION_NOT_SERVED = "champion_not_served"
TOO_FEW_SHARED_ROWS = "too_few_shared_rows"
OTHER_QUESTION_FORMAT = "other_question_format"
ANCESTOR_UNKNOWN = "ancestor_unknown"
"""The tuned model was tuned on from one of which nobody knows what it was trained on."""
NOT_SERVED = {BASE: BASE_NOT_SERVED, CHAMPION: CHAMPION_NOT_SERVED}

AWAY = (UpstreamUnavailableError, QuotaExhaustedError, AccessDeniedError)
"""A model that does not answer now, and may later."""
MOST_FIRST_QUESTIONS = 3
"""Questions that a rival may refuse, since a service may find fault with one, before it counts as not served."""


class Asked(Struct, frozen=True):
    """A model that is asked."""

    name: str
    """`tuned`, `base` or `champion`."""
    target: str
    """Resource name of its endpoint, or of a publisher's model."""
    dataset_format: str
    """In whose shape it is asked."""
    base_model: str
    """By whose price it is billed."""


def instance_of(example: Example, asked: Asked) -> dict[str, Any]:
    """A row's question in the shape that a model takes.

    Raises:
        ConversionError: That shape has no place for it.
    """
    return predict_instance(question_of(example), Format(asked.dataset_format))


def tuned_of(run: Run) -> Asked:
    """The run's own model.

    Raises:
        CorruptRecordError: It was never registered.
    """
    registered, plan = run.newest(RunState.REGISTERED), run.accepted["plan"]
    if registered is None:
        msg = f"run {run.run_id}: expected a registered step before an evaluation, found none"
        raise CorruptRecordError(msg)
    endpoint = str(registered.detail["endpoint"])
    return Asked(TUNED, endpoint, plan["dataset_format"], plan["base_model"])


class Doorbell:
    """Finds out by a first question who is served, and counts the calls."""

    def __init__(self, services: Services, vertex: Vertex, waits_for: Container[str]) -> None:
        """*waits_for* names the models that are asked again later if they do not answer now."""
        self._services = services
        self._vertex = vertex
        self._waits_for = waits_for
        self.calls = 0

    def champion(
        self, run: Run, champion: Champion | None, shared: Sequence[Example]
    ) -> Asked | str:
        """The champion, or the code of why it is not asked; *shared* rows were held out for it as well."""
        if champion is None or champion.run_id == run.run_id:
            return NO_CHAMPION
        if len(shared) < FEWEST_ROWS:
            return TOO_FEW_SHARED_ROWS
        asked = Asked(CHAMPION, champion.endpoint, champion.dataset_format, champion.base_model)
        if not _can_be_asked(asked, shared):
            return OTHER_QUESTION_FORMAT
        return asked if self.answers(asked, shared) else CHAMPION_NOT_SERVED

    def base(self, tuned: Asked, plan: Mapping[str, Any], rows: Sequence[Example]) -> Asked | str:
        """The base model in the location of the tuned model, or the code of why it is not asked."""
        if plan.get("own_template"):
            return BASE_UNKNOWN
        entry = self._services.catalog.entries.get(tuned.base_model)
        if entry is not None and entry.is_retired(self._services.today()):
            return BASE_RETIRED
        project = self._services.settings.project
        name = publisher_model(project, location_of(tuned.target), tuned.base_model)
        asked = Asked(BASE, name, tuned.dataset_format, tuned.base_model)
        return asked if self.answers(asked, rows) else BASE_NOT_SERVED

    def answers(self, asked: Asked, rows: Sequence[Example]) -> bool:
        """Whether a model answers one of the first few questions.

        Raises:
            RetryableError: It is waited for, and away.
        """
        for example in rows[:MOST_FIRST_QUESTIONS]:
            self.calls += 1
            instance = instance_of(example, asked)
            try:
                self._vertex.predictor.ask(
                    asked.target, instance, dataset_format=asked.dataset_format
                )
            except NotFoundError:
                return False
            except AWAY:
                if asked.name in self._waits_for:
                    raise
                return False
            except InvalidRequestError:
                continue
            return True
        return False


def _can_be_asked(asked: Asked, rows: Sequence[Example]) -> bool:
    try:
        for example in rows:
            instance_of(example, asked)
    except ConversionError:
        return False
    return True
