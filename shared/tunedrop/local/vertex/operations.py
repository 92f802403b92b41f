"""Long-running operations: begun, done after a while, with a response or an error.

Knows the effect of each only by its name.
"""

import base64
import time
from collections.abc import Callable, Mapping

from google.cloud import aiplatform_v1
from google.longrunning import operations_pb2

from tunedrop.local.vertex import names, wire
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.errors import ApiError
from tunedrop.local.vertex.store import Work
from tunedrop.local.vertex.wire import Pb

KIND = "operations"
Operation = operations_pb2.Operation
Effect = Callable[[Core, Pb, float], Pb]
"""Changes resources for a request and returns the operation's response."""

_POLL_SECONDS = 0.02
_LONGEST_WAIT_SECONDS = 60.0


def begin(core: Core, resource_name: str, effect: str, request: Pb, metadata: Pb) -> Pb:
    """Start an operation in the location of a resource; runs inside the caller's transaction."""
    at = core.clock.now()
    number = core.next_id()
    operation = Operation(name=f"{names.parent_of(resource_name)}/operations/{number}")
    wire.stamp(metadata.generic_metadata.create_time, at)
    wire.stamp(metadata.generic_metadata.update_time, at)
    operation.metadata.Pack(metadata)
    core.store.add(KIND, operation.name, names.parent_of(resource_name), operation, at)
    core.start_work(
        KIND,
        operation.name,
        due_at=at + core.settings.operation_seconds,
        effect=effect,
        request_type=request.DESCRIPTOR.name,
        request=base64.b64encode(request.SerializeToString()).decode(),
    )
    return operation


def worker(effects: Mapping[str, Effect]) -> Callable[[Core, Work], None]:
    """Return the worker that ends operations."""

    def finish(core: Core, work: Work) -> None:
        operation = core.load(KIND, Operation, work.name)
        message_type = getattr(aiplatform_v1, work.plan["request_type"]).pb()
        request = message_type.FromString(base64.b64decode(work.plan["request"]))
        try:
            response = effects[work.plan["effect"]](core, request, work.due_at or 0.0)
        except ApiError as error:
            operation.error.CopyFrom(error.to_status())
        else:
            operation.response.Pack(response)
        operation.done = True
        core.store.save(operation.name, operation)
        core.store.end_work(operation.name)

    return finish


def get(core: Core, request: Pb) -> Pb:
    """Return an operation."""
    return core.load(KIND, Operation, request.name)


def wait(core: Core, request: Pb) -> Pb:
    """Return an operation as soon as it is done, or as it is when the time is over."""
    asked = request.timeout.ToTimedelta().total_seconds() if request.HasField("timeout") else None
    limit = _LONGEST_WAIT_SECONDS if asked is None else min(asked, _LONGEST_WAIT_SECONDS)
    deadline = time.monotonic() + limit
    while not (operation := get(core, request)).done and time.monotonic() < deadline:
        if core.stopping.wait(_POLL_SECONDS):
            break
        core.tick()
    return operation
