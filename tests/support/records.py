"""Builds the records that handlers write about drops and runs, as reports read them; all text is made up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tunedrop.domain.finding_rules import RULES, Code
from tunedrop.domain.findings import FindingLog, LineFinding
from tunedrop.domain.runs import Run, RunState, Transition
from tunedrop.reports.index_data import ChampionRow, News, drop_row, run_row
from tunedrop.reports.index_data import empty_index as empty_index_of
from tunedrop.reports.run_view import Known

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RUN_ID = "support-bot-3a240b219cfdf761"
NEWER_RUN_ID = "support-bot-9d41c07be2aa5360"
RUN_KEY = "3a240b219cfdf761" + "0" * 48
REHEARSAL = "tunedrop-selftest/7f3a"
DROP_ID = "c1b5095f0535f8e82d710fd6bee14b4b"
JOB_ID = f"tunedrop-{RUN_ID}-a1"
JOB = f"projects/test-project/locations/us-central1/pipelineJobs/{JOB_ID}"
MODEL = "projects/test-project/locations/us-central1/models/77@1"
ENDPOINT = "projects/test-project/locations/us-central1/endpoints/88"

OUTCOMES = (
    "accepted",
    "rejected",
    "waiting_for_recipe",
    "waiting_for_evaluation",
    "superseded",
    "recipe_accepted",
    "recipe_rejected",
    "evaluation_file",
    "ignored_not_a_dataset",
)
_NAMES = {
    "recipe_accepted": "support-bot/recipe.toml",
    "recipe_rejected": "support-bot/recipe.toml",
    "evaluation_file": "support-bot/day.eval.jsonl",
    "ignored_not_a_dataset": "support-bot/notes.pdf",
}
_DETAILS = {
    "accepted": {"run_id": RUN_ID},
    "rejected": {"code": "not_json"},
    "waiting_for_recipe": {"problems": [], "missing": "recipe.toml"},
    "waiting_for_evaluation": {"problems": [], "missing": "support-bot/day.eval.jsonl"},
    "superseded": {"reason": "the object was deleted before it was looked at"},
    "recipe_accepted": {"recipe": {"base_model": "code-bison@002", "tuning": {"epochs": 3.0}}},
}


def problem(**changes):
    return {
        "where": "recipe.toml: tuning.epoch",
        "expected": "a field of [tuning]",
        "found": "epoch",
        "remedy": "did you mean epochs?",
        "code": "unknown_field",
        **changes,
    }


def receipt(outcome, **changes):
    """The receipt of a drop, as `write_receipt` records it."""
    details = dict(_DETAILS.get(outcome, {}))
    if outcome == "recipe_rejected":
        details["problems"] = [problem()]
    return {
        "schema_version": 1,
        "kind": "receipt",
        "at": START.isoformat(),
        "owner": "nonce-1",
        "outcome": outcome,
        "drop_id": DROP_ID,
        "bucket": "test-intake",
        "name": _NAMES.get(outcome, "support-bot/train.jsonl"),
        "generation": "1700000000000005",
        "asked": {"requester": "", "correlation_id": ""},
        **details,
        **changes,
    }


def findings(*found):
    """Published findings of (code, line, message), through the checker's own log."""
    severities = {code: rule.severity for code, rule in RULES.items()}
    log = FindingLog(kept_lines_per_code=100, severities=severities)
    for code, line, message in found:
        log.add(LineFinding(Code(code), message), line=line)
    return [finding.to_json() for finding in log.ordered()]


STATISTICS = {
    "examples": 120,
    "turns": 240,
    "authors": 240,
    "duplicates": 12,
    "conflicts": 3,
    "with_instruction": 110,
    "characters": {"input": 41235, "output": 189346, "total": 230581},
    "tokens": {
        "estimator": "characters / 4",
        "band_per_character": [0.231, 0.317],
        "input": 10308,
        "output": 47336,
        "total": 57645,
        "per_example": {"p50": 352, "p95": 1536, "max": 12800},
        "input_per_example": {"p50": 72, "p95": 256, "max": 2100},
        "output_per_example": {"p50": 280, "p95": 1400, "max": 12100},
    },
    "characters_histogram": [{"from": 256, "examples": 50}, {"from": 1024, "examples": 70}],
    "input_characters_histogram": [{"from": 64, "examples": 90}, {"from": 256, "examples": 30}],
    "output_characters_histogram": [{"from": 256, "examples": 20}, {"from": 1024, "examples": 100}],
    "fences": {"none": 6, "python": 81, "sql": 9},
    "parsed_blocks": 81,
    "unparsable_blocks": 2,
    "epochs": 3.037,
    "train_steps": 41,
}


def full_result(verdict="accepted", **changes):
    """What a check publishes when all of it is known."""
    found = [("crlf", line, "ends in CRLF") for line in range(2, 60, 2)]
    lines = None
    if verdict == "rejected":
        found.append(("not_json", 3, "expected a value"))
        lines = {"physical": 120, "used": 117, "fixed": 2, "rejected": 1, "blank": 0}
    return {
        **result(verdict, lines=lines, found=found),
        "statistics": STATISTICS,
        "split": {
            "holdout": 0.1,
            "training_rows": 108,
            "held_out_rows": 12,
            "bounds": [10, 250],
        },
        "cost": plan()["cost"],
        **changes,
    }


def result(verdict="accepted", *, lines=None, found=(), **changes):
    """What a check publishes."""
    lines = lines or {"physical": 120, "used": 118, "fixed": 2, "rejected": 0, "blank": 0}
    return {
        "schema_version": 1,
        "verdict": verdict,
        "format": "code-generation",
        "base_model": "code-bison@002",
        "dataset_digest": "d6" * 32,
        "lines": lines,
        "findings": findings(*found),
        "statistics": {
            "examples": lines["used"] + lines["fixed"],
            "turns": 240,
            "duplicates": 0,
            "tokens": {"estimator": "characters / 4", "total": 1295},
        },
        "split": {},
        "cost": {},
        "next": "",
        **changes,
    }


def plan(**changes):
    """The plan of a run; priced, unlike a real code-bison's, unless changed."""
    return {
        "backend": "pipeline_job",
        "requested_base_model": "code-bison@002",
        "base_model": "code-bison@002",
        "dataset_format": "code-generation",
        "project": "test-project",
        "region": "us-central1",
        "upload_region": "us-central1",
        "serving_location": "us-central1",
        "compute_region": "us-central1",
        "own_template": False,
        "template_uri": "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines/tune-large-model/v3.0.0",
        "parameters": {"large_model_reference": "code-bison@002", "train_steps": 41},
        "sends_evaluation": True,
        "epochs": 3.037037037037037,
        "train_steps": 41,
        "encryption_key": None,
        "service_account": None,
        "tuned_model_display_name": None,
        "pre_tuned_model": None,
        "cost": {
            "usd": 12.5,
            "usd_low": 11.5,
            "usd_high": 15.88,
            "basis": "1,000,000 tokens x 5 epochs x 2.5 USD per million tokens",
            "source": "the price list",
            "as_of": "2026-11-20",
        },
        "quota": [
            {
                "name": "Restricted image training Nvidia A100 80 GB GPUs per region",
                "region": "us-central1",
                "amount": 8,
            }
        ],
        "expected_seconds": 4092,
        "deadline_seconds": 24552,
        "notes": [
            {
                "code": "few_examples",
                "text": "108 examples; at least 500 are recommended for good results",
            }
        ],
        **changes,
    }


def recipe(**changes):
    return {
        "name": "support-bot",
        "source": "gs://test-intake/support-bot/recipe.toml",
        "effective": {"base_model": "code-bison@002", "tuning": {"epochs": 3.0}},
        **changes,
    }


def _staged(rows, digest):
    return {
        "digest": digest,
        "path": f"staged/{digest}.jsonl",
        "rows": rows,
        "line_map": f"line-maps/{DROP_ID}.training",
    }


def verdict(outcome, **changes):
    """The verdict about a dataset, as `check_drop` records it."""
    common = {
        "schema_version": 1,
        "kind": "verdict",
        "at": START.isoformat(),
        "owner": "nonce-0",
        "drop_id": DROP_ID,
        "uri": "gs://test-intake/support-bot/train.jsonl",
        "generation": "1700000000000005",
        "size_bytes": 9740,
        "asked": {"priority": 5, "requester": "", "correlation_id": ""},
        "outcome": outcome,
    }
    if outcome == "rejected":
        lines = {"physical": 120, "used": 110, "fixed": 2, "rejected": 5, "blank": 3}
        found = [("not_json", line, "expected a value") for line in (3, 7, 8, 9, 40)]
        return {
            **common,
            "code": "not_json",
            "recipe": recipe(effective={}),
            "result": result("rejected", lines=lines, found=[*found, ("crlf", 2, "ends in CRLF")]),
            "problems": [],
            "evaluation_result": None,
            **changes,
        }
    return {
        **common,
        "code": "accepted",
        "recipe": recipe(),
        "result": result(found=[("below_recommended", None, "120 usable examples")]),
        "dataset_format": "code-generation",
        "plan": plan(),
        "training": _staged(108, "dd" * 32),
        "evaluation": _staged(12, "7c" * 32),
        "split": {"count": 12, "threshold": "1161912930857828552"},
        "run_key": RUN_KEY,
        "run_id": RUN_ID,
        **changes,
    }


def accepted_detail(**changes):
    """What a run's first step records."""
    judged = verdict("accepted")
    kept = ("drop_id", "recipe", "plan", "training", "evaluation", "asked", "dataset_format")
    return {
        **{key: judged[key] for key in kept},
        "dataset_uri": judged["uri"],
        "generation": judged["generation"],
        **changes,
    }


_LAUNCHED = [
    (RunState.LAUNCHING, {"job_id": JOB_ID, "region": "us-central1", "backend": "pipeline_job"}),
    (RunState.LAUNCHED, {"job_name": JOB}),
]
_SUCCEEDED = (
    RunState.SUCCEEDED,
    {
        "job_state": "PIPELINE_STATE_SUCCEEDED",
        "tuned_model": MODEL,
        "endpoint": "",
        "dropped_rows": 0,
        "adopted": False,
    },
)
_RUNNING = [*_LAUNCHED, (RunState.RUNNING, {})]
_REGISTERED = {"version": 2, "tuned_model": MODEL, "endpoint": ENDPOINT, "notes": []}
_SERVED = [*_RUNNING, _SUCCEEDED, (RunState.REGISTERED, _REGISTERED)]
EVIDENCE_PATH = f"evidence/{RUN_ID}-a1/000001/evidence.json"
_MEANS = {
    "tuned": {"exact_match": 35.0, "chrf": 61.23, "edit_similarity": 70.5, "code_parses": 97.5},
    "base": {"exact_match": 2.5, "chrf": 40.04, "edit_similarity": 44.1, "code_parses": 60.0},
    "champion": {"exact_match": 30.0, "chrf": 48.01, "edit_similarity": 66.6, "code_parses": 98.0},
}
_COMPARED = {
    "metric": "chrf",
    "low": 8.12,
    "high": 18.33,
    "noise_floor": 5.11,
    "rows": 40,
    "outcome": "better",
    "worse_in": [],
}
EVALUATED = {
    "rows": 40,
    "means": _MEANS,
    "comparisons": [
        {**_COMPARED, "rival": "base", "difference": 21.19, "low": 15.5, "high": 27.0},
        {**_COMPARED, "rival": "champion", "difference": 13.22},
    ],
    "skipped": {},
    "champion_sequence": 1,
    "champion_version": 1,
    "evidence": EVIDENCE_PATH,
    "evidence_sha256": "ee" * 32,
    "calls": 122,
    "estimated_usd": 0.031,
}
"""An evaluation that the model won, against both rivals."""
_EVALUATING = (
    RunState.EVALUATING,
    {"questions": 40, "models": [], "skipped": {}, "champion_sequence": 1, "champion_version": 1},
)
_PROMOTED = {
    "code": "better_than_champion",
    "version": 2,
    "champion_sequence": 2,
    "champion_version": 2,
    "previous_version": 1,
    "notes": [],
}
_KEPT = {
    "code": "manual",
    "version": 2,
    "champion_sequence": 1,
    "champion_version": 1,
    "previous_version": None,
    "notes": [],
}
_WAYS = {
    RunState.ACCEPTED: [],
    RunState.HELD: [(RunState.HELD, {"code": "over_budget"})],
    RunState.QUEUED: [
        _LAUNCHED[0],
        (RunState.QUEUED, {"code": "quota_exhausted", "message": "the quota is used up"}),
    ],
    RunState.LAUNCHING: _LAUNCHED[:1],
    RunState.LAUNCHED: _LAUNCHED,
    RunState.RUNNING: _RUNNING,
    RunState.SUCCEEDED: [*_RUNNING, _SUCCEEDED],
    RunState.LOADING: [*_RUNNING, _SUCCEEDED, (RunState.LOADING, {})],
    RunState.REGISTERED: _SERVED,
    RunState.EVALUATING: [*_SERVED, _EVALUATING],
    RunState.EVALUATED: [*_SERVED, _EVALUATING, (RunState.EVALUATED, EVALUATED)],
    RunState.PROMOTED: [
        *_SERVED,
        _EVALUATING,
        (RunState.EVALUATED, EVALUATED),
        (RunState.PROMOTED, _PROMOTED),
    ],
    RunState.KEPT: [*_SERVED, (RunState.KEPT, _KEPT)],
    RunState.FAILED: [
        *_RUNNING,
        (
            RunState.FAILED,
            {
                "code": "job_failed",
                "job_state": "PIPELINE_STATE_FAILED",
                "task": "large-language-model-tuner",
                "message": "The replica workerpool0-0 exited with a non-zero status of 1.",
            },
        ),
    ],
    RunState.LOAD_FAILED: [
        *_RUNNING,
        _SUCCEEDED,
        (RunState.LOAD_FAILED, {"code": "load_failed", "message": "no answer with text"}),
    ],
    RunState.CANCELLED: [*_RUNNING, (RunState.CANCELLED, {"code": "job_cancelled"})],
    RunState.REFUSED: [
        (RunState.HELD, {"code": "over_budget"}),
        (RunState.REFUSED, {"code": "refused", "reason": "too dear", "claimed_by": "ada"}),
    ],
    RunState.SUPERSEDED: [
        (RunState.QUEUED, {"code": "no_slot"}),
        (
            RunState.SUPERSEDED,
            {
                "code": "superseded",
                "by_run_id": NEWER_RUN_ID,
                "by_drop_id": "e4" * 16,
                "by_dropped_at": (START + timedelta(hours=1)).isoformat(),
            },
        ),
    ],
    RunState.REHEARSED: [
        (
            RunState.REHEARSED,
            {
                "code": "rehearsed",
                "backend": "pipeline_job",
                "region": "us-central1",
                "job_id": JOB_ID,
                "request": {"displayName": JOB_ID, "labels": {"tunedrop-run": RUN_ID}},
                "would_hold": "",
                "service": "answered",
                "message": "",
            },
        )
    ],
}


def run(state, *, detail=None, accepted=None, told=None):
    """A run that has come to *state*, one step a minute.

    *detail* changes what the last step tells, *told* what the step into each of some states does.
    """
    if accepted is None and state is RunState.REHEARSED:
        accepted = accepted_detail(recipe=recipe(name=REHEARSAL))
    steps = [(RunState.ACCEPTED, accepted or accepted_detail()), *_WAYS[state]]
    if detail is not None:
        steps[-1] = (steps[-1][0], {**steps[-1][1], **detail})
    changes = told or {}
    steps = [(step, {**said, **changes.get(step, {})}) for step, said in steps]
    return Run(RUN_ID, RUN_KEY, _transitions(steps))


def retried(before, *after):
    """A run that had come to *before*, was retried, and went on by *after*, states and details."""
    ended = run(before)
    decided = {"code": "retried", "reason": "the quota was raised", "claimed_by": "ada"}
    first = RunState.LOADING if before is RunState.LOAD_FAILED else RunState.QUEUED
    attempt = ended.attempt + (first is RunState.QUEUED)
    steps = _transitions([(first, decided), *after], start=ended.last.sequence, attempt=attempt)
    return Run(RUN_ID, RUN_KEY, (*ended.transitions, *steps))


def _transitions(steps, *, start=0, attempt=1):
    return tuple(
        Transition(number, step, START + timedelta(minutes=number - 1), attempt, "me", said)
        for number, (step, said) in enumerate(steps, start=start + 1)
    )


def remedy(code):
    return RULES[Code(code)].remedy


def meaning(code):
    return RULES[Code(code)].meaning


SAMPLE = {
    "question": "Write a function that adds two tides.",
    "expected": "def add(a, b):\n    return a + b",
    "answer": "def add(a, b):\n    return a + b",
}


def champion(**changes):
    """The present champion of the recipe, as its chain records it: this run's model unless changed."""
    return {
        "sequence": 2,
        "at": (START + timedelta(hours=2)).isoformat(),
        "recipe": "support-bot",
        "version": 2,
        "run_id": RUN_ID,
        "attempt": 1,
        "tuned_model": MODEL,
        "endpoint": ENDPOINT,
        "base_model": "code-bison@002",
        "dataset_format": "code-generation",
        "action": "promoted",
        "code": "better_than_champion",
        "reason": "",
        "claimed_by": "",
        "decision_id": "",
        "evidence": EVIDENCE_PATH,
        "evidence_sha256": "ee" * 32,
        "previous_version": 1,
        **changes,
    }


def other_champion(**changes):
    """The same while another run's model is champion."""
    other = {"sequence": 3, "version": 3, "run_id": NEWER_RUN_ID}
    return champion(**{**other, **changes})


def evidence(*, text="def add(a, b):\n    return a + b", questions=4):
    """A file of evidence of so many questions, each answered with *text*."""
    answers = {name: {"text": text, "code": ""} for name in ("tuned", "base", "champion")}
    row = {"hash": "00", "question": "Add two tides.", "expected": text, "answers": answers}
    return {"kind": "evaluation", "rows": [row] * questions}


REGISTRY = {
    "kind": "tuned_model",
    "cost": {
        "estimated": {"usd": 12.5},
        "billed": {
            "usd": 11.87,
            "basis": "950,000 billable tokens x 5 epochs x 2.5 USD per million tokens (the price list, 2026-11-20)",
        },
    },
}
"""What the registry's record says of the cost."""


def known(**changes):
    """All that a page can be told of a run besides its steps."""
    everything = {
        "sample": SAMPLE,
        "evidence": evidence(),
        "champion": champion(),
        "registered": REGISTRY,
        "check": full_result(),
    }
    return Known(**{**everything, **changes})


def index(text=""):
    """An index of one row of each kind of each state; *text* stands in every name."""
    day = START.date()
    drops = tuple(
        drop_row(
            receipt(
                outcome,
                drop_id=f"{number:032x}",
                name=f"{text}{_NAMES.get(outcome, 'support-bot/train.jsonl')}",
                at=(START + timedelta(minutes=number)).isoformat(),
            )
        )
        for number, outcome in enumerate(OUTCOMES)
    )
    runs = tuple(run_row(replace(run(state), run_id=f"{text}run-{state}")) for state in RunState)
    champions = tuple(
        ChampionRow(f"{text}{name}", 2, 3, RUN_ID, 1, name, "promoted", START)
        for name in ("code-bison@002", "gemini-2.5-flash", "my-own")
    )
    return empty_index().with_news(News(drops=drops, runs=runs, champions=champions), day)


def empty_index():
    return empty_index_of(START.date())
