"""Cloud Run functions of the watcher: job events, ticks and operators' decisions in, a served model out."""

import functions_framework
from cloudevents.http import CloudEvent

from tunedrop import bootstrap, delivery


@functions_framework.cloud_event
def on_job_event(event: CloudEvent) -> None:
    """Look after runs; return to acknowledge, raise to have it again."""
    delivery.settle(bootstrap.job_events, event)


@functions_framework.cloud_event
def on_control(event: CloudEvent) -> None:
    """Carry out an operator's decision; return to acknowledge, raise to have it again."""
    delivery.settle(bootstrap.control, event)
