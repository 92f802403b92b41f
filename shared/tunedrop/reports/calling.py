"""How a tuned model is called: with curl, with Python and each of Google's SDKs, and with tunedrop itself.

Writes text for people to copy; calls nothing.
"""

import json
import shlex
from typing import Any

from msgspec import Struct

from tunedrop.config import Settings
from tunedrop.domain.hosts import host_of, location_of
from tunedrop.errors import UsageError

QUESTION = "Your question"
REST, GENAI, VERTEXAI = "rest", "google-genai", "vertexai"
"""What `snippet` writes calls for."""
_GEMINI = "gemini"
_CODE_CHAT = "code-chat"


class _Target(Struct, frozen=True):
    """An endpoint and where its calls go."""

    endpoint: str
    location: str
    project: str
    dataset_format: str
    emulator: str
    """`host:port` of the local cloud's gRPC face; empty for Google's own."""
    emulator_rest: str

    @property
    def root(self) -> str:
        """Scheme and host of REST calls."""
        return (
            f"http://{self.emulator_rest}" if self.emulator else f"https://{host_of(self.location)}"
        )

    @property
    def is_gemini(self) -> bool:
        """Whether the model answers `generateContent` rather than `predict`."""
        return self.dataset_format == _GEMINI


def ways_to_call(
    settings: Settings, *, run_id: str, endpoint: str, project: str, dataset_format: str
) -> list[dict[str, str]]:
    """Three ways to ask the tuned model a question, each with a title and a text to copy.

    Raises:
        ValueError: The endpoint's name holds no location.
    """
    target = _target(settings, endpoint, project=project, dataset_format=dataset_format)
    ask = shlex.join(["tunedrop", "ask", run_id, QUESTION])
    python = _genai(target) if target.is_gemini else _predict(target)
    return [
        {"title": "With tunedrop", "language": "shell", "text": ask},
        {"title": "With curl", "language": "shell", "text": _curl(target)},
        {"title": "With Python", "language": "python", "text": python},
    ]


def snippet(
    settings: Settings, language: str, *, endpoint: str, tuned_model: str, dataset_format: str
) -> str:
    """Code that asks the tuned model a question, in a language.

    Raises:
        UsageError: The language's client knows no models of this kind.
        ValueError: The endpoint's name holds no location.
    """
    target = _target(settings, endpoint, project=settings.project, dataset_format=dataset_format)
    if language == REST:
        return _curl(target)
    if language == VERTEXAI:
        return _vertexai(target, tuned_model)
    if not target.is_gemini:
        raise UsageError(
            f"{endpoint}: expected a Gemini model, found one of the format {dataset_format}; google-genai"
            f" calls generateContent, which the code models before Gemini do not answer: use --lang {REST}"
        )
    return _genai(target)


def _target(settings: Settings, endpoint: str, *, project: str, dataset_format: str) -> _Target:
    return _Target(
        endpoint,
        location_of(endpoint),
        project,
        dataset_format,
        emulator=settings.vertex_emulator_host,
        emulator_rest=settings.vertex_emulator_rest_host,
    )


def request_body(dataset_format: str) -> dict[str, Any]:
    """The JSON body of a call, in the shape that the model was trained on."""
    if dataset_format == _GEMINI:
        return {"contents": [{"role": "user", "parts": [{"text": QUESTION}]}]}
    return {"instances": [_instance(dataset_format)]}


def _instance(dataset_format: str) -> dict[str, Any]:
    if dataset_format == _CODE_CHAT:
        return {"messages": [{"author": "user", "content": QUESTION}]}
    return {"prefix": QUESTION}


def _curl(target: _Target) -> str:
    verb = "generateContent" if target.is_gemini else "predict"
    # Google's documentation writes this header so; it has to stand in double quotes for the shell.
    token = "" if target.emulator else '"Authorization: Bearer $(gcloud auth print-access-token)"'
    body = json.dumps(request_body(target.dataset_format), ensure_ascii=False)
    lines = [
        "curl -sS -X POST",
        *([f"-H {token}"] if token else []),
        '-H "Content-Type: application/json"',
        f"-d {shlex.quote(body)}",
        shlex.quote(f"{target.root}/v1/{target.endpoint}:{verb}"),
    ]
    return " \\\n  ".join(lines)


def _predict(target: _Target) -> str:
    """`aiplatform_v1` rather than `vertexai`, whose classes look up base models that are gone."""
    path = '["candidates"][0]["content"]' if target.dataset_format == _CODE_CHAT else '["content"]'
    return "\n".join(
        [
            "# pip install google-cloud-aiplatform",
            *_grpc_client(target),
            "answer = client.predict(",
            f"    endpoint={target.endpoint!r},",
            f"    instances=[{_instance(target.dataset_format)!r}],",
            ")",
            f"print(answer.predictions[0]{path})",
        ]
    )


def _grpc_client(target: _Target) -> list[str]:
    if not target.emulator:
        return [
            "from google.cloud import aiplatform_v1",
            "",
            "client = aiplatform_v1.PredictionServiceClient(",
            f"    client_options={{'api_endpoint': {host_of(target.location)!r}}}",
            ")",
        ]
    return [
        "import grpc",
        "from google.cloud import aiplatform_v1",
        "",
        "service = aiplatform_v1.PredictionServiceClient",
        f"channel = grpc.insecure_channel({target.emulator!r})",
        "transport = service.get_transport_class('grpc')(channel=channel)",
        "client = service(transport=transport)",
    ]


def _genai(target: _Target) -> str:
    local = [
        f"    http_options={{'base_url': {target.root!r}, 'api_version': 'v1'}},",
        "    credentials=Credentials(token='local'),",
    ]
    return "\n".join(
        [
            "# pip install google-genai",
            "from google import genai",
            *(["from google.oauth2.credentials import Credentials"] if target.emulator else []),
            "",
            "client = genai.Client(",
            "    vertexai=True,",
            f"    project={target.project!r},",
            f"    location={target.location!r},",
            *(local if target.emulator else []),
            ")",
            "answer = client.models.generate_content(",
            f"    model={target.endpoint!r},",
            f"    contents={QUESTION!r},",
            ")",
            "print(answer.text)",
        ]
    )


def _vertexai(target: _Target, tuned_model: str) -> str:
    """The classic SDK; the date is the one that its own warning names (vertexai/_utils/warning_logs.py of 2.7)."""
    local = [
        f"    api_endpoint={target.root!r},",
        "    api_transport='rest',",
        "    credentials=AnonymousCredentials(),",
    ]
    imported, *ask = _vertexai_call(target, tuned_model)
    return "\n".join(
        [
            "# pip install google-cloud-aiplatform",
            "# Deprecated: Google announced that this part of the SDK goes on 2026-06-24.",
            "import vertexai",
            *(
                ["from google.auth.credentials import AnonymousCredentials"]
                if target.emulator
                else []
            ),
            imported,
            "",
            "vertexai.init(",
            f"    project={target.project!r},",
            f"    location={target.location!r},",
            *(local if target.emulator else []),
            ")",
            *ask,
        ]
    )


def _vertexai_call(target: _Target, tuned_model: str) -> list[str]:
    if target.is_gemini:
        return [
            "from vertexai.generative_models import GenerativeModel",
            f"model = GenerativeModel({target.endpoint!r})",
            f"print(model.generate_content({QUESTION!r}).text)",
        ]
    is_chat = target.dataset_format == _CODE_CHAT
    name = "CodeChatModel" if is_chat else "CodeGenerationModel"
    answer = (
        f"model.start_chat().send_message({QUESTION!r})"
        if is_chat
        else f"model.predict(prefix={QUESTION!r})"
    )
    return [
        f"from vertexai.language_models import {name}",
        "# Looks the base model up as well, and fails where Google serves it no longer; REST does not.",
        f"model = {name}.get_tuned_model({tuned_model!r})",
        f"print({answer}.text)",
    ]
