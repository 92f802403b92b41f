"""A Vertex AI stand-in in a thread, with a still clock, and the unmodified clients against it."""

import json
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import grpc
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import aiplatform_v1

from tunedrop.local.vertex import Clock, InjectedObjects, Settings, VertexServer

PROJECT = "local-dev"
PARENT = f"projects/{PROJECT}/locations/us-central1"
GALLERY = "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines"
CODE_TEMPLATE = f"{GALLERY}/tune-large-model/v3.0.0"
CHAT_TEMPLATE = f"{GALLERY}/tune-large-chat-model/v3.0.0"
KEY = f"{PARENT}/keyRings/ring/cryptoKeys/key"
START = 1_800_000_000.0
JOB_SECONDS = 100.0


def code_rows(count=12):
    """Make code-generation rows: row i asks for `task i` and answers `answer i`."""
    return [{"input_text": f"write task {i}", "output_text": f"answer {i}"} for i in range(count)]


def chat_rows(count=12):
    """Make chat rows of two exchanges each."""
    return [
        {
            "messages": [
                {"author": "user", "content": f"open topic {i}"},
                {"author": "assistant", "content": f"first {i}"},
                {"author": "user", "content": "go on"},
                {"author": "assistant", "content": f"second {i}"},
            ]
        }
        for i in range(count)
    ]


def gemini_row(prompt, answer, instruction=None):
    """Make one Gemini row."""
    row = {
        "contents": [
            {"role": "user", "parts": [{"text": prompt}]},
            {"role": "model", "parts": [{"text": answer}]},
        ]
    }
    return row | ({"systemInstruction": {"parts": [{"text": instruction}]}} if instruction else {})


def gemini_rows(count=12):
    """Make Gemini rows: row i asks for `write task i`."""
    return [gemini_row(f"write task {i}", f"answer {i}") for i in range(count)]


def lines_of(rows):
    """Write rows as JSON lines."""
    return [json.dumps(row).encode() for row in rows]


def code_job(*, without=(), labels=None, **parameters):
    """Build a pipeline job that is accepted as it stands, then changed by *parameters*."""
    values = {
        "project": PROJECT,
        "location": "us-central1",
        "model_display_name": "tuned-code",
        "large_model_reference": "code-bison@002",
        "dataset_uri": "gs://work/code.jsonl",
        "train_steps": 100,
    } | parameters
    return {
        "display_name": "tune code",
        "labels": labels or {"run": "r1"},
        "template_uri": CODE_TEMPLATE,
        "runtime_config": {
            "gcs_output_directory": "gs://work/out",
            "parameter_values": {k: v for k, v in values.items() if k not in without},
        },
    }


def chat_job(**parameters):
    """Build a chat pipeline job that is accepted as it stands."""
    job = code_job(
        **{"large_model_reference": "codechat-bison@002", "dataset_uri": "gs://work/chat.jsonl"}
        | parameters
    )
    return job | {"template_uri": CHAT_TEMPLATE}


def tuning_job(base_model="gemini-3.5-flash", *, hyper_parameters=None, **fields):
    """Build a tuning job that is accepted as it stands."""
    return {
        "base_model": base_model,
        "tuned_model_display_name": "tuned-gemini",
        "labels": {"run": "r1"},
        "supervised_tuning_spec": {
            "training_dataset_uri": "gs://work/gemini.jsonl",
            "hyper_parameters": hyper_parameters or {"epoch_count": 2},
        },
    } | fields


@dataclass
class Clients:
    """The vendor's clients over one transport."""

    make: object

    @cached_property
    def pipelines(self):
        """Pipeline jobs."""
        return self.make(aiplatform_v1.PipelineServiceClient)

    @cached_property
    def tuning(self):
        """Tuning jobs."""
        return self.make(aiplatform_v1.GenAiTuningServiceClient)

    @cached_property
    def models(self):
        """The registry."""
        return self.make(aiplatform_v1.ModelServiceClient)

    @cached_property
    def endpoints(self):
        """Endpoints."""
        return self.make(aiplatform_v1.EndpointServiceClient)

    @cached_property
    def prediction(self):
        """Predictions."""
        return self.make(aiplatform_v1.PredictionServiceClient)

    def create_pipeline_job(self, job, job_id=None, parent=PARENT):
        """Create a pipeline job."""
        return self.pipelines.create_pipeline_job(
            parent=parent, pipeline_job=job, pipeline_job_id=job_id, timeout=30
        )

    def create_tuning_job(self, job, parent=PARENT):
        """Create a tuning job."""
        return self.tuning.create_tuning_job(parent=parent, tuning_job=job, timeout=30)

    def predict(self, endpoint, instance):
        """Return the prediction for one instance, as plain JSON."""
        answer = self.prediction.predict(endpoint=endpoint, instances=[instance], timeout=30)
        return json.loads(type(answer).to_json(answer))["predictions"][0]

    def ask(self, model, prompt, instruction=None):
        """Return what a Gemini endpoint or base model says."""
        answer = self.prediction.generate_content(
            request={
                "model": model,
                "contents": [{"role": "user", "parts": [{"text": prompt}]}],
                "system_instruction": {"parts": [{"text": instruction}]} if instruction else None,
            },
            timeout=30,
        )
        return answer.candidates[0].content.parts[0].text


@dataclass
class VertexWorld:
    """A started stand-in, its files and clients of both faces."""

    server: VertexServer
    files: dict
    grpc: Clients
    rest: Clients

    @property
    def rest_url(self):
        """Where the REST face is."""
        return f"http://127.0.0.1:{self.server.rest_port}"

    def skip(self, seconds=JOB_SECONDS + 1):
        """Move the clock, by default to after the end of a job."""
        self.server.clock.skip(seconds)

    def run_pipeline(self, job=None, job_id="job-1"):
        """Create a pipeline job, let it end and return it with its details."""
        name = self.grpc.create_pipeline_job(job or code_job(), job_id).name
        self.skip()
        return self.grpc.pipelines.get_pipeline_job(name=name, timeout=30)

    def run_tuning(self, job=None, parent=PARENT):
        """Create a tuning job, let it end and return it."""
        name = self.grpc.create_tuning_job(job or tuning_job(), parent).name
        self.skip()
        return self.grpc.tuning.get_tuning_job(name=name, timeout=30)


def grpc_clients(channel):
    """Return clients over an insecure channel."""
    return Clients(lambda cls: cls(transport=cls.get_transport_class("grpc")(channel=channel)))


def rest_clients(url):
    """Return clients over plain HTTP."""
    options = ClientOptions(api_endpoint=url)
    credentials = AnonymousCredentials()
    return Clients(
        lambda cls: cls(transport="rest", credentials=credentials, client_options=options)
    )


def training_files():
    """Return one good file of each format, by address."""
    return {
        "gs://work/code.jsonl": lines_of(code_rows()),
        "gs://work/eval.jsonl": lines_of(code_rows(10)),
        "gs://work/chat.jsonl": lines_of(chat_rows()),
        "gs://work/gemini.jsonl": lines_of(gemini_rows()),
    }


@contextmanager
def running_vertex(directory, *, on_job_event=None, clock=None, **settings):
    """Yield a started world whose clock stands still until it is skipped."""
    files = training_files()

    def read_lines(uri):
        if uri not in files:
            raise FileNotFoundError(uri)
        return files[uri]

    chosen = {"seconds_per_job": JOB_SECONDS, "operation_seconds": 0.0} | settings
    with (
        VertexServer(
            Settings(directory, **chosen),
            objects=InjectedObjects(read_lines),
            clock=clock or Clock(START),
            on_job_event=on_job_event,
        ) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel,
    ):
        rest = rest_clients(f"http://127.0.0.1:{server.rest_port}")
        yield VertexWorld(server, files, grpc_clients(channel), rest)
