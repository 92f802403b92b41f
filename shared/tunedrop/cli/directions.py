"""What to type to use a local cloud that runs: with gcloud, with Python, and with tunedrop itself.

Knows addresses; starts and calls nothing.
"""

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunedrop.local.cloud import LocalCloud

_TEXT = """\
The local cloud runs. In another shell:

  source {env_file}

Drop a folder with its recipe, or one file:

  gcloud storage cp -r support-bot gs://{intake}/
  tunedrop drop support-bot/

or from Python, with the client library as it is:

  from google.auth.credentials import AnonymousCredentials
  from google.cloud.storage import Client
  bucket = Client(credentials=AnonymousCredentials()).bucket("{intake}")
  bucket.blob("train.jsonl").upload_from_filename("train.jsonl")

Ask for a tuning as another system would:

  tunedrop request gs://{intake}/train.jsonl --set tuning.epochs=3

  from google.cloud.pubsub_v1 import PublisherClient
  PublisherClient().publish("{requests}", b'{{"dataset_uri": "gs://{intake}/train.jsonl"}}').result()

See what became of it, and call the tuned model:

  tunedrop runs
  tunedrop show gs://{intake}/train.jsonl
  tunedrop ask default "a question"

Servers: storage {storage}, Pub/Sub {pubsub}, Vertex AI {vertex} (gRPC) and http://{host}:{rest} (REST).
Logs: {logs}
Ctrl-C stops it; started again on {directory}, it goes on."""


def directions(cloud: "LocalCloud") -> str:
    """Say how to use a started cloud."""
    from tunedrop.local.addresses import HOST

    settings, ports = cloud.settings, cloud.ports
    return _TEXT.format(
        env_file=shlex.quote(str(cloud.layout.shell_file)),
        intake=settings.intake_bucket,
        requests=settings.topic("requests"),
        storage=cloud.environment["STORAGE_EMULATOR_HOST"],
        pubsub=cloud.environment["PUBSUB_EMULATOR_HOST"],
        vertex=settings.vertex_emulator_host,
        host=HOST,
        rest=ports["vertex-rest"],
        logs=cloud.layout.logs,
        directory=cloud.layout.directory,
    )
