"""Where a local cloud answers the doctor: its storage, its topics, its Vertex AI stand-in; it has nothing else.

Knows the Pub/Sub client, since the local server speaks gRPC alone.
"""

from google.cloud.pubsub_v1 import PublisherClient

from tunedrop.doctor.google_project import TIMEOUT_SECONDS, Doors
from tunedrop.doctor.subject import Subject

_WITHOUT = ("policy/", "storage-agent", "subscriptions", "tensorboard")


def local_doors(subject: Subject, storage_url: str) -> Doors:
    """The doors of the local cloud that the settings name; its Pub/Sub is the environment's business."""
    bases = {
        "storage": storage_url.rstrip("/"),
        "aiplatform": f"http://{subject.settings.vertex_emulator_rest_host}",
    }
    return Doors(bases, {"topics": lambda: _topics(subject.project)}, _WITHOUT)


def _topics(project: str) -> list[dict[str, str]]:
    client = PublisherClient()
    try:
        listed = client.list_topics(
            request={"project": f"projects/{project}"}, timeout=TIMEOUT_SECONDS
        )
        return [{"name": topic.name} for topic in listed]
    finally:
        client.stop()
