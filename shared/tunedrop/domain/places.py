"""Where everything lies: records in LEDGER, hints in STATE, staged bytes in WORK, pages in REPORTS.

Pure functions of their arguments; no clock and no randomness, so that any worker derives the same name.
"""

import hashlib
import re
from datetime import datetime

from tunedrop.domain.naming import digest, safe

_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
_NUMBERED = re.compile(r"/(\d{6})\.json\Z", re.ASCII)
_QUEUE_TIME = "%Y%m%dT%H%M%S.%fZ"

SAID_SUFFIX = ".said.json"
"""Of the record that everything about an ended run was said; it lies beside the run's transitions."""

# LEDGER: create-only, one object per fact. Then staged bytes and pages, then the chains of admission.


def receipt_path(
    bucket: str, name: str, generation: int, *, waiting_for: str = "", request: str = ""
) -> str:
    """Where a drop's receipt lies; a drop that waits has a first one that names what for."""
    hashed = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    suffix = (f".{request[:16]}" if request else "") + (
        f".waiting_for_{waiting_for}" if waiting_for else ""
    )
    return f"drops/{bucket}/{hashed}/{generation}{suffix}.json"


def message_path(topic: str, message_id: str) -> str:
    """Where the receipt of a message that led to nothing lies."""
    known = message_id if _MESSAGE_ID.fullmatch(message_id) else digest("message", message_id)
    return f"messages/{topic}/{known}.json"


def verdict_path(drop: str) -> str:
    """Where a drop's verdict lies."""
    return f"verdicts/{drop}.json"


def transitions_prefix(run: str) -> str:
    """The folder of a run's transitions."""
    return f"runs/{run}/"


def transition_path(run: str, sequence: int) -> str:
    """Where a run's n-th transition lies, counted from 1."""
    return f"{transitions_prefix(run)}{sequence:06d}.json"


def said_path(run: str, sequence: int) -> str:
    """Where it is recorded that everything about an ended run was said, up to its n-th transition."""
    return f"{transitions_prefix(run)}{sequence:06d}{SAID_SUFFIX}"


def registry_prefix(recipe: str) -> str:
    """The folder of a recipe's tuned models; recipe names may hold slashes, their safe form does not."""
    return f"registry/{safe(recipe, 33)}-{digest('recipe', recipe)[:8]}/"


def registry_path(recipe: str, version: int) -> str:
    """Where a recipe's n-th tuned model is recorded, counted from 1."""
    return f"{registry_prefix(recipe)}{version:06d}.json"


CHAMPIONS = "champions/"


def champions_prefix(recipe: str) -> str:
    """The chain of a recipe's champions, counted from 1; the newest record names the present one."""
    return f"{CHAMPIONS}{safe(recipe, 33)}-{digest('recipe', recipe)[:8]}/"


def evidence_prefix(run: str, attempt: int) -> str:
    """The folder of what an attempt's model answered and how that was judged, in WORK."""
    return f"evidence/{run}-a{attempt}/"


def comparison_prefix(run: str, attempt: int, champion: int) -> str:
    """The folder of one comparison: with the champion that the n-th record of its chain names, 0 for none."""
    return f"{evidence_prefix(run, attempt)}{champion:06d}/"


def curves_path(run: str, attempt: int) -> str:
    """Where the metrics of an attempt's job are kept, in WORK."""
    return f"{evidence_prefix(run, attempt)}curves.json"


def staged_path(sha256: str) -> str:
    """Where the bytes with this digest lie, in WORK."""
    return f"staged/{sha256}.jsonl"


def drop_report_prefix(bucket: str, name: str) -> str:
    """The folder of an object's report, which its uploader can predict."""
    return f"drops/{safe(name, 60)}-{digest('report', bucket, name)[:12]}/"


def run_report_prefix(run: str) -> str:
    """The folder of a run's report."""
    return f"runs/{run}/"


def numbered(prefix: str, sequence: int) -> str:
    """The n-th record of a chain, counted from 1."""
    return f"{prefix}{sequence:06d}.json"


def number_in(path: str) -> int:
    """The number of a numbered record; 0 of what is none."""
    match = _NUMBERED.search(path)
    return int(match[1]) if match else 0


def slot_prefix(slot: int) -> str:
    """The chain of a concurrency slot, counted from 1: who took it, and when it was freed."""
    return f"slots/{slot:04d}/"


def budget_prefix(day: str) -> str:
    """The chain of the money that was taken on a day, as in `2026-11-26`, in UTC."""
    return f"budget/{day}/"


def starts_prefix(recipe: str, at: datetime) -> str:
    """The folder of the attempts of a recipe that were first looked at in the hour of *at*, in UTC."""
    return f"starts/{safe(recipe, 33)}-{digest('recipe', recipe)[:8]}/{at:%Y%m%d%H}/"


def start_path(recipe: str, at: datetime, run: str, attempt: int) -> str:
    """Where it is recorded that an attempt was first looked at."""
    return f"{starts_prefix(recipe, at)}{run}-a{attempt}.json"


def askers_prefix(run: str) -> str:
    """The folder of the drops that asked for a run."""
    return f"askers/{run}/"


def asker_path(run: str, drop: str) -> str:
    """Where it is recorded that a drop asked for a run."""
    return f"{askers_prefix(run)}{drop}.json"


def cancel_path(run: str, attempt: int) -> str:
    """Where it is recorded that an attempt is to be cancelled, whatever becomes of its launch."""
    return f"cancels/{run}-a{attempt}.json"


# STATE: hints that can be rebuilt from LEDGER, and the pause switch.

OPEN = "open/"
QUEUE = "queue/"
PAUSED = "paused"


ALIASES = "aliases/"
"""Recipes whose champion the service's registry has yet to be told of."""


def pending_alias_path(recipe: str) -> str:
    """The note that a recipe's alias is to be moved again."""
    return f"{ALIASES}{safe(recipe, 33)}-{digest('recipe', recipe)[:8]}"


def open_path(run: str) -> str:
    """The mark of a run that has not ended."""
    return f"{OPEN}{run}"


def queue_path(priority: int, since: datetime, run: str) -> str:
    """The place of a waiting run: by priority, then by the time at which its attempt was asked for."""
    return f"{QUEUE}{priority}-{since.strftime(_QUEUE_TIME)}-{run}"


def head_path(chain: str) -> str:
    """The hint how far a chain of LEDGER had grown when somebody last looked."""
    return f"heads/{chain.rstrip('/')}"


def cursor_path(walk: str) -> str:
    """Where a slow walk through a bucket stopped."""
    return f"cursors/{walk}"


def durations_path(base_model: str) -> str:
    """How long the last jobs of a base model took."""
    return f"durations/{safe(base_model, 63)}"
