"""The function that most people write first: every client imported at the top, the whole file in memory.

Measured against, never deployed. Does what it must for one finalized object: read, validate, record, publish.
"""

import json
import os

import functions_framework
from cloudevents.http import CloudEvent
from google.cloud import aiplatform, pubsub_v1, storage
from pydantic import BaseModel, ConfigDict, ValidationError

aiplatform.init(project=os.environ["GOOGLE_CLOUD_PROJECT"], location="us-central1")


class Line(BaseModel):
    """One line of the dataset."""

    model_config = ConfigDict(strict=True, extra="forbid")

    input_text: str
    output_text: str


@functions_framework.cloud_event
def on_finalized(event: CloudEvent) -> None:
    """Check an object, write a record beside it and publish the outcome."""
    bucket = storage.Client().bucket(event.data["bucket"])
    wrong = []
    lines = bucket.blob(event.data["name"]).download_as_text().splitlines()
    for number, line in enumerate(lines, 1):
        try:
            Line.model_validate_json(line)
        except ValidationError as error:
            wrong.append({"line": number, "message": str(error)})
    record = json.dumps({"lines": len(lines), "wrong": wrong})
    bucket.blob(f"{event.data['name']}.record").upload_from_string(record)
    publisher = pubsub_v1.PublisherClient()
    publisher.publish(os.environ["NAIVE_TOPIC"], record.encode()).result()
