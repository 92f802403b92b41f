"""Stands in for the launcher; notes what arrives."""

import functions_framework

from support.recording import announce, record

announce()


@functions_framework.cloud_event
def on_launch(event):
    """Note a launch."""
    record("on_launch", event)
