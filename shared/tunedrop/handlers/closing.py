"""Closes a run that has ended: the index hears of it, and then nothing looks after it any more.

In this order, so that a crash in between leaves a run that is looked after once more, and none that no page lists.
"""

from tunedrop.domain.runs import Run
from tunedrop.reports.index_notes import leave_run_note
from tunedrop.services import Services


def close(services: Services, run: Run) -> None:
    """Take away an ended run's open mark, once everything about it is said and shown."""
    leave_run_note(services, run)
    services.runbook.close(run)
