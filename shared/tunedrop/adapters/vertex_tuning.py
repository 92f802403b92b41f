"""Tuning through tuning jobs: create without an id, look for the label, read what a finished job holds.

Knows `GenAiTuningServiceClient` and its payloads; decides nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from google.cloud import aiplatform_v1 as vertex
from google.protobuf import json_format

from tunedrop.adapters.google_errors import translated, violations_in
from tunedrop.adapters.vertex_clients import enum_name, instant
from tunedrop.adapters.vertex_jobs import (
    MOST_PAGES,
    PAGE_SIZE,
    VertexJobs,
    carrying,
    labelled,
    newer,
)
from tunedrop.ai_ports import Job, JobError, RowNote
from tunedrop.domain.hosts import location_of
from tunedrop.domain.job_states import job_state


class TuningJobs(VertexJobs):
    """`JobService` for base models that the tuning API takes."""

    def create(self, *, region: str, job_id: str, body: Mapping[str, Any]) -> Job:
        """See `JobService.create`; the service takes no id, so *job_id* only names the call in errors."""
        job = vertex.TuningJob()
        json_format.ParseDict(dict(body), vertex.TuningJob.pb(job))
        with translated(f"tuning job {job_id} in {region}"):
            created = self._client(region).create_tuning_job(
                parent=self.parent(region),
                tuning_job=job,
                timeout=self.create_timeout_seconds,
                retry=None,
            )
        return _job(created)

    def get(self, name: str) -> Job:
        """See `JobService.get`."""
        with translated(name):
            found = self._client(location_of(name)).get_tuning_job(
                name=name, **self.clients.repeatable()
            )
        return _job(found)

    def find(self, *, region: str, labels: Mapping[str, str]) -> Sequence[Job]:
        """See `JobService.find`; which filters the service honours is undocumented, so none is sent."""
        with translated(f"tuning jobs in {region}"):
            return labelled(self._listed(region), labels)

    def recent(self, *, region: str, labels: Mapping[str, str], since: datetime) -> Iterator[Job]:
        """See `JobService.recent`; no order is documented, so it stops after a page's worth of older ones."""
        with translated(f"tuning jobs in {region}"):
            yield from carrying(newer(self._listed(region), since), labels)

    def _listed(self, region: str) -> Iterator[Job]:
        request = {"parent": self.parent(region), "page_size": PAGE_SIZE}
        pager = self._client(region).list_tuning_jobs(request=request, **self.clients.repeatable())
        pages = islice(pager.pages, MOST_PAGES)
        return (_job(job) for page in pages for job in page.tuning_jobs)

    def cancel(self, name: str) -> None:
        """See `JobService.cancel`."""
        with translated(name):
            self._client(location_of(name)).cancel_tuning_job(
                name=name, **self.clients.repeatable()
            )

    def _client(self, region: str) -> vertex.GenAiTuningServiceClient:
        return self.clients.get(vertex.GenAiTuningServiceClient, region)


def _job(job: vertex.TuningJob) -> Job:
    raw = enum_name(job, "state")
    statistics = job.tuning_data_stats.supervised_tuning_data_stats
    return Job(
        name=job.name,
        state=job_state(raw),
        raw_state=raw,
        labels=dict(job.labels),
        created_at=instant(job.create_time),
        error=_error(job),
        tuned_model=job.tuned_model.model,
        endpoint=job.tuned_model.endpoint,
        experiment=job.experiment,
        ended_at=instant(job.end_time) if job.end_time else None,
        completed_steps=int(statistics.tuning_step_count) or None,
        billable_tokens=int(statistics.total_billable_token_count) or None,
        # What is called truncated here was left out whole, by the library's own words (types/tuning_job.py).
        dropped_rows=int(statistics.total_truncated_example_count),
        row_notes=_row_notes(statistics),
    )


def _error(job: vertex.TuningJob) -> JobError | None:
    if not job.error.code:
        return None
    violations = tuple(violations_in(job.error.details))
    return JobError(code=job.error.code, message=job.error.message, violations=violations)


def _row_notes(statistics: vertex.SupervisedTuningDataStats) -> tuple[RowNote, ...]:
    """Some of the rows that the job left out, each with its reason if the service says one."""
    rows, reasons = statistics.truncated_example_indices, statistics.dropped_example_reasons
    return tuple(
        RowNote(row=int(row), reason=reasons[at] if at < len(reasons) else "")
        for at, row in enumerate(rows)
    )
