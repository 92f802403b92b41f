"""Makes the exact bytes that a job will read: a server-side copy, or a second read of the same generation.

Everything goes to a temporary name first and then, once, to the name of its own digest.
"""

import hashlib
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from tunedrop.domain import places
from tunedrop.domain.checks import CheckOptions, CheckResult, Limits, split_lines
from tunedrop.domain.formats import Format
from tunedrop.domain.split import HASH_BYTES, Holdout, hashes_to_bytes
from tunedrop.domain.staging import LineMap, Part, bytes_change, stage_lines
from tunedrop.errors import PreconditionFailedError
from tunedrop.ports import ObjectInfo
from tunedrop.services import Services


class Staged(Struct, frozen=True):
    """One file that a job reads, under the name of its digest."""

    digest: str
    path: str
    rows: int
    line_map: str = ""
    """Path of the map from its lines to the user's; empty where they are the same."""


class HeldOut(Struct, frozen=True):
    """The content hashes of the rows that measure a tuned model, so that other runs can tell them again."""

    path: str
    """In WORK; `domain.split.hashes_from_bytes` reads it."""
    count: int


class Source(Struct, frozen=True):
    """A checked dataset and how its rows are to be written."""

    drop_id: str
    info: ObjectInfo
    result: CheckResult
    source_format: Format
    target_format: Format
    limits: Limits
    options: CheckOptions
    default_context: str | None = None
    holdout: Holdout | None = None

    @property
    def needs_writing(self) -> bool:
        """Whether the staged bytes differ from the dropped ones."""
        return bytes_change(
            self.result,
            source_format=self.source_format,
            target_format=self.target_format,
            default_context=self.default_context,
            holdout=self.holdout,
        )


class _Tally(Struct):
    """What is learnt about staged bytes while they go by."""

    hasher: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    line_map: LineMap = field(default_factory=LineMap)


def stage(services: Services, source: Source, part: Part, *, role: str) -> Staged:
    """Stage one part of a dataset; *role* is `training` or `evaluation` and names the line map.

    Raises:
        NotFoundError: The checked generation is not there any more.
    """
    if source.needs_writing:
        return _written(services, source, part, role)
    digest = source.result.dataset_digest
    _give_final_name(services, source.info, digest)
    return Staged(digest=digest, path=places.staged_path(digest), rows=source.result.lines.kept)


def keep_hashes(services: Services, drop_id: str, hashes: Iterable[int]) -> HeldOut:
    """Write down which rows are held out, or make up the evaluation file; the same again for the same drop."""
    path, data = f"holdout/{drop_id}.hashes", hashes_to_bytes(hashes)
    services.store.write(
        services.settings.work_bucket,
        path,
        data,
        if_generation=None,
        content_type="application/octet-stream",
    )
    return HeldOut(path, len(data) // HASH_BYTES)


def _written(services: Services, source: Source, part: Part, role: str) -> Staged:
    work, info = services.settings.work_bucket, source.info
    temporary = f"incoming/{source.drop_id}-{role}-{services.nonces()}.jsonl"
    tally = _Tally()
    with services.store.stream(info.bucket, info.name, generation=info.generation) as chunks:
        uploaded = services.store.upload(work, temporary, _rows(chunks, source, part, tally))
    digest = tally.hasher.hexdigest()
    _give_final_name(services, uploaded, digest)
    services.store.delete(work, temporary, if_generation=uploaded.generation)
    line_map = f"line-maps/{source.drop_id}.{role}"
    services.store.write(
        work, line_map, tally.line_map.to_bytes(), if_generation=None, content_type="text/plain"
    )
    return Staged(
        digest=digest, path=places.staged_path(digest), rows=len(tally.line_map), line_map=line_map
    )


def _rows(chunks: Iterable[bytes], source: Source, part: Part, tally: _Tally) -> Iterator[bytes]:
    staged = stage_lines(
        split_lines(chunks, source.options.max_line_bytes),
        source_format=source.source_format,
        target_format=source.target_format,
        default_context=source.default_context,
        holdout=source.holdout,
        limits=source.limits,
        options=source.options,
    )
    for line in staged:
        if line.part == part:
            tally.hasher.update(line.data)
            tally.line_map.append(line.source_line)
            yield line.data


def _give_final_name(services: Services, source: ObjectInfo, digest: str) -> None:
    """Whoever was there first staged the same bytes."""
    try:
        services.store.copy(
            source, services.settings.work_bucket, places.staged_path(digest), if_generation=0
        )
    except PreconditionFailedError:
        return
