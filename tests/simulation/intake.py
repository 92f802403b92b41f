"""The files that people drop in simulated worlds: small, all different, and each with a mark that may leak nowhere."""

import json

CANARY = "zzqx7-dataset-text"
"""Stands in every row."""
ROWS = 20


def _gemini(tag):
    return [
        {
            "contents": [
                {"role": "user", "parts": [{"text": f"{CANARY} {tag} question {number}"}]},
                {"role": "model", "parts": [{"text": f"answer {tag} {number}"}]},
            ]
        }
        for number in range(ROWS)
    ]


def _code(tag):
    return [
        {"input_text": f"{CANARY} {tag} {number}", "output_text": f"answer {tag} {number}"}
        for number in range(ROWS)
    ]


def _lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


DATASETS = {
    **{f"gemini-{tag}": _lines(_gemini(tag)) for tag in (*"abcdef", "eval")},
    **{f"code-{tag}": _lines(_code(tag)) for tag in "abcd"},
    "bad": _lines([*_gemini("bad")[:-1], {"contents": CANARY}]),
    "garbage": f"{CANARY}\n\x00\x1b[2J not json\n".encode(),
    "empty": b"",
    "blank-lines": _lines(_gemini("g")) + b"\n\n",
}
"""By name; equal names are equal bytes."""
RECIPES = {
    "gemini": 'base_model = "gemini-3.5-flash"\n',
    "gemini-slow": 'base_model = "gemini-3.5-flash"\n[tuning]\nepochs = 4\n',
    "gemini-newest": 'base_model = "gemini-3.5-flash"\ndatasets = "newest"\n',
    "gemini-dear": 'base_model = "gemini-3.5-flash"\n[budget]\nmax_usd_per_run = 0.000001\n',
    "gemini-evaluated": 'base_model = "gemini-3.5-flash"\n[evaluation]\ndataset = "check.eval.jsonl"\n[promotion]\npolicy = "always"\n',
    "code": 'base_model = "code-bison@002"\n',
    "code-newest": 'base_model = "code-bison@002"\ndatasets = "newest"\n',
    "broken": 'base_model = \x01"gemini"\n',
}
PRICED_USD = 0.0065
"""Just above what a run of twenty such rows is estimated to cost."""
REHEARSAL = "tunedrop-selftest/7f3a"


def content_of(name):
    """The bytes of a dataset or a recipe."""
    return RECIPES[name].encode() if name in RECIPES else DATASETS[name]
