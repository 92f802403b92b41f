"""From the start of a function's process to its first answer of 200, ours and a naive one's.

Starts a local cloud for the servers behind the functions, ends its functions, and starts each anew by
itself. Knows processes and events; what a function does is its own business.
"""

import json
import secrets
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from google.auth.credentials import AnonymousCredentials

from tunedrop.adapters.gcs import GcsObjectStore
from tunedrop.bootstrap import SystemClock
from tunedrop.catalog import Catalog
from tunedrop.contracts import LaunchRequested
from tunedrop.handlers import slots
from tunedrop.local.addresses import Addresses
from tunedrop.local.cloud import LocalCloud
from tunedrop.local.deployment import Options, function_environment
from tunedrop.local.entry_points import ENTRY_POINTS, EntryPoint, source_folder
from tunedrop.local.processes import FunctionProcess, Launch
from tunedrop.ports import ObjectInfo
from tunedrop.services import Services
from tunedrop_bench.counting import Calls, CountingPublisher
from tunedrop_bench.part import Part, Settings
from tunedrop_bench.posting import Request, finalized, post, pushed
from tunedrop_bench.tables import Table

_NAIVE = EntryPoint("naive_function", "finalized", "on_finalized")
_VALIDATOR = next(each for each in ENTRY_POINTS if each.name == "validator-finalized")
_LAUNCHER = next(each for each in ENTRY_POINTS if each.name == "launcher-launches")
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.005
_FOLDER = "cold"
_NOTE = (
    "Seconds from the start of a functions-framework process to its first answer of 200, with bytecode and a warm "
    "file cache, against the local cloud's servers; the median of {rounds} rounds, the ratio paired by round. "
    "The naive function does less: no staging, no ledger, no job; the second answer shows what the work itself costs."
)
_WORK = {
    "naive": "a dataset of 20 rows downloaded, validated, recorded and published, all clients imported at the top",
    "validator": "a dataset of 20 rows checked, staged, recorded in the ledger, reported and published",
    "launcher": "a launch request answered by a created pipeline job, recorded, reported and published",
}
_OPTIONS = Options(vertex={"concurrency": 1_000, "seconds_per_job": 3_600.0}, tick_seconds=3_600.0)


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a process, in seconds."""

    first: float
    """From the start of the process to its first answer."""
    again: float
    """From a second request of the same kind to its answer."""


def run(settings: Settings) -> Part:
    """Measure the naive function, the validator and the launcher, interleaved; a first round is thrown away."""
    folder = settings.folder / "cloud"
    starts: dict[str, list[Start]] = {name: [] for name in _WORK}
    with LocalCloud(folder, _OPTIONS) as cloud, cloud.restarts_paused():
        bench = _Bench(cloud, folder)
        bench.prepare(settings.rounds + 1)
        for number in range(settings.rounds + 1):
            for name, found in starts.items():
                found.append(bench.start(name, number))
            settings.say(f"cold start, round {number} of {settings.rounds}")
        bench.verify()
    counted = {name: found[1:] for name, found in starts.items()}
    ratios = {name: _ratio(found, counted["naive"]) for name, found in counted.items()}
    rows = [
        (
            name,
            work,
            f"{median(start.first for start in counted[name]):.2f}",
            f"{ratios[name]:.2f}",
            f"{median(start.again for start in counted[name]):.2f}",
        )
        for name, work in _WORK.items()
    ]
    columns = ("function", "its request", "first answer, s", "of naive", "second answer, s")
    return Part(
        tables=[Table("Cold start", columns, rows, _NOTE.format(rounds=settings.rounds))],
        measured={name: {"": ratios[name]} for name in ("validator", "launcher")},
    )


def _ratio(found: list[Start], naive: list[Start]) -> float:
    return median(ours.first / theirs.first for ours, theirs in zip(found, naive, strict=True))


class _Bench:
    """A local cloud without functions, and requests that wait for one."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self._cloud = cloud
        self._folder = folder
        self._store = GcsObjectStore(
            project=cloud.settings.project,
            credentials=AnonymousCredentials(),
            endpoint=cloud.storage.url,
            timeout_seconds=_PATIENCE_SECONDS,
        )
        self._requests: dict[str, list[Request]] = {}

    def prepare(self, count: int) -> None:
        """Have datasets accepted while the validator runs, then drop others that nobody has looked at.

        Args:
            count: Of starts; each is sent two requests.
        """
        count *= 2
        self._cloud.kill("launcher")
        self._cloud.kill("status")
        self._drop("recipe.toml", b'base_model = "code-bison@002"\n')
        for number in range(count):
            self._drop(f"launched-{number}.jsonl", _dataset(f"launched {number}"))
        launches = [pushed(body) for body in self._launch_requests(count)]
        self._cloud.kill("validator")
        dropped = [
            self._drop(f"fresh-{number}.jsonl", _dataset(f"fresh {number}"))
            for number in range(count)
        ]
        events = [finalized(info) for info in dropped]
        self._requests = {"naive": events, "validator": events, "launcher": launches}

    def start(self, name: str, number: int) -> Start:
        """Start a process, send it its two requests, and end it."""
        requests = self._requests[name][2 * number : 2 * number + 2]
        addresses = Addresses({}, {})
        port = addresses.take(name)
        addresses.close()
        process = FunctionProcess(self._launch(name, port))
        begun = time.perf_counter()
        process.start()
        try:
            post(port, requests[0])
            answered = time.perf_counter()
            post(port, requests[1])
            return Start(answered - begun, time.perf_counter() - answered)
        finally:
            process.signal(signal.SIGKILL)
            process.end(deadline=0.0)
            self._free_slots()

    def _free_slots(self) -> None:
        """Make room for the next jobs, as the sweep does once a job has ended."""
        services = Services.assemble(
            settings=self._cloud.settings,
            catalog=Catalog({}),
            store=self._store,
            publisher=CountingPublisher(Calls()),
            clock=SystemClock(),
            nonces=lambda: secrets.token_hex(8),
        )
        for slot in slots.survey(services):
            if slot.taken:
                slots.free(services, slot)

    def verify(self) -> None:
        """See that the answers stood for the work that they are said to stand for.

        Raises:
            RuntimeError: A dataset was not accepted, or a run not launched.
        """
        expected = len(self._requests["launcher"])
        launched = sum(
            info.metadata.get("state") == "launched"
            for info in self._store.list(self._cloud.settings.ledger_bucket, prefix="runs/")
        )
        accepted = len(list(self._accepted()))
        if (accepted, launched) != (2 * expected, expected):
            msg = f"expected {2 * expected} accepted datasets and {expected} launched runs, found {accepted} and {launched}"
            raise RuntimeError(msg)

    def _launch(self, name: str, port: int) -> Launch:
        entry_point = {"naive": _NAIVE, "validator": _VALIDATOR, "launcher": _LAUNCHER}[name]
        sources = Path(__file__).parents[1] if name == "naive" else source_folder()
        environment = function_environment(_OPTIONS, self._cloud.environment)
        return Launch(
            entry_point=entry_point,
            source=sources / entry_point.function / "main.py",
            port=port,
            environment={
                **environment,
                "NAIVE_TOPIC": self._cloud.settings.topic("events"),
                "PYTHONDONTWRITEBYTECODE": "",  # a deployed function has its bytecode
            },
            log_path=self._folder / f"{name}.log",
        )

    def _drop(self, name: str, data: bytes) -> ObjectInfo:
        bucket = self._cloud.settings.intake_bucket
        return self._store.write(bucket, f"{_FOLDER}/{name}", data, if_generation=None)

    def _launch_requests(self, count: int) -> list[bytes]:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while len(verdicts := list(self._accepted())) < count:
            if time.monotonic() > deadline:
                msg = f"expected {count} accepted datasets, found {len(verdicts)}"
                raise TimeoutError(msg)
            time.sleep(_POLL_SECONDS)
        return verdicts

    def _accepted(self) -> Iterator[bytes]:
        bucket = self._cloud.settings.ledger_bucket
        for info in self._store.list(bucket, prefix="verdicts/"):
            record = json.loads(self._store.read(bucket, info.name, max_bytes=info.size_bytes))
            if record["outcome"] != "accepted":
                continue
            request = LaunchRequested(drop_id=record["drop_id"], run_id=record["run_id"])
            yield request.model_dump_json().encode()


def _dataset(words: str) -> bytes:
    rows = [
        {"input_text": f"question {number} of {words}", "output_text": f"answer {number}"}
        for number in range(20)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()
