"""Cloud Run function of the launcher: an accepted dataset in, one recorded job out."""

import functions_framework
from cloudevents.http import CloudEvent

from tunedrop import bootstrap, delivery


@functions_framework.cloud_event
def on_launch(event: CloudEvent) -> None:
    """Launch what a verdict allows; return to acknowledge, raise to have it again."""
    delivery.settle(bootstrap.launches, event)
