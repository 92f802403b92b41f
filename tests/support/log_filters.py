"""Log entries as Cloud Run makes them of our lines, and the few forms of log filters that we use.

Not Cloud Logging's whole language: whatever else a filter holds is an error here.
"""

import json
import re

from tunedrop.logs import LABELS, SPAN, TRACE

SEVERITIES = ["DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL"]
_FIELD = r'(?P<field>[A-Za-z_]+(?:\.(?:[A-Za-z_]+|"[^"]+"))*)'
_TEXT = r'"[^"\\]*"'
_TERM = re.compile(
    rf"(?P<negated>NOT )?{_FIELD}(?P<sign>!=|>=|=~|=|:)"
    rf"(?P<value>{_TEXT}|[A-Z]+|\({_TEXT}(?: OR {_TEXT})*\))"
)
_JOIN = re.compile(r"\s*\n\s*|\s+AND\s+")


def entry_of(line, service, project="test-project"):
    """The log entry of one line on standard output of a service."""
    payload = json.loads(line)
    return {
        "logName": f"projects/{project}/logs/run.googleapis.com%2Fstdout",
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": service}},
        "severity": payload.pop("severity", "DEFAULT"),
        "labels": payload.pop(LABELS, {}),
        "trace": payload.pop(TRACE, ""),
        "spanId": payload.pop(SPAN, ""),
        "jsonPayload": payload,
    }


def matches(text, entry):
    """Whether a filter selects an entry."""
    return all(_holds(*term, entry) for term in terms(text))


def terms(text):
    """The filter's comparisons: negated, path, sign and values each."""
    found = []
    for part in _JOIN.split(text.strip()):
        match = _TERM.fullmatch(part)
        if not match:
            raise ValueError(f"a form of filter that is not known here: {part}")
        path = [step.strip('"') for step in re.findall(r'"[^"]+"|[^.]+', match["field"])]
        values = re.findall(r'"([^"]*)"', match["value"]) or [match["value"]]
        found.append((bool(match["negated"]), path, match["sign"], values))
    return found


def _holds(negated, path, sign, values, entry):
    found = entry
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return negated != (found is not None and _compares(found, sign, values))


def _compares(found, sign, values):
    match sign:
        case "=":
            return found in values
        case "!=":
            return found not in values
        case ":":
            return any(value.lower() in str(found).lower() for value in values)
        case "=~":
            return any(re.search(value, str(found)) for value in values)
        case ">=":
            return SEVERITIES.index(found) >= SEVERITIES.index(values[0])
    raise ValueError(sign)


def extracted(metric, entry):
    """The labels that a log-based metric gives to what it counts."""
    found = {}
    for label, extractor in metric.get("labelExtractors", {}).items():
        (path,) = re.fullmatch(r"EXTRACT\((.+)\)", extractor).groups()
        value = entry
        for step in path.split("."):
            value = value.get(step, {})
        found[label] = value or ""
    return found
