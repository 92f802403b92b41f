"""What is shown of an evaluation: means, comparisons with their noise, and answers side by side.

Records and a file of evidence in, plain JSON values out; texts of the dataset only from the evidence, and cut.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tunedrop.config import Settings
from tunedrop.domain.runs import Run, RunState
from tunedrop.reports.model_words import METRICS, MODELS, OUTCOMES, SKIPPED
from tunedrop.reports.views import Part

MOST_QUESTIONS = 3
MAX_TEXT = 1500
"""Characters of an answer that a page shows."""
_SIDE_BY_SIDE = ("base", "champion", "tuned")


def evaluation_view(settings: Settings, run: Run) -> dict[str, Any] | None:
    """What the newest attempt's evaluation came to; None where there was none."""
    step = run.newest(RunState.EVALUATED)
    if step is None or step.attempt != run.attempt:
        return None
    found = step.detail
    asked = [name for name in MODELS if name in found["means"]]
    return {
        "rows": found["rows"],
        "calls": found.get("calls"),
        "estimated_usd": found.get("estimated_usd"),
        "models": [{"name": name, "title": MODELS[name]} for name in asked],
        "champion_version": found.get("champion_version"),
        "metrics": list(_metrics(found["means"], asked)),
        "comparisons": [_comparison(each) for each in found["comparisons"]],
        "skipped": [
            {"model": MODELS[name], "code": code, "reason": SKIPPED.get(code, "")}
            for name, code in found["skipped"].items()
        ],
        "evidence": f"gs://{settings.work_bucket}/{found['evidence']}",
        "evidence_sha256": found["evidence_sha256"],
    }


def answers_view(evidence: Part | None) -> list[dict[str, Any]]:
    """The first few questions, each with the expected answer and those of the models, side by side."""
    rows = (evidence or {}).get("rows", [])
    return [_question(row) for row in rows[:MOST_QUESTIONS]]


def _metrics(means: Part, asked: list[str]) -> Iterator[dict[str, Any]]:
    """A row a metric, with a mean for each model; without those that no row has, as code in prose."""
    for name, title in METRICS.items():
        values = [means[model].get(name) for model in asked]
        if any(value is not None for value in values):
            yield {"name": name, "title": title, "values": values}


def _comparison(found: Part) -> dict[str, Any]:
    words, tone = OUTCOMES.get(found["outcome"], (found["outcome"], "plain"))
    return {
        **{key: found[key] for key in ("rival", "difference", "low", "high", "noise_floor")},
        "rows": found["rows"],
        "outcome": found["outcome"],
        "title": MODELS.get(found["rival"], found["rival"]),
        "metric": METRICS.get(found["metric"], found["metric"]),
        "words": words,
        "tone": tone,
        "worse_in": [METRICS.get(name, name) for name in found["worse_in"]],
    }


def _question(row: Mapping[str, Any]) -> dict[str, Any]:
    answers = row["answers"]
    return {
        "question": _cut(row["question"]),
        "expected": _cut(row["expected"]),
        "answers": [
            {
                "title": MODELS[name],
                "text": _cut(answers[name]["text"]),
                "code": answers[name].get("code", ""),
            }
            for name in _SIDE_BY_SIDE
            if name in answers
        ],
    }


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
