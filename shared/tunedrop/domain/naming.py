"""Every name that tunedrop derives: ids of drops, runs and jobs, labels, and what an object is for by its name.

Pure functions of their arguments; no clock and no randomness, so that any worker derives the same name.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

_BUCKET = r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]"
_GS_URI = re.compile(rf"gs://(?P<bucket>{_BUCKET})/(?P<name>[^\x00-\x1f\x7f]+)", re.ASCII)
_JOB_ID = re.compile(
    r"tunedrop-(?P<run>[a-z][a-z0-9-]{0,32}-[0-9a-f]{16})-a(?P<attempt>[1-9][0-9]{0,3})", re.ASCII
)

MAX_NAME_BYTES = 1024
"""Longest object name of Cloud Storage."""
RECIPE_FILE = "recipe.toml"
EVALUATION_SUFFIX = ".eval.jsonl"
REHEARSAL_FOLDER = "tunedrop-selftest"
"""Reserved: a run of a recipe in it is taken as far as the create call, and not further."""
REJECTS_SUFFIX = ".rejects.jsonl"
"""What was left out of a dataset; never a dataset itself."""
DATASET_SUFFIXES = (".jsonl", ".ndjson", ".json")
# Where gcloud and gsutil put the parts of a parallel composite upload, in the same bucket.
UPLOAD_PART_PREFIXES = (
    "gcloud/tmp/parallel_composite_uploads/",
    "gsutil/tmp/parallel_composite_uploads/",
    "/gsutil/",
)


class ObjectRole(StrEnum):
    """What an object in an intake bucket is for, by its name alone."""

    PLACEHOLDER = "placeholder"
    UPLOAD_PART = "upload_part"
    RECIPE = "recipe"
    EVALUATION = "evaluation"
    DATASET = "dataset"
    OTHER = "other"


class GsUri(NamedTuple):
    """A `gs://bucket/object` address."""

    bucket: str
    name: str

    def __str__(self) -> str:
        return f"gs://{self.bucket}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> "GsUri":
        """Read a whole address by one strict expression.

        Raises:
            ValueError: Anything else, control characters and over-long names included; the
                message does not repeat the text.
        """
        match = _GS_URI.fullmatch(text)
        if match is None or len(match["name"].encode("utf-8", "replace")) > MAX_NAME_BYTES:
            msg = "expected gs://bucket/object, without control characters"
            raise ValueError(msg)
        return cls(bucket=match["bucket"], name=match["name"])

    @staticmethod
    def fits(bucket: str, name: str) -> bool:
        """Whether an object has an address that can be read back."""
        return _GS_URI.fullmatch(f"gs://{bucket}/{name}") is not None


def canonical_json(value: object) -> bytes:
    """Encode a JSON value so that equal values have equal bytes."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode()


def digest(*parts: str) -> str:
    """SHA-256 in hex of *parts*, unambiguous about where one ends and the next begins."""
    return hashlib.sha256(canonical_json(list(parts))).hexdigest()


def object_role(name: str) -> ObjectRole:
    """Tell what an object is for."""
    base = name.rsplit("/", 1)[-1]
    if name.startswith(UPLOAD_PART_PREFIXES):
        return ObjectRole.UPLOAD_PART
    if base in {"", ".keep", ".gitkeep", "_SUCCESS"} or base.endswith("_$folder$"):
        return ObjectRole.PLACEHOLDER
    if base == RECIPE_FILE:
        return ObjectRole.RECIPE
    if base.endswith(EVALUATION_SUFFIX) or base == EVALUATION_SUFFIX.removeprefix("."):
        return ObjectRole.EVALUATION
    is_dataset = base.lower().endswith(DATASET_SUFFIXES) and not base.endswith(REJECTS_SUFFIX)
    return ObjectRole.DATASET if is_dataset else ObjectRole.OTHER


def folder_of(name: str) -> str:
    """The folder of an object without its slash; empty for the bucket's root."""
    return name.rpartition("/")[0]


def folders_upwards(name: str) -> list[str]:
    """The object's folder and every one above it, nearest first, the root (empty) last."""
    folders = []
    folder = folder_of(name)
    while folder:
        folders.append(folder)
        folder = folder_of(folder)
    return [*folders, ""]


def is_rehearsal(recipe: str) -> bool:
    """Whether runs of the recipe are rehearsed: its name is the reserved folder, or lies in it."""
    return recipe == REHEARSAL_FOLDER or recipe.startswith(f"{REHEARSAL_FOLDER}/")


def in_folder(folder: str, name: str) -> str:
    """The object *name* of a folder; the root is the empty folder."""
    return f"{folder}/{name}" if folder else name


def safe(text: str, limit: int) -> str:
    """Make *text* fit for ids and labels: lower-case ASCII letters, digits and hyphens, starting with a letter."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-")
    if not words or not words[0].isalpha():
        words = f"r-{words}" if words else "r"
    return words[:limit].rstrip("-")


def drop_id(
    bucket: str, name: str, generation: int, *, request: Mapping[str, Any] | None = None
) -> str:
    """Name one question: this generation of this object, with what a request adds to it, if one does.

    An event and a plain request about the same generation are the same question and share an answer.
    """
    asked = canonical_json(dict(request)).decode() if request else ""
    return digest("drop", bucket, name, str(generation), asked)[:32]


def run_key(
    *,
    deployment: str,
    recipe: str,
    training_digest: str,
    evaluation_digest: str,
    identity: Mapping[str, Any],
) -> str:
    """Name one tuning of one dataset: 64 hex digits over everything that reaches the create request."""
    settings = canonical_json(dict(identity)).decode()
    return digest("run", deployment, recipe, training_digest, evaluation_digest, settings)


RUN_LABEL = "tunedrop-run"
ATTEMPT_LABEL = "tunedrop-attempt"
RECIPE_IN_ID = 33
"""How much of a recipe's name, made safe, a run's id begins with."""


def run_id(recipe: str, key: str) -> str:
    """The short name of a run: the recipe's, made safe, and the first 16 digits of the key."""
    return f"{safe(recipe, RECIPE_IN_ID)}-{key[:16]}"


def may_be_rehearsal(run: str) -> bool:
    """Whether a run's id begins as a rehearsal's does, which no step of the run changes.

    Ids do not tell `tunedrop-selftest/x` from `tunedrop-selftest-x`: runs of the latter count as well.
    """
    return run.startswith(f"{REHEARSAL_FOLDER}-")


def job_id(run: str, attempt: int) -> str:
    """The id of an attempt's job, at most 63 characters."""
    return f"tunedrop-{run}-a{attempt}"


def run_of_job(job: str) -> tuple[str, int] | None:
    """The run and attempt of a job id, or None for a job that is not one of ours."""
    match = _JOB_ID.fullmatch(job)
    return (match["run"], int(match["attempt"])) if match else None


def labels_of(*, deployment: str, run: str, attempt: int) -> dict[str, str]:
    """The labels of an attempt's job, which travel on to its model and endpoint."""
    return {
        **deployment_label(deployment),
        RUN_LABEL: run,
        ATTEMPT_LABEL: str(attempt),
    }


def deployment_label(deployment: str) -> dict[str, str]:
    """The label that every job of a deployment carries."""
    return {"tunedrop-deployment": safe(deployment, 63)}
