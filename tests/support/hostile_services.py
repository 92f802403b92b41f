"""Services that answer as no service should, on loopback: a page after the other, errors, silence, other people's HTML."""

import threading
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import grpc
from google.cloud import aiplatform_v1 as vertex

from support.vertex import PROJECT
from tunedrop.adapters.vertex_clients import VertexClients
from tunedrop.adapters.vertex_pipelines import PipelineJobs
from tunedrop.adapters.vertex_tuning import TuningJobs

LISTS = {
    "pipeline": (
        "google.cloud.aiplatform.v1.PipelineService",
        "ListPipelineJobs",
        vertex.ListPipelineJobsRequest,
        vertex.ListPipelineJobsResponse,
        "pipeline_jobs",
    ),
    "tuning": (
        "google.cloud.aiplatform.v1.GenAiTuningService",
        "ListTuningJobs",
        vertex.ListTuningJobsRequest,
        vertex.ListTuningJobsResponse,
        "tuning_jobs",
    ),
}
GIVES_UP_AFTER = 400
"""Pages after which even an endless list ends, so that a client without a bound fails a test instead of hanging it."""


def jobs_over(address, backend, *, timeout=5):
    """The real adapter of a backend, over a service at an address."""
    clients = VertexClients(credentials=None, timeout_seconds=timeout, emulator_host=address)
    kind = PipelineJobs if backend == "pipeline" else TuningJobs
    return kind(clients=clients, project=PROJECT, create_timeout_seconds=timeout)


@contextmanager
def listing_vertex(backend, page):
    """Yield the address of a service that lists jobs, and the tokens that it was asked for.

    *page* gives a token's page: its jobs, and the token of the next one.
    """
    service, method, request, response, jobs = LISTS[backend]
    tokens = []

    def listed(asked, _context):
        tokens.append(asked.page_token)
        found, following = page(asked.page_token)
        following = following if len(tokens) < GIVES_UP_AFTER else ""
        return response.pb(response(**{jobs: found, "next_page_token": following}))

    handler = grpc.unary_unary_rpc_method_handler(
        listed,
        request_deserializer=request.pb(request()).FromString,
        response_serializer=lambda answer: answer.SerializeToString(),
    )
    server = grpc.server(futures.ThreadPoolExecutor(2), options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service, {method: handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", tokens
    finally:
        server.stop(None).wait()


@dataclass
class Scripted:
    """A web server that gives the answers of its script, then the last one for ever."""

    script: list
    """Pairs of a status and headers, or `HANG` or `RESET`; the body is always `body`."""
    body: bytes = b"{}"
    asked: list = field(default_factory=list)
    """Method and path of each request."""
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""


HANG, RESET = "hang", "reset"
HTML = b"<!doctype html><html><title>Sign in</title></html>"


@contextmanager
def scripted_server(*script, body=b"{}"):
    """Yield a started `Scripted` server; whoever still hangs is let go at the end."""
    state = Scripted(list(script), body)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.asked.append((self.command, self.path))
            step = state.script.pop(0) if len(state.script) > 1 else state.script[0]
            if step == HANG:
                state.released.wait()
            if step in (HANG, RESET):
                self.close_connection = True
                self.connection.close()
                return
            status, headers = step
            self.send_response(status)
            for name, value in {"Content-Length": str(len(state.body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(state.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # clients hang up on it all the time
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def no_rest(monkeypatch):
    """Let the vendor's retries rest in no time at all, on a clock that the rests move; the rests in seconds."""
    rests = []
    clock = SimpleNamespace(sleep=rests.append, monotonic=lambda: sum(rests))
    for module in ("retry_base", "retry_unary"):
        monkeypatch.setattr(f"google.api_core.retry.{module}.time", clock)
    return rests
