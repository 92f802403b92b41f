"""What is left in a local cloud, as the evidence that the simulation's invariants judge."""

import hashlib
import json
from contextlib import contextmanager
from datetime import datetime

import grpc
from google.cloud import aiplatform_v1

from simulation.evidence import Evidence, Kept, Published, SeenJob
from support.killing_drops import CANARY
from support.pubsub import clients_of
from tunedrop.local.storage.generations import Reference
from tunedrop.local.storage.listing import Listing
from tunedrop.local.wiring import watch_name

_ANSWERS = {"INVALID_ARGUMENT": "invalid_request"}


def resources(cloud, role, prefix=""):
    """The object resources of a bucket, straight from the server, which may be asked often."""
    objects, after = cloud.storage.store.objects, ""
    bucket = getattr(cloud.settings, f"{role}_bucket")
    while after is not None:
        page = objects.list(bucket, Listing(prefix=prefix, start_offset=after))
        # The first of a page that is no first one was the last before it.
        yield from (item for item in page.items if not after or item["name"] != after)
        after = page.items[-1]["name"] if page.next_page_token else None


def content(cloud, resource):
    """The bytes of an object."""
    reference = Reference(resource["bucket"], resource["name"])
    _, file = cloud.storage.store.objects.open(reference)
    with file:
        return file.read()


def evidence_of(drops, uploads):
    """Everything that a cloud leaves behind, once it has come to rest."""
    cloud = drops.cloud
    return Evidence(
        records={
            each["name"]: Kept(
                each["name"],
                json.loads(content(cloud, each)),
                datetime.fromisoformat(each["timeCreated"]),
                int(each["generation"]),
            )
            for each in resources(cloud, "ledger")
        },
        state={each["name"]: each.get("metadata", {}) for each in resources(cloud, "state")},
        jobs=[*_pipeline_jobs(drops), *_tuning_jobs(drops)],
        uploads=sorted({*uploads, *left_in_intake(cloud)}),
        staged={
            each["name"]: hashlib.sha256(content(cloud, each)).hexdigest()
            for each in resources(cloud, "work", "staged/")
        },
        published=list(_facts(cloud)),
        logs=[line for line in log_lines(cloud) if line.startswith("{")],
        secrets=[CANARY],
        creates=list(_creates(cloud)),
        deployment=cloud.settings.deployment,
        cap=cloud.settings.max_concurrent_jobs,
        usd_per_day=cloud.settings.max_usd_per_day,
        at_rest=True,
    )


def left_in_intake(cloud):
    """(bucket, name, generation) of what lies in INTAKE; a repeated upload has made more than its client knows."""
    return [
        (each["bucket"], each["name"], int(each["generation"]))
        for each in resources(cloud, "intake")
    ]


def log_lines(cloud):
    """All lines that the functions have written."""
    for path in sorted(cloud.layout.logs.glob("*.log")):
        yield from path.read_text(errors="replace").splitlines()


def _facts(cloud):
    """What the functions said to whoever wants to know."""
    watch = watch_name(cloud.settings, "events")
    with clients_of(cloud.pubsub.address) as clients:
        while received := clients.pull_now(watch, max_messages=1000):
            clients.acknowledge(watch, received)
            for message in (each.message for each in received):
                event_id = message.attributes["ce-id"]
                yield Published(message.publish_time, "events", event_id, message.data)


@contextmanager
def _client(drops, service):
    with grpc.insecure_channel(f"127.0.0.1:{drops.cloud.vertex.grpc_port}") as channel:
        yield service(transport=service.get_transport_class("grpc")(channel=channel))


def _parent(drops):
    return f"projects/{drops.settings.project}/locations/{drops.settings.region}"


def _pipeline_jobs(drops):
    with _client(drops, aiplatform_v1.PipelineServiceClient) as client:
        for job in list(client.list_pipeline_jobs(parent=_parent(drops), timeout=20)):
            whole = client.get_pipeline_job(name=job.name, timeout=20)
            uri = whole.runtime_config.parameter_values["dataset_uri"]
            yield _job(drops, whole, "pipeline_job", uri)


def _tuning_jobs(drops):
    with _client(drops, aiplatform_v1.GenAiTuningServiceClient) as client:
        for job in list(client.list_tuning_jobs(parent=_parent(drops), timeout=20)):
            yield _job(drops, job, "tuning_job", job.supervised_tuning_spec.training_dataset_uri)


def _job(drops, job, backend, uri):
    return SeenJob(
        name=job.name,
        backend=backend,
        labels=dict(job.labels),
        dataset_uri=uri,
        state=job.state.name,
        created_at=job.create_time,
        ended_at=job.end_time,
        tuned_model=drops.vertex.jobs[backend].get(job.name).tuned_model,
        cancel_asked_at=job.end_time if job.state.name.endswith("_CANCELLED") else None,
    )


def _creates(cloud):
    """The create calls; that an id is taken may be heard twice, where the first to hear it died."""
    for line in cloud.vertex.requests():
        labels = line["body"]["labels"]
        yield (
            datetime.fromisoformat(line["at"]),
            labels["tunedrop-run"],
            labels["tunedrop-attempt"],
            _ANSWERS.get(line["outcome"], line["outcome"]),
        )
