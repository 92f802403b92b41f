"""The metrics of a tuning, from where each backend leaves them.

Knows the TensorBoard and metadata clients and their payloads; judges no curve.
"""

from tunedrop.adapters.vertex_clients import VertexClients
from tunedrop.domain.curves import Series
from tunedrop.ports import Job


class VertexCurves:
    """`Curves` of one project."""

    def __init__(self, *, clients: VertexClients, project: str) -> None:
        self._clients = clients
        self._project = project

    def read(self, job: Job, *, tensorboard: str) -> tuple[Series, ...]:
        """See `Curves.read`."""
        return ()
