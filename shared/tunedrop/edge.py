"""What delivering shares with the web framework: the request's trace, and the error that asks for another delivery.

The only module that knows the framework; imported by a function's process alone, since it takes its time.
"""

from flask import has_request_context, request
from werkzeug.exceptions import InternalServerError

from tunedrop import tracing
from tunedrop.tracing import Trace


class RedeliveryRequestedError(InternalServerError):
    """Raised out of a function so that the delivery comes again; carries a code and no content.

    The framework answers it as it is. Of any other exception it would print a traceback, which Error
    Reporting would take for a bug.
    """

    def __init__(self, code: str) -> None:
        super().__init__(description=code)

    def __str__(self) -> str:
        return self.description or ""


def request_trace() -> Trace | None:
    """The trace that the platform gave the request, if there is a request and it has one."""
    if not has_request_context():
        return None
    headers = request.headers
    return tracing.read_parent(headers.get("traceparent")) or tracing.read_cloud_context(
        headers.get("X-Cloud-Trace-Context")
    )
