"""Log entries about pipeline jobs, as the platform log has them, kept until they are delivered.

Tuning jobs have no such log and get none here; who carries entries to a topic is not known.
"""

from typing import Any

from google.cloud import aiplatform_v1

from tunedrop.local.vertex import names, wire
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.wire import Pb

_BILLING = "vertex-ai-pipelines-run-billing-id"
_FAILED = aiplatform_v1.PipelineState.PIPELINE_STATE_FAILED


def log_state(core: Core, job: Pb, at: float) -> None:
    """Put the entry for a job's state in the outbox."""
    core.journal.append("outbox", entry(job, at))


def entry(job: Pb, at: float) -> dict[str, Any]:
    """Write one LogEntry.

    The names of the resource labels besides `pipeline_job_id` are the best guess there is: no
    full sample is published.
    """
    project, location = names.parse_parent(job.name)
    state = wire.enum_name(job, "state")
    job_id = job.name.rpartition("/")[2]
    log_id = "aiplatform.googleapis.com%2Fpipeline_job_events"
    return {
        "insertId": f"{job_id}-{state.rpartition('_')[2].lower()}",
        "logName": f"projects/{project}/logs/{log_id}",
        "severity": "ERROR" if job.state == _FAILED else "INFO",
        "timestamp": wire.rfc3339(at),
        "receiveTimestamp": wire.rfc3339(at),
        "resource": {
            "type": "aiplatform.googleapis.com/PipelineJob",
            "labels": {
                "pipeline_job_id": job_id,
                "location": location,
                "resource_container": project,
            },
        },
        "labels": {
            "vertex-ai-pipelines-run-billing-id": job.labels[_BILLING],
            "pipeline_name": job.template_uri.rstrip("/").split("/")[-2],
            "service_account": job.service_account,
            "template_uri": job.template_uri,
            "template_metadata_version": job.template_metadata.version,
        },
        "jsonPayload": {
            "@type": "type.googleapis.com/google.cloud.aiplatform.logging.PipelineJobLogEntry",
            "pipelineName": job.template_uri.rstrip("/").split("/")[-2],
            "state": state,
        },
    }
