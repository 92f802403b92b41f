"""What one comparison asks of whom: drawn up once, written once, and the same for whoever goes on with it.

Bounded by a number of questions and by what they cost; asks none of them.
"""

from collections.abc import Container, Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tunedrop.catalog import Catalog
from tunedrop.domain import naming
from tunedrop.domain.cost import tokens_of
from tunedrop.domain.evaluation import BASE, CHAMPION, FEWEST_ROWS
from tunedrop.domain.formats import Example, Format, answer_of, conversation_of, read_example
from tunedrop.domain.runs import Run
from tunedrop.errors import CorruptRecordError, NotFoundError, PreconditionFailedError
from tunedrop.handlers.champions import Champion
from tunedrop.handlers.evaluation_rivals import (
    ANCESTOR_UNKNOWN,
    NO_CHAMPION,
    NOT_SERVED,
    TOO_FEW_SHARED_ROWS,
    Asked,
    Doorbell,
    tuned_of,
)
from tunedrop.handlers.evaluation_rows import Drawn, Question, draw
from tunedrop.recipes.model import Evaluation
from tunedrop.services import Services

_FILE = "questions.json"
_MOST_BYTES = 128 * 1024 * 1024
_MILLION = 1_000_000
_DIGITS = 4


class Questionnaire(Struct, frozen=True):
    """The questions of one comparison, and the models that are asked all of them."""

    dataset_format: str
    """Of the questions' rows."""
    questions: tuple[Question, ...]
    models: tuple[Asked, ...]
    skipped: Mapping[str, str]
    """Why a rival is not asked, by rival."""
    champion_sequence: int
    """Of the champion's record in its chain; 0 where there was none."""
    champion_version: int | None
    first_calls: int
    """Calls that were made to find out who is served."""
    estimated_usd: float | None
    """Of all answers to all questions; None where a price is not known, which is not zero."""

    @property
    def calls(self) -> int:
        """How many calls the comparison takes, those that found out who is served included."""
        return self.first_calls + len(self.questions) * len(self.models)

    def reduced_to(self, rows: int, left_out: Container[str]) -> "Questionnaire":
        """The first so many questions, to the models that went on answering."""
        gone = [model.name for model in self.models if model.name in left_out]
        return replace(
            self,
            questions=self.questions[:rows],
            models=tuple(model for model in self.models if model.name not in gone),
            skipped={**self.skipped, **{name: NOT_SERVED[name] for name in gone}},
        )

    def example_of(self, question: Question) -> Example:
        """The row of one of its questions."""
        return read_example(question.row.encode(), Format(self.dataset_format))


def read(services: Services, prefix: str) -> Questionnaire | None:
    """The questionnaire of a comparison, if it was drawn up.

    Raises:
        CorruptRecordError: Something else stands in its place.
    """
    work, path = services.settings.work_bucket, f"{prefix}{_FILE}"
    try:
        data = services.store.read(work, path, max_bytes=_MOST_BYTES)
        return msgspec.json.decode(data, type=Questionnaire)
    except NotFoundError:
        return None
    except msgspec.DecodeError:
        msg = f"gs://{work}/{path}: expected a questionnaire; look at the object by hand"
        raise CorruptRecordError(msg) from None


def keep(services: Services, prefix: str, drawn_up: Questionnaire) -> Questionnaire:
    """Write a questionnaire down unless one stands; the one that stands."""
    data = naming.canonical_json(msgspec.to_builtins(drawn_up))
    try:
        services.store.write(
            services.settings.work_bucket, f"{prefix}{_FILE}", data, if_generation=0
        )
    except PreconditionFailedError:
        return read(services, prefix) or drawn_up
    return drawn_up


def draw_up(
    services: Services, run: Run, champion: Champion | None, bell: Doorbell
) -> Questionnaire | None:
    """Choose questions and models; None where there is nothing to ask.

    Raises:
        RetryableError: A model that is waited for is away.
    """
    tuned = tuned_of(run)
    limits = Evaluation.model_validate(run.accepted["recipe"]["effective"].get("evaluation") or {})
    drawn = draw(services, run, limits.max_questions, champion)
    if not drawn.own:
        return None
    questions, rivals = _rivals(bell, run, champion, drawn)
    models = (tuned, *(rival for rival in rivals.values() if isinstance(rival, Asked)))
    count, usd = _affordable(services.catalog, models, _examples(questions, tuned), limits.max_usd)
    if not count:
        return None
    return Questionnaire(
        dataset_format=tuned.dataset_format,
        questions=questions[:count],
        models=models,
        skipped={name: rival for name, rival in rivals.items() if isinstance(rival, str)},
        champion_sequence=champion.sequence if champion else 0,
        champion_version=champion.version if champion else None,
        first_calls=bell.calls,
        estimated_usd=usd,
    )


def _rivals(
    bell: Doorbell, run: Run, champion: Champion | None, drawn: Drawn
) -> tuple[tuple[Question, ...], Mapping[str, Asked | str]]:
    """The questions, and for each rival the model that is asked them or the code of why none is."""
    tuned, unseen = tuned_of(run), drawn.unseen
    if unseen is None or len(unseen) < min(len(drawn.own), FEWEST_ROWS):
        # Whatever an ancestor was trained on would speak for the tuned model.
        code = ANCESTOR_UNKNOWN if unseen is None else TOO_FEW_SHARED_ROWS
        return drawn.own, {BASE: code, CHAMPION: code if champion else NO_CHAMPION}
    third = bell.champion(run, champion, _examples(drawn.shared, tuned))
    questions = unseen if isinstance(third, str) else drawn.shared
    second = bell.base(tuned, run.accepted["plan"], _examples(questions, tuned))
    return questions, {BASE: second, CHAMPION: third}


def _examples(questions: Sequence[Question], tuned: Asked) -> list[Example]:
    dataset_format = Format(tuned.dataset_format)
    return [read_example(question.row.encode(), dataset_format) for question in questions]


def _affordable(
    catalog: Catalog, models: Sequence[Asked], examples: Sequence[Example], most_usd: float
) -> tuple[int, float | None]:
    """How many of the first questions all models may be asked for so much, and what that costs.

    Answers are taken to be as long as the expected ones. Where a price is not known, all of them, at an
    unknown cost.
    """
    rates = [_rate_of(catalog, model) for model in models]
    known = [rate for rate in rates if rate is not None]
    if len(known) < len(rates):
        return len(examples), None
    spent = 0.0
    for count, example in enumerate(examples):
        answer = len(answer_of(example))
        question = tokens_of(conversation_of(example).characters - answer)
        usd = sum(question * rate[0] + tokens_of(answer) * rate[1] for rate in known)
        if spent + usd > most_usd:
            return count, round(spent, _DIGITS)
        spent += usd
    return len(examples), round(spent, _DIGITS)


def _rate_of(catalog: Catalog, asked: Asked) -> tuple[float, float] | None:
    """US dollars for a token that is read and for one that is written, as for a tuned model of this base."""
    entry = catalog.entries.get(asked.base_model)
    price = entry.price if entry else None
    if price is None or price.usd_per_million_input_tokens is None:
        return None
    if price.usd_per_million_output_tokens is None:
        return None
    return (
        price.usd_per_million_input_tokens / _MILLION,
        price.usd_per_million_output_tokens / _MILLION,
    )
