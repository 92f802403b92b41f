"""Asks models row by row, and tells a refusal from silence: a model that is gone refuses every question.

Holds the answers of one look; writes nothing and judges no answer.
"""

from collections.abc import Container, Iterable, Sequence
from itertools import islice

from tunedrop.domain.formats import Example
from tunedrop.domain.scoring import measured
from tunedrop.errors import InvalidRequestError, NotFoundError, UpstreamUnavailableError
from tunedrop.handlers.evaluation_rivals import (
    AWAY,
    MOST_FIRST_QUESTIONS,
    Asked,
    Doorbell,
    instance_of,
)
from tunedrop.handlers.evidence import Answer
from tunedrop.services import Services, Vertex


class Asking:
    """The rows of one look that every model has answered, and which models are no longer asked."""

    def __init__(
        self,
        services: Services,
        vertex: Vertex,
        models: Sequence[Asked],
        waits_for: Container[str],
    ) -> None:
        """*waits_for* names the models that are not done without."""
        self.rows: list[dict[str, Answer]] = []
        self.left_out: set[str] = set()
        self._examples: list[Example] = []
        self._predictor = vertex.predictor
        self._bell = Doorbell(services, vertex, waits_for=())
        self._models = models
        self._waits_for = waits_for

    def ask(self, example: Example) -> None:
        """Ask every model one row.

        Raises:
            RetryableError: One that is waited for is gone or away; the row does not count.
        """
        row = {}
        for model in self._present():
            try:
                row[model.name] = self._answer(model, example)
            except AWAY:
                if model.name in self._waits_for:
                    raise
                self.left_out.add(model.name)
        self.rows.append(row)
        self._examples.append(example)

    def make_sure(self, others: Iterable[Example]) -> None:
        """See that each model is still there that refused the last row, or take its last refusals back.

        Args:
            others: Rows to ask it where it answered none of these, those that it answered before first.

        Raises:
            UpstreamUnavailableError: One that is waited for is not; its rows up to the last answer are kept.
        """
        known = list(islice(others, MOST_FIRST_QUESTIONS))
        silent = [model for model in self._present() if not self._is_there(model, known)]
        waited_for = [model for model in silent if model.name in self._waits_for]
        self.left_out |= {model.name for model in silent} - {model.name for model in waited_for}
        for model in waited_for:
            while self.rows and not self.rows[-1][model.name].text:
                self.rows.pop()
        if waited_for:
            raise _silent(waited_for[0])

    def _is_there(self, model: Asked, others: Iterable[Example]) -> bool:
        if not self.rows or self.rows[-1][model.name].text:
            return True
        asked = zip(reversed(self.rows), reversed(self._examples), strict=True)
        answered = (example for row, example in asked if row[model.name].text)
        return self._bell.answers(model, [*islice(answered, 1), *others])

    def _present(self) -> list[Asked]:
        return [model for model in self._models if model.name not in self.left_out]

    def _answer(self, asked: Asked, example: Example) -> Answer:
        try:
            instance = instance_of(example, asked)
            text = self._predictor.ask(asked.target, instance, dataset_format=asked.dataset_format)
        except InvalidRequestError as error:
            return Answer("", error.code)
        except NotFoundError:
            raise _silent(asked) from None
        return Answer(measured(text))


def _silent(asked: Asked) -> UpstreamUnavailableError:
    return UpstreamUnavailableError(
        f"{asked.target}: expected a served model, found none any more; the {asked.name} model's questions wait"
    )
