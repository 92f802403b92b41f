"""One JSON line for each delivery, in Cloud Logging's fields, on standard output.

Knows the log's shape; is never given dataset text.
"""

import json
import sys
import time

MAX_TEXT = 2_000


def delivery_settled(
    severity: str,
    *,
    role: str,
    code: str,
    delivery: str,
    started: float,
    text: str = "",
    **labels: str,
) -> None:
    """Write the canonical line of one delivery; *started* is a monotonic time in seconds."""
    known = {"role": role, "code": code, "delivery": delivery, **labels}
    _write(
        {
            "severity": severity,
            "message": f"{role}: {code}" + (f": {text[:MAX_TEXT]}" if text else ""),
            "logging.googleapis.com/labels": {
                key: value[:500] for key, value in known.items() if value
            },
            "seconds": round(time.monotonic() - started, 3),
        }
    )


def bug(*, role: str, delivery: str, error_type: str, frames: str) -> None:
    """Write an entry that Error Reporting picks up: the frames of a traceback without its text."""
    _write(
        {
            "severity": "ERROR",
            "message": f"{role}: unexpected {error_type}; this is a fault of tunedrop's own",
            "stack_trace": f"Traceback (most recent call last):\n{frames}{error_type}",
            "logging.googleapis.com/labels": {"role": role, "delivery": delivery[:500]},
        }
    )


def warning(message: str, **labels: str) -> None:
    """Write one line about something that a person may have to look at."""
    _write(
        {
            "severity": "WARNING",
            "message": message[:MAX_TEXT],
            "logging.googleapis.com/labels": labels,
        }
    )


def _write(entry: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(entry, ensure_ascii=True) + "\n")
    sys.stdout.flush()
