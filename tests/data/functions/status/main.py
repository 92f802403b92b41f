"""Stands in for the watcher; notes what arrives."""

import functions_framework

from support.recording import announce, record

announce()


@functions_framework.cloud_event
def on_job_event(event):
    """Note a job event."""
    record("on_job_event", event)


@functions_framework.cloud_event
def on_control(event):
    """Note a decision."""
    record("on_control", event)
