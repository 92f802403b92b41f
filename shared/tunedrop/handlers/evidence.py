"""The evidence of a comparison: questions, expected answers, answers, scores and the verdict, in one file of WORK.

Written once as canonical JSON, so that scoring its answers again comes to the same bytes; asks no model.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from tunedrop.domain import naming
from tunedrop.domain.evaluation import RESAMPLES, seed_of, verdict_of
from tunedrop.domain.formats import answer_of
from tunedrop.domain.runs import Run
from tunedrop.domain.scoring import libraries, measured, scores_of
from tunedrop.errors import CorruptRecordError, NotFoundError, PreconditionFailedError
from tunedrop.handlers.questionnaire import Questionnaire
from tunedrop.services import Services

MOST_BYTES = 256 * 1024 * 1024
_FILE = "evidence.json"


class Answer(Struct, frozen=True):
    """What a model said to one question."""

    text: str
    """Cut to what is measured; empty where the service gave none."""
    code: str = ""
    """Why there is no text."""


Answers = Mapping[str, Answer]
"""By model."""


class _Row(Struct, frozen=True):
    hash: str
    expected: str
    answers: Answers
    scores: Mapping[str, Mapping[str, float | None]]


class _Shape(Struct, frozen=True):
    """What a file of evidence has to hold, so that it can be shown and judged again."""

    run_id: str
    skipped: Mapping[str, str]
    libraries: Mapping[str, str]
    rows: Sequence[_Row]
    verdict: Mapping[str, Any]


class Evidence(Struct, frozen=True):
    """A file of evidence."""

    path: str
    """In WORK."""
    sha256: str
    content: Mapping[str, Any]


def gathered(
    services: Services,
    run: Run,
    prefix: str,
    asked: Questionnaire,
    answers: Sequence[Answers],
) -> Evidence:
    """Score the answers to all of *asked* and write the evidence down unless it stands; what stands."""
    content = _content(run, asked, answers)
    work, path = services.settings.work_bucket, f"{prefix}{_FILE}"
    data = naming.canonical_json(content)
    try:
        services.store.write(work, path, data, if_generation=0)
    except PreconditionFailedError:
        data = services.store.read(work, path, max_bytes=MOST_BYTES)
    return evidence_of(path, data)


def standing(services: Services, prefix: str) -> Evidence | None:
    """The evidence of a comparison, if it was gathered."""
    path = f"{prefix}{_FILE}"
    try:
        data = services.store.read(services.settings.work_bucket, path, max_bytes=MOST_BYTES)
    except NotFoundError:
        return None
    return evidence_of(path, data)


def evidence_of(path: str, data: bytes) -> Evidence:
    """Read a file of evidence.

    Raises:
        CorruptRecordError: It is none.
    """
    try:
        content = msgspec.json.decode(data, type=dict[str, Any])
        msgspec.convert(content, _Shape)
    except (msgspec.DecodeError, RecursionError):
        msg = f"{path}: expected a file of evidence; look at the object by hand"
        raise CorruptRecordError(msg) from None
    return Evidence(path, hashlib.sha256(data).hexdigest(), content)


def replayed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The evidence as its own answers give it: seed, scores and verdict found anew, all else as it stands."""
    rows = [
        {
            **row,
            "scores": {
                model: scores_of(row["expected"], answer["text"])
                for model, answer in row["answers"].items()
            },
        }
        for row in content["rows"]
    ]
    seed = seed_of(content["run_id"], [row["hash"] for row in rows])
    verdict = verdict_of([row["scores"] for row in rows], seed=seed)
    return {**content, "rows": rows, "seed": seed, "verdict": verdict}


def _content(run: Run, asked: Questionnaire, answers: Sequence[Answers]) -> dict[str, Any]:
    rows = []
    for question, said in zip(asked.questions, answers, strict=True):
        example = asked.example_of(question)
        rows.append(
            {
                "hash": question.hash,
                "question": measured(example.turns[-2].text),
                "expected": measured(answer_of(example)),
                "answers": msgspec.to_builtins(said),
            }
        )
    return replayed(
        {
            "kind": "evaluation",
            "schema_version": 1,
            "run_id": run.run_id,
            "attempt": run.attempt,
            "recipe": run.accepted["recipe"]["name"],
            "champion_sequence": asked.champion_sequence,
            "champion_version": asked.champion_version,
            "models": msgspec.to_builtins(asked.models),
            "skipped": dict(asked.skipped),
            "resamples": RESAMPLES,
            "libraries": libraries(),
            "rows": rows,
        }
    )
