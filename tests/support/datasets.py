"""Builds dataset lines of every format for the tests; all text is made up."""

import json

from tunedrop.domain.checks import Limits
from tunedrop.domain.formats import Format


def row(dataset_format, number=0, *, question=None, answer=None):
    """One good example as a Python object, distinct by its number."""
    question = question or f"How is tide number {number} read?"
    answer = answer or f"tide = table[{number}]"
    match dataset_format:
        case Format.CODE_GENERATION:
            return {"input_text": question, "output_text": answer}
        case Format.CODE_CHAT:
            return {
                "messages": [
                    {"author": "user", "content": question},
                    {"author": "assistant", "content": answer},
                ]
            }
        case Format.GEMINI:
            turns = [("user", question), ("model", answer)]
            return {"contents": [{"role": role, "parts": [{"text": text}]} for role, text in turns]}
        case Format.OPENAI:
            return {
                "messages": [
                    {"role": "user", "content": question},
                    {"role": "assistant", "content": answer},
                ]
            }
        case Format.PROMPT_COMPLETION:
            return {"prompt": question, "completion": answer}
        case Format.ALPACA:
            return {"instruction": question, "input": "", "output": answer}
    raise AssertionError(dataset_format)


def line(value, **options):
    """A Python object as one line of JSON with its LF."""
    return json.dumps(value, **{"ensure_ascii": False, **options}).encode() + b"\n"


def good_lines(dataset_format, count, *, start=0):
    """Distinct good lines."""
    return [line(row(dataset_format, number)) for number in range(start, start + count)]


def no_limits(_format):
    """Limits that bound nothing."""
    return Limits()


def found(result):
    """The findings of a result as {code: lines}."""
    return {finding.code.value: finding.lines for finding in result.findings}
