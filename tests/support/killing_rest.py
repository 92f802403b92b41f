"""When a local cloud has come to rest: asked of its servers, cheaply enough to be asked again and again."""

import time

import pytest

from support.killing_evidence import content, left_in_intake, resources
from tunedrop.local.entry_points import SUBSCRIBED
from tunedrop.local.wiring import subscription_name, watch_name

_TICKED = "job-events"
"""Never empty for long, since the ticks go on."""
_ASK_SECONDS = 0.25
"""A look at everything takes a twentieth of it."""
_FEW = 8


def come_to_rest(cloud, uploads, seconds):
    """Wait until nothing is open: no event, no message, no run, no slot, no file."""
    _wait_for_the_end_of(lambda: _still_open(cloud, uploads), seconds)


def settle_down(cloud, uploads, seconds):
    """Wait until hardly anybody waits, so that a machine without a free processor is not only behind."""
    _wait_for_the_end_of(
        lambda: [*unanswered(cloud, uploads), *_undelivered(cloud), *_open(cloud)][_FEW:], seconds
    )


def _wait_for_the_end_of(whatever, seconds):
    end = time.monotonic() + seconds
    while still := whatever():
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds} s in vain for the end of {still}")
        time.sleep(_ASK_SECONDS)


def _still_open(cloud, uploads):
    """What somebody waits for; nothing at rest."""
    asked = (_undelivered, _open, _taken_slots)
    found = filter(None, (holding(cloud) for holding in asked))
    return next(found, None) or unanswered(cloud, uploads)


def dead_letters(cloud):
    """How many messages were given up."""
    return cloud.pubsub.backlog(watch_name(cloud.settings, "dead-letters")).total


def unanswered(cloud, uploads):
    """The uploads without a receipt."""
    answered = {
        each["name"].rpartition("/")[2].partition(".")[0]
        for each in resources(cloud, "ledger", "drops/")
        if ".waiting_for_" not in each["name"]
    }
    known = {*uploads, *left_in_intake(cloud)}
    return [upload for upload in known if str(upload[2]) not in answered]


def _undelivered(cloud):
    waiting = [each for each in SUBSCRIBED if each.role != _TICKED]
    names = [subscription_name(cloud.settings, each) for each in waiting]
    events = [event.event_id for event in cloud.storage.store.pending_events()]
    return events + [name for name in names for _ in range(cloud.pubsub.backlog(name).total)]


def _open(cloud):
    return [
        each["name"]
        for each in resources(cloud, "state")
        if each["name"].startswith(("open/", "queue/"))
    ]


def _taken_slots(cloud):
    newest = {each["name"].split("/")[1]: each for each in resources(cloud, "ledger", "slots/")}
    return [slot for slot, each in newest.items() if b'"state":"taken"' in content(cloud, each)]
