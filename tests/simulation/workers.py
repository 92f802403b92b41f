"""One delivery of one message: the real entry point over ports that may fail, in a process that may end."""

import base64
import itertools
import json
from datetime import timedelta
from functools import partial

from cloudevents.http import CloudEvent

from simulation.broker import FINALIZED
from simulation.calls import Caller, Port
from simulation.scheduling import Crash, WorldClock
from support.memory import START
from tunedrop.delivery import Desk, settle
from tunedrop.edge import RedeliveryRequestedError
from tunedrop.events import FINALIZED as FINALIZED_TYPE
from tunedrop.events import PUBLISHED as PUBLISHED_TYPE
from tunedrop.events import read_finalized, read_message
from tunedrop.handlers import decide, launch_run, receive, track_runs
from tunedrop.logs import Origin
from tunedrop.services import Services, Vertex

CRASHED = "crashed"
_MOST_SKEW = 60


def work(world, message, attempt):
    """Handle one delivery; tells the broker how it ended."""
    key = f"{message.key}#{attempt}"
    caller = Caller(world, key, message)
    world.began(caller)
    try:
        settle(partial(_desk, world, caller), _event(message))
    except RedeliveryRequestedError as error:
        code = str(error) or "again"
    except Crash:
        code = CRASHED
    else:
        code = ""
    world.ended(caller, code)
    world.broker.settle(message, attempt, code)


def _desk(world, caller):
    services, vertex = _ports(world, caller)
    handle = {
        FINALIZED: partial(receive.receive_object, services),
        "requests": partial(receive.receive_request, services),
        "launches": partial(launch_run.receive_launch, services, vertex),
        "job-events": partial(track_runs.receive_job_event, services, vertex),
        "control": partial(decide.receive_control, services, vertex),
    }[caller.message.role]
    return Desk(
        role=caller.message.role,
        read=read_finalized if caller.message.role == FINALIZED else read_message,
        handle=handle,
        limited=services.limited,
        record_refusal=services.refusal,
        origin=Origin(project=world.settings.project, deployment=world.settings.deployment),
    )


def _ports(world, caller):
    skew = _MOST_SKEW if world.setup.skewed else 0
    clock = WorldClock(world.scheduler, world.draws.between(f"{caller.key}/skew", -skew, skew))
    numbers = itertools.count(1)
    services = Services.assemble(
        settings=world.settings,
        catalog=world.catalog,
        store=Port(caller, "store", world.storage),
        publisher=Port(caller, "publisher", world.broker),
        clock=clock,
        nonces=lambda: f"{caller.key}/{next(numbers)}",
        notices=Port(caller, "notices", world.notices),
    )
    vertex = Vertex.assemble(
        jobs={
            "pipeline_job": Port(caller, "pipelines", world.pipelines),
            "tuning_job": Port(caller, "tunings", world.tunings),
        },
        models=Port(caller, "models", world.serving),
        predictor=Port(caller, "predictor", world.answers),
        curves=Port(caller, "curves", world.curves),
        clock=clock,
    )
    return services, vertex


def _event(message):
    if message.role == FINALIZED:
        attributes = {"type": FINALIZED_TYPE, "source": "//storage", "id": message.key}
        return CloudEvent(attributes, json.loads(message.data))
    body = {
        "messageId": message.id,
        "data": base64.b64encode(message.data).decode(),
        "attributes": message.attributes,
        "publishTime": (START + timedelta(seconds=message.published_at)).isoformat(),
    }
    attributes = {"type": PUBLISHED_TYPE, "source": "//pubsub", "id": body["messageId"]}
    return CloudEvent(attributes, {"message": body})
