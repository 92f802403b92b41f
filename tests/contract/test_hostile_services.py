"""Family 52 of the hostile inputs: the real adapters, and services that answer as no service should."""

import json

import pytest
from google.auth.credentials import AnonymousCredentials

from support.hostile_deliveries import SECRET, Siege, code_rows
from support.hostile_services import (
    HANG,
    HTML,
    RESET,
    jobs_over,
    no_rest,
    scripted_server,
)
from support.memory import FixedClock
from support.storage import running_storage
from support.vertex import running_vertex
from tunedrop.adapters.gcs import GcsObjectStore
from tunedrop.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    CorruptRecordError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    QuotaExhaustedError,
    RetryableError,
    TunedropError,
    UpstreamUnavailableError,
)
from tunedrop.ledger import Ledger
from tunedrop.local.storage.faults import DropAfterApply
from tunedrop.local.vertex import Rule

REGION = "us-central1"
OURS = {"tunedrop-deployment": "tunedrop", "tunedrop-run": "bot-0123456789abcdef"}
both = pytest.mark.parametrize("backend", ["pipeline", "tuning"])


TOO_MANY = {"retry-after": (429, {"Retry-After": "1"}), "bare": (429, {})}
AFTER = {
    "a-month": (429, {"Retry-After": "2592000"}),
    "no-number": (429, {"Retry-After": "soon"}),
    "negative": (429, {"Retry-After": "-1"}),
}


def store_at(url, *, timeout=5):
    return GcsObjectStore(
        project="local-project",
        credentials=AnonymousCredentials(),
        endpoint=url,
        timeout_seconds=timeout,
    )


def streamed(store):
    with store.stream("b", "o", generation=1) as chunks:
        return b"".join(chunks)


CALLS = {
    "stat": lambda store: store.stat("b", "o"),
    "read": lambda store: store.read("b", "o", max_bytes=1000),
    "stream": streamed,
    "write": lambda store: store.write("b", "o", b"{}", if_generation=0),
    "upload": lambda store: store.upload("b", "o", [b"{}"]),
    "delete": lambda store: store.delete("b", "o", if_generation=1),
    "list": lambda store: list(store.list("b", prefix="")),
}
calls = pytest.mark.parametrize("call", CALLS)


@calls
@pytest.mark.parametrize(
    ("step", "error"),
    [
        ((400, {}), InvalidRequestError),
        ((401, {}), AccessDeniedError),
        ((403, {}), AccessDeniedError),
        ((404, {}), NotFoundError),
        *((step, RetryableError) for step in [*TOO_MANY.values(), *AFTER.values()]),
        ((500, {}), UpstreamUnavailableError),
        ((503, {}), UpstreamUnavailableError),
        ((504, {}), UpstreamUnavailableError),
        (RESET, UpstreamUnavailableError),
    ],
    ids=str,
)
def test_family_52_each_answer_of_the_store_has_one_meaning_and_an_end(
    call, step, error, monkeypatch
):
    rests = no_rest(monkeypatch)

    with scripted_server(step, body=HTML) as server, pytest.raises(error):
        CALLS[call](store_at(server.url))

    assert sum(rests) <= 200
    assert len(server.asked) <= 40


@pytest.mark.parametrize("call", ["write", "delete"])
@pytest.mark.parametrize(
    ("status", "error"), [(412, PreconditionFailedError), (409, AlreadyExistsError)]
)
def test_family_52_a_precondition_or_a_conflict_is_an_answer_and_asked_once(call, status, error):
    with scripted_server((status, {})) as server, pytest.raises(error):
        CALLS[call](store_at(server.url))

    assert 1 == len(server.asked)


@pytest.mark.parametrize("call", [call for call in CALLS if call not in {"stream", "upload"}])
@pytest.mark.parametrize("step", [*TOO_MANY.values(), (503, {}), RESET], ids=str)
def test_family_52_a_fault_that_passes_is_asked_again(call, step, monkeypatch):
    no_rest(monkeypatch)

    with scripted_server(step, (404, {})) as server, pytest.raises(TunedropError):
        CALLS[call](store_at(server.url))

    assert 2 == len(server.asked)


@pytest.mark.parametrize("call", [call for call in CALLS if call not in {"read", "delete"}])
def test_family_52_a_page_of_html_is_no_answer_of_the_store(call, monkeypatch):
    no_rest(monkeypatch)
    html = (200, {"Content-Type": "text/html"})

    with scripted_server(html, body=HTML) as server, pytest.raises(RetryableError):
        CALLS[call](store_at(server.url))


def test_family_52_a_page_of_html_is_no_record(monkeypatch):
    no_rest(monkeypatch)
    html = (200, {"Content-Type": "text/html"})

    with scripted_server(html, body=HTML) as server, pytest.raises(CorruptRecordError):
        ledger_at(server.url).read("verdicts/x.json")


@calls
def test_family_52_a_store_that_says_nothing_is_given_up(call, monkeypatch):
    no_rest(monkeypatch)

    with scripted_server(HANG) as server, pytest.raises(UpstreamUnavailableError):
        CALLS[call](store_at(server.url, timeout=0.05))


def ledger_at(url, nonces=lambda: "nonce"):
    return Ledger(store=store_at(url), bucket="ledger", clock=FixedClock(), nonces=nonces)


def test_family_52_a_record_whose_answer_was_lost_is_known_to_be_our_own(tmp_path, monkeypatch):
    """The client writes again by itself, and the second write meets the first."""
    no_rest(monkeypatch)
    with running_storage(tmp_path, buckets=["ledger"], create_only=["ledger"]) as server:
        server.faults.queue(DropAfterApply(lambda request: "POST" == request.method))
        written = ledger_at(server.url).create("runs/r/000001.json", {"kind": "transition"})
        other = ledger_at(server.url, lambda: "another").create("runs/r/000001.json", {"kind": "x"})

    assert (True, False) == (written.ours, other.ours)
    assert "transition" == other.record["kind"]


CODES = {
    "RESOURCE_EXHAUSTED": QuotaExhaustedError,
    "PERMISSION_DENIED": AccessDeniedError,
    "UNAUTHENTICATED": AccessDeniedError,
    "ALREADY_EXISTS": AlreadyExistsError,
    "NOT_FOUND": NotFoundError,
    "INVALID_ARGUMENT": InvalidRequestError,
    "FAILED_PRECONDITION": InvalidRequestError,
    "UNAVAILABLE": UpstreamUnavailableError,
    "ABORTED": UpstreamUnavailableError,
    "INTERNAL": UpstreamUnavailableError,
    "UNKNOWN": UpstreamUnavailableError,
    "DEADLINE_EXCEEDED": UpstreamUnavailableError,
    "CANCELLED": UpstreamUnavailableError,
    "DATA_LOSS": UpstreamUnavailableError,
}


def create(service, backend):
    body = {"labels": OURS, "displayName": "x"} if backend == "pipeline" else {"labels": OURS}
    return service.create(region=REGION, job_id="job-1", body=body)


@pytest.fixture(scope="module")
def vertex(tmp_path_factory):
    with running_vertex(tmp_path_factory.mktemp("vertex")) as world:
        yield world


@both
@pytest.mark.parametrize("code", CODES)
def test_family_52_each_error_of_a_create_has_one_meaning_and_is_met_once(vertex, backend, code):
    service = jobs_over(f"127.0.0.1:{vertex.server.grpc_port}", backend)
    vertex.server.script(Rule("refuse", code=code, message="no"))

    with pytest.raises(CODES[code]):
        create(service, backend)

    assert [] == service.find(region=REGION, labels=OURS)


@both
@pytest.mark.parametrize(
    ("step", "body"),
    [((200, {"Content-Type": "text/html"}), HTML), ((503, {}), HTML), (RESET, b""), (HANG, b"")],
    ids=["html", "503", "reset", "hang"],
)
def test_family_52_what_does_not_speak_the_services_protocol_leaves_a_create_unknown(
    backend, step, body
):
    with scripted_server(step, body=body) as server, pytest.raises(UpstreamUnavailableError):
        create(jobs_over(server.url.removeprefix("http://"), backend, timeout=0.5), backend)


FAULTS = [
    UpstreamUnavailableError("storage: 503"),
    QuotaExhaustedError("storage: 429"),
    AccessDeniedError("storage: 403"),
]


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: error.code)
@pytest.mark.parametrize("method", ["stat", "read", "stream", "write"])
def test_family_52_a_fault_of_the_store_asks_for_the_delivery_again_and_for_nothing_else(
    capfd, method, error
):
    siege = Siege(capfd)
    info = siege.store.put("test-intake", "x.jsonl", code_rows())
    whole = getattr(siege.store, method)

    def faulty(*_, **__):
        raise error

    setattr(siege.store, method, faulty)
    broken = siege.finalize(info)
    setattr(siege.store, method, whole)
    mended = siege.finalize(info)
    siege.world.deliver()

    assert (500, "again", error.code) == broken[:3]
    assert (200, "done", "accepted") == mended[:3]
    siege.assert_silent(jobs=1)


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        (QuotaExhaustedError("429"), "queued"),
        (AccessDeniedError("403"), "queued"),
        (UpstreamUnavailableError("503"), "launching"),
        ((UpstreamUnavailableError("reset after apply"), True), "launching"),
        (AlreadyExistsError("409"), "launching"),
        (InvalidRequestError(json.dumps({"input_text": SECRET})), "failed"),
    ],
    ids=str,
)
def test_family_52_whatever_becomes_of_a_create_there_is_one_job_at_most(capfd, refusal, state):
    siege = Siege(capfd)
    siege.world.drop("x.jsonl", code_rows())
    siege.world.pipelines.refusals = [refusal]
    (body,) = siege.world.publisher.bodies("launch-requested")

    answers = [siege.push("launches", body, messageId=f"l{n}").status for n in range(3)]

    (run_id,) = siege.world.runs()
    assert [200, 200, 200] == answers
    assert siege.world.run(run_id).state.value in {state, "launched"}
    assert len(siege.created()) <= 1
    siege.assert_silent(jobs=len(siege.created()))
