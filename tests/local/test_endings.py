"""Every ending of a job over the wire: recorded shapes as the service sends them, and the stand-in's own, whole."""

import itertools
from concurrent import futures

import grpc
import pytest
from google.cloud import aiplatform_v1 as vertex
from google.protobuf import json_format

from support.hostile_services import jobs_over
from support.launching import code, drop, gemini_rows, launch, rows
from support.vertex import JOB_SECONDS, running_vertex
from support.world import World
from tunedrop.adapters.vertex_clients import VertexClients
from tunedrop.adapters.vertex_models import VertexModels
from tunedrop.adapters.vertex_pipelines import PipelineJobs
from tunedrop.adapters.vertex_prediction import VertexPredictor
from tunedrop.adapters.vertex_tuning import TuningJobs
from tunedrop.ai_ports import RowNote
from tunedrop.domain.job_errors import places_of
from tunedrop.domain.job_states import JobState
from tunedrop.domain.runs import RunState
from tunedrop.local.vertex import Rule
from tunedrop.services import Vertex

PLACE = "projects/7/locations/us-central1"
DAG = "The DAG failed because some tasks failed. The failed tasks are: [{}]."
WRAPPER = DAG.format("tuning-graph")
METRIC = "aiplatform.googleapis.com/custom_model_training_nvidia_a100_80gb_gpus"
EXHAUSTED = f"The following quota metrics exceed quota limits: {METRIC}"
LEAF = (
    "com.google.cloud.ai.platform.common.errors.AiPlatformException: code=RESOURCE_EXHAUSTED, "
    f"message={EXHAUSTED}, cause=null; Failed to create custom job. Error: Task name: "
    "large-language-model-tuner, Task state: DRIVER_SUCCEEDED"
)
NUMBERS = itertools.count(1)
BAD_ROW = 'Dataset example {} of {} is bad. JSON: {{"input_text": "private words"}}'


def task(number, parent, name, state="SUCCEEDED", *, said=None, history=()):
    """A task's detail; *said* is its error as (code, message), *history* the errors of its tries."""
    return {
        "taskId": str(number),
        "parentTaskId": str(parent),
        "taskName": name,
        "state": state,
        "execution": {"schemaTitle": "system.ContainerExecution"},
        "pipelineTaskStatus": [
            {"state": state, "error": {"code": number, "message": message}}
            for state, number, message in history
        ],
        **({"error": {"code": said[0], "message": said[1]}} if said else {}),
    }


def pipeline(*tasks, said=(9, WRAPPER)):
    return {
        "name": f"{PLACE}/pipelineJobs/j",
        "state": "PIPELINE_STATE_FAILED",
        "createTime": "2026-11-20T10:00:00.123456Z",
        "endTime": "2026-11-20T12:00:00Z",
        "error": {"code": said[0], "message": said[1]},
        "jobDetail": {"taskDetails": list(tasks)},
    }


ABOVE = (
    task(1, 0, "j", "FAILED", said=(9, WRAPPER)),
    task(2, 1, "tuning-graph", "FAILED", said=(9, DAG.format("large-language-model-tuner"))),
)
RETRIED = [("RUNNING", 14, "a system error, tried again")]
FAILED_PIPELINES = {
    "the deepest task, out of its wrapping": (
        pipeline(
            *ABOVE,
            task(3, 2, "dataset-encoder", history=RETRIED),
            task(4, 2, "large-language-model-tuner", "FAILED", said=(9, LEAF)),
            task(5, 1, "deployment-graph", "NOT_TRIGGERED"),
        ),
        ("large-language-model-tuner", 8, EXHAUSTED),
    ),
    "past what was cancelled, skipped and never begun": (
        pipeline(
            *ABOVE,
            task(3, 2, "export-managed-dataset", "SKIPPED"),
            task(4, 2, "tensorboard-uploader", "CANCELLED", said=(1, "cancelled for its sake")),
            task(5, 4, "deeper-still", "NOT_TRIGGERED", said=(1, "never begun")),
            task(6, 2, "dataset-encoder", "FAILED", said=(3, "First author must be the user")),
        ),
        ("dataset-encoder", 3, "First author must be the user"),
    ),
    "an error that only its history keeps": (
        pipeline(*ABOVE, task(3, 2, "tuner", "FAILED", history=[*RETRIED, ("FAILED", 13, "boom")])),
        ("tuner", 13, "boom"),
    ),
    "a leaf that says nothing": (
        pipeline(*ABOVE, task(3, 2, "tuner", "FAILED")),
        ("tuner", 9, WRAPPER),
    ),
    "a job without details": (pipeline(said=(3, "no such template")), ("", 3, "no such template")),
    "a circle": (
        pipeline(
            task(1, 2, "a", "FAILED", said=(3, "x")), task(2, 1, "b", "FAILED", said=(3, "y"))
        ),
        ("", 9, WRAPPER),
    ),
}
TUNING = {
    "name": f"{PLACE}/tuningJobs/1",
    "state": "JOB_STATE_SUCCEEDED",
    "createTime": "2026-11-20T10:00:00Z",
    "endTime": "2026-11-20T10:37:00Z",
    "experiment": f"{PLACE}/metadataStores/default/contexts/tuning-experiment-1",
    "tunedModel": {
        "model": "projects/7/locations/us/models/5@1",
        "endpoint": "projects/7/locations/us/endpoints/6",
    },
    "tuningDataStats": {
        "supervisedTuningDataStats": {
            "tuningDatasetExampleCount": "500",
            "totalBillableTokenCount": "255243",
            "tuningStepCount": "1250",
            "totalTruncatedExampleCount": "3",
            "truncatedExampleIndices": ["2", "120"],
            "droppedExampleReasons": ["too many tokens"],
        }
    },
}
BARE = {key: TUNING[key] for key in ("name", "createTime")}


KINDS = {
    "pipeline": ("PipelineService", "GetPipelineJob", vertex.PipelineJob),
    "tuning": ("GenAiTuningService", "GetTuningJob", vertex.TuningJob),
}


def answering(kind, sent):
    """A method that answers with the job that was put into *sent*."""
    return grpc.unary_unary_rpc_method_handler(
        lambda _request, _context: json_format.ParseDict(sent["payload"], kind.pb()()),
        request_deserializer=bytes,
        response_serializer=lambda answer: answer.SerializeToString(),
    )


@pytest.fixture(scope="module")
def recorded():
    """Ask the real adapters for a job of which the service sends a payload."""
    sent = {}
    server = grpc.server(futures.ThreadPoolExecutor(2), options=[("grpc.so_reuseport", 0)])
    for service, method, kind in KINDS.values():
        methods = {method: answering(kind, sent)}
        name = f"google.cloud.aiplatform.v1.{service}"
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    services = {backend: jobs_over(f"127.0.0.1:{port}", backend) for backend in KINDS}

    def ask(backend, payload):
        sent["payload"] = payload
        return services[backend].get(payload["name"])

    yield ask
    server.stop(None).wait()


@pytest.mark.parametrize(("payload", "expected"), FAILED_PIPELINES.values(), ids=FAILED_PIPELINES)
def test_a_failed_pipeline_says_what_its_deepest_failed_task_says(recorded, payload, expected):
    job = recorded("pipeline", payload)

    assert JobState.FAILED is job.state
    assert expected == (job.error.task, job.error.code, job.error.message)
    assert (7200 - 0.123456) == (job.ended_at - job.created_at).total_seconds()


def test_a_message_without_end_that_repeats_the_wrapping_is_read_in_no_time(recorded):
    text = "code=A, message=" * 60_000

    job = recorded("pipeline", pipeline(said=(9, text)))

    assert (9, text[:20_000]) == (job.error.code, job.error.message)


def test_a_tuning_job_says_which_rows_it_left_out_and_what_it_is_billed_by(recorded):
    job = recorded("tuning", TUNING)

    assert (RowNote(2, "too many tokens"), RowNote(120, "")) == job.row_notes
    assert (3, 255_243, 2220.0) == (
        job.dropped_rows,
        job.billable_tokens,
        (job.ended_at - job.created_at).total_seconds(),
    )
    assert TUNING["experiment"] == job.experiment


def test_a_tuning_job_under_way_has_neither_end_nor_error_nor_figures(recorded):
    job = recorded("tuning", {**BARE, "state": "JOB_STATE_RUNNING"})

    assert (None, None, None, (), "") == (
        job.ended_at,
        job.error,
        job.billable_tokens,
        job.row_notes,
        job.experiment,
    )


def test_what_the_details_of_an_error_find_fault_with_is_kept_apart(recorded):
    kind = "type.googleapis.com/google.rpc."
    details = [
        {
            "@type": f"{kind}BadRequest",
            "fieldViolations": [{"field": "spec.rows[0]", "description": 'bad: {"a": "private"}'}],
        },
        {
            "@type": f"{kind}QuotaFailure",
            "violations": [{"subject": METRIC, "description": "no more"}],
        },
        {
            "@type": f"{kind}ErrorInfo",
            "reason": "RATE_LIMIT_EXCEEDED",
            "metadata": {"quota_metric": METRIC, "consumer": "projects/7"},
        },
        {"@type": f"{kind}Help", "links": []},
    ]
    error = {"code": 8, "message": "no", "details": details}

    job = recorded("tuning", {**BARE, "state": "JOB_STATE_FAILED", "error": error})

    assert ("spec.rows[0]: bad: [cut]", f"{METRIC}: no more", f"quota_metric: {METRIC}") == (
        job.error.violations
    )


class Wired(World):
    """The real handlers over the real Vertex adapters, in a project of its own on the stand-in."""

    def __init__(self, stand_in, project):
        super().__init__(project=project)
        self.stand_in = stand_in
        clients = VertexClients(
            credentials=None,
            timeout_seconds=5,
            emulator_host=f"127.0.0.1:{stand_in.server.grpc_port}",
        )
        jobs = {"clients": clients, "project": project, "create_timeout_seconds": 5}
        self.vertex = Vertex.assemble(
            jobs={"pipeline_job": PipelineJobs(**jobs), "tuning_job": TuningJobs(**jobs)},
            models=VertexModels(clients=clients, project=project),
            predictor=VertexPredictor(clients=clients),
            curves=self.curves,
            clock=self.clock,
        )

    def launched(self, backend, rule, *, words="x", staged=True):
        """Have a dataset of twenty rows below two blank lines launched, its job to follow a rule."""
        data = rows(words) if backend == "pipeline" else gemini_rows(words)
        run_id = drop(self, words, data="\n\n" + data)
        if staged:
            for name in self.store.names("test-work", "staged/"):
                staged = self.store.read("test-work", name, max_bytes=10**6)
                self.stand_in.files[f"gs://test-work/{name}"] = staged.splitlines()
        self.stand_in.server.script(*([rule] if rule else []))
        launch(self, run_id)
        return run_id

    def over(self, run_id):
        """Let the job end, and look after it."""
        self.stand_in.skip()
        self.tick()
        return self.run(run_id)


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    with running_vertex(tmp_path_factory.mktemp("vertex")) as started:
        yield started


@pytest.fixture
def wired(stand_in):
    return Wired(stand_in, f"project-{next(NUMBERS)}")


UNKNOWN_STATE = Rule("end_in_state", state=77)
ENDINGS = {
    "pipeline": {
        "paused": (Rule("paused"), ("running", "job_paused")),
        "unknown": (UNKNOWN_STATE, ("running", "job_state_unknown")),
        "stuck": (Rule("stuck"), ("running", "")),
        "no model": (Rule("no_model"), ("failed", "no_tuned_model")),
        "cancelled": (Rule("cancelled"), ("cancelled", "job_cancelled")),
        "failed": (Rule("fail"), ("failed", "job_failed")),
    },
    "tuning": {
        "paused": (Rule("paused"), ("running", "job_paused")),
        "unknown": (UNKNOWN_STATE, ("running", "job_state_unknown")),
        "updating": (Rule("end_in_state", state=10), ("running", "")),
        "stuck": (Rule("stuck"), ("running", "")),
        "no model": (Rule("no_model"), ("failed", "no_tuned_model")),
        "cancelled": (Rule("cancelled"), ("cancelled", "job_cancelled")),
        "expired": (Rule("expired"), ("failed", "job_expired")),
        "failed": (Rule("fail"), ("failed", "job_failed")),
    },
}


@pytest.mark.parametrize(
    ("backend", "rule", "expected"),
    [
        pytest.param(backend, rule, expected, id=f"{backend} {name}")
        for backend, endings in ENDINGS.items()
        for name, (rule, expected) in endings.items()
    ],
)
def test_each_ending_of_a_job_is_its_runs(wired, backend, rule, expected):
    run_id = wired.launched(backend, rule)
    run = wired.over(run_id)
    wired.tick()

    assert expected == code(wired, run_id)
    assert len(run.transitions) == len(wired.run(run_id).transitions)


GOOD = {
    "pipeline": ("pipeline", None),
    "tuning": ("tuning", None),
    "partially succeeded": ("tuning", Rule("end_in_state", state=11)),
}


@pytest.mark.parametrize(("backend", "rule"), GOOD.values(), ids=GOOD)
def test_a_good_job_is_billed_registered_and_its_models_own(wired, backend, rule):
    run = wired.over(wired.launched(backend, rule))

    succeeded = run.newest(RunState.SUCCEEDED).detail
    assert run.newest(RunState.REGISTERED).detail["tuned_model"] == succeeded["tuned_model"]
    assert (False, backend == "tuning") == (
        succeeded["adopted"],
        bool(succeeded["billable_tokens"]),
    )


@pytest.mark.parametrize("backend", ["pipeline", "tuning"])
def test_a_failed_job_that_holds_a_model_is_adopted_and_gets_its_endpoint(wired, backend):
    run_id = wired.launched(backend, Rule("fail_with_model"))
    wired.over(run_id)
    for _ in range(4):
        wired.stand_in.skip(60)
        wired.tick()

    run = wired.run(run_id)
    assert (True, "") == tuple(
        run.newest(RunState.SUCCEEDED).detail[key] for key in ("adopted", "endpoint")
    )
    assert "/endpoints/tunedrop-" in run.newest(RunState.REGISTERED).detail["endpoint"]


def test_a_cached_pipeline_that_hands_back_an_old_model_is_refused(wired):
    first = wired.over(wired.launched("pipeline", None))
    second = wired.launched("pipeline", Rule("old_model"), words="y")
    wired.over(second)

    assert first.newest(RunState.REGISTERED)
    assert ("failed", "stale_model") == code(wired, second)


def test_a_job_that_was_deleted_ends_its_run(wired):
    run_id = wired.launched("pipeline", None)
    wired.stand_in.skip()
    wired.stand_in.server._core.store.remove(wired.run(run_id).launched.detail["job_name"])
    wired.tick()

    assert ("failed", "job_deleted") == code(wired, run_id)


@pytest.mark.parametrize("backend", ["pipeline", "tuning"])
def test_a_job_without_progress_past_its_deadline_is_cancelled(wired, backend):
    run_id = wired.launched(backend, Rule("stuck"))
    wired.stand_in.skip()
    wired.tick()
    wired.tick(seconds=wired.run(run_id).accepted["plan"]["deadline_seconds"] + 1)
    wired.stand_in.skip(JOB_SECONDS)

    run = wired.run(run_id)
    job = wired.vertex.jobs[run.accepted["plan"]["backend"]].get(run.launched.detail["job_name"])
    assert ("failed", "deadline_exceeded") == code(wired, run_id)
    assert JobState.CANCELLED is job.state


@pytest.mark.parametrize("backend", ["pipeline", "tuning"])
def test_a_row_that_the_service_refuses_is_the_users_own_line(wired, backend):
    message = BAD_ROW.format(18, 20)
    run = wired.over(
        wired.launched(backend, Rule("fail", code="INVALID_ARGUMENT", message=message))
    )

    detail = run.last.detail
    assert ("data", "example_refused", "Dataset example 18 of 20 is bad. JSON: [cut]") == tuple(
        detail[key] for key in ("class", "known", "message")
    )
    assert "line 20 of your dataset" == places_of(detail["lines"])


def test_a_quota_that_a_task_met_is_named_and_so_is_the_task(wired):
    rule = Rule("fail_task", code="RESOURCE_EXHAUSTED", message=EXHAUSTED)
    run = wired.over(wired.launched("pipeline", rule))

    assert ("quota", "quota_exceeded", METRIC, "large-language-model-tuner") == tuple(
        run.last.detail[key] for key in ("class", "known", "metric", "task")
    )


def test_rows_that_were_left_out_of_a_good_tuning_are_the_users_own_lines(wired):
    rule = Rule("drop_rows", truncated=(2, 5, 7), dropped=("too many tokens", "no image"))
    run = wired.over(wired.launched("tuning", rule))

    detail = run.newest(RunState.SUCCEEDED).detail
    assert [
        {"row": 2, "line": 4, "reason": "too many tokens"},
        {"row": 5, "line": 7, "reason": "no image"},
    ] == detail["row_notes"]
    assert 3 == detail["dropped_rows"]


def test_a_refused_create_call_names_the_field_at_fault(wired):
    run_id = wired.launched("tuning", None, words="unstaged", staged=False)

    detail = wired.run(run_id).last.detail
    assert ("failed", "launch_refused") == code(wired, run_id)
    assert ("data", "dataset_not_jsonl") == (detail["class"], detail["known"])
    (violation,) = detail["violations"]
    assert violation.startswith("tuning_job.supervised_tuning_spec.training_dataset_uri: ")
