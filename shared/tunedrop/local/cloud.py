"""The local cloud: servers, relays and the real functions, brought up and taken down as one.

Knows the order; what each part does is its own business.
"""

import atexit
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tunedrop.config import Settings
from tunedrop.errors import UsageError
from tunedrop.local import deployment
from tunedrop.local.addresses import HOST, Addresses
from tunedrop.local.deployment import Options
from tunedrop.local.entry_points import ENTRY_POINTS, source_folder
from tunedrop.local.layout import Layout, locked
from tunedrop.local.processes import FunctionProcess, Launch
from tunedrop.local.supervisor import Supervisor
from tunedrop.topology import NOTIFIERS

if TYPE_CHECKING:
    from tunedrop.local.pubsub import PubSubServer
    from tunedrop.local.servers import Servers
    from tunedrop.local.storage import StorageServer
    from tunedrop.local.vertex.server import VertexServer

_SERVER_PORTS = ("storage", "pubsub", "vertex", "vertex-rest")


@dataclass(frozen=True, slots=True)
class _Running:
    settings: Settings
    environment: dict[str, str]
    ports: dict[str, int]
    servers: "Servers"
    supervisor: Supervisor


class LocalCloud:
    """A whole deployment on loopback, with all state under one directory.

    Usable as a context manager. Stopped or killed and started again on the same directory, it goes
    on with the jobs, messages and events that it had.
    """

    def __init__(self, directory: Path, options: Options | None = None) -> None:
        self.layout = Layout(directory.resolve())
        self._options = options or Options()
        self._stack = ExitStack()
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Bring everything up; returns when the functions answer. What fails leaves nothing behind.

        Raises:
            UsageError: The directory, a given port or the functions' folder cannot be used, or it
                runs already.
            FunctionStartError: A function did not come up.
        """
        with ExitStack() as stack:
            running = self._bring_up(stack)
            self._stack = stack.pop_all()
        self._running = running
        atexit.register(self.stop)
        return self

    def stop(self) -> None:
        """End every process, thread and server; harmless if repeated."""
        atexit.unregister(self.stop)
        self._running = None
        self._stack.close()

    @property
    def settings(self) -> Settings:
        """The deployment's settings, as its functions have them."""
        return self._started().settings

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that point other programs at this cloud; also in its two files."""
        return self._started().environment

    @property
    def ports(self) -> Mapping[str, int]:
        """Ports by the name of the server or process."""
        return self._started().ports

    @property
    def storage(self) -> "StorageServer":
        """The storage server."""
        return self._started().servers.storage

    @property
    def pubsub(self) -> "PubSubServer":
        """The Pub/Sub server."""
        return self._started().servers.pubsub

    @property
    def vertex(self) -> "VertexServer":
        """The Vertex stand-in."""
        return self._started().servers.vertex

    @property
    def functions(self) -> tuple[FunctionProcess, ...]:
        """The functions' processes."""
        return self._started().supervisor.processes

    def kill(self, name: str) -> None:
        """End a function by SIGKILL; it is started again unless restarts are paused.

        Args:
            name: Of a process, such as `status-control`, or of a function, such as `status`.

        Raises:
            UsageError: Nothing has the name.
        """
        self._started().supervisor.kill(name)

    def restart(self, name: str) -> None:
        """Start a function afresh and return once it answers; see `kill` for *name*.

        Raises:
            UsageError: Nothing has the name.
            FunctionStartError: It did not come up.
        """
        self._started().supervisor.restart(name, self._options.ready_seconds)

    def restarts_paused(self) -> AbstractContextManager[None]:
        """Leave killed functions dead inside the block."""
        return self._started().supervisor.restarts_paused()

    def _started(self) -> _Running:
        if self._running is None:
            raise UsageError(
                f"{self.layout.directory}: expected a started local cloud, found a stopped one; start it"
            )
        return self._running

    def _bring_up(self, stack: ExitStack) -> _Running:
        folder = source_folder(self._options.functions_directory)
        stack.enter_context(locked(self.layout))
        ports = self._take_ports(stack)
        settings = self._settings(ports)
        environment = self._environment(settings, ports)
        supervisor = self._supervisor(folder, settings, environment, ports)
        stack.callback(supervisor.stop)
        supervisor.start()
        from tunedrop.local.servers import Servers  # noqa: PLC0415 — while the functions start

        servers = stack.enter_context(Servers(self.layout, settings, self._options, ports))
        # A second time, so that the functions end before the servers that they call.
        stack.callback(supervisor.stop)
        supervisor.wait_ready(self._options.ready_seconds)
        for relay in servers.relays():
            relay.start()
            stack.callback(relay.stop)
        self.layout.describe(environment, ports)
        return _Running(settings, environment, ports, servers, supervisor)

    def _take_ports(self, stack: ExitStack) -> dict[str, int]:
        addresses = Addresses(self._options.ports, self.layout.remembered_ports())
        stack.callback(addresses.close)
        for name in (*_SERVER_PORTS, *(entry_point.name for entry_point in ENTRY_POINTS)):
            addresses.take(name)
        return addresses.ports

    def _settings(self, ports: Mapping[str, int]) -> Settings:
        deployment.write_catalog(self.layout.catalog_file)
        return deployment.local_settings(
            self._options,
            self.layout,
            vertex_address=f"{HOST}:{ports['vertex']}",
            vertex_rest_address=f"{HOST}:{ports['vertex-rest']}",
        )

    def _environment(self, settings: Settings, ports: Mapping[str, int]) -> dict[str, str]:
        return deployment.client_environment(
            settings,
            self.layout,
            storage_url=f"http://{HOST}:{ports['storage']}",
            pubsub_address=f"{HOST}:{ports['pubsub']}",
        )

    def _supervisor(
        self,
        folder: Path,
        settings: Settings,
        environment: Mapping[str, str],
        ports: Mapping[str, int],
    ) -> Supervisor:
        variables = deployment.function_environment(self._options, environment)
        secrets = deployment.secret_environment(settings)
        launches = (
            Launch(
                entry_point=entry_point,
                source=folder / entry_point.function / "main.py",
                port=ports[entry_point.name],
                environment=variables | (secrets if entry_point.function in NOTIFIERS else {}),
                log_path=self.layout.logs / f"{entry_point.name}.log",
            )
            for entry_point in ENTRY_POINTS
        )
        return Supervisor([FunctionProcess(launch) for launch in launches])
