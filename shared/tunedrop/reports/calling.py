"""How a tuned model is called: with curl, with Python and each of Google's SDKs, and with tunedrop itself.

Writes text for people to copy; calls nothing.
"""

import json
import shlex

from tunedrop.config import Settings
from tunedrop.domain.formats import Format
from tunedrop.domain.hosts import host_of
from tunedrop.errors import UsageError
from tunedrop.reports.called_model import Target, body_of, target_of

QUESTION = "Your question"
REST, GENAI, VERTEXAI = "rest", "google-genai", "vertexai"
"""What `snippet` writes calls for."""


def ways_to_call(
    settings: Settings,
    *,
    run_id: str,
    endpoint: str,
    project: str,
    dataset_format: str,
    context: str | None,
) -> list[dict[str, str]]:
    """Three ways to ask the tuned model a question, each with a title and a text to copy.

    *context* is what it was tuned under; `tunedrop` finds that by itself.

    Raises:
        ValueError: The endpoint's name holds no location.
    """
    target = target_of(settings, endpoint, project, dataset_format, context)
    ask = shlex.join(["tunedrop", "ask", run_id, QUESTION])
    python = _genai(target) if target.is_gemini else _predict(target)
    return [
        {"title": "With tunedrop", "language": "shell", "text": ask},
        {"title": "With curl", "language": "shell", "text": _curl(target)},
        {"title": "With Python", "language": "python", "text": python},
    ]


def snippet(
    settings: Settings,
    language: str,
    *,
    endpoint: str,
    tuned_model: str,
    dataset_format: str,
    context: str | None,
) -> str:
    """Code that asks the tuned model a question, in a language, under the context that it was tuned under.

    Raises:
        UsageError: The language's client knows no models of this kind.
        ValueError: The endpoint's name holds no location.
    """
    target = target_of(settings, endpoint, settings.project, dataset_format, context)
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


def _curl(target: Target) -> str:
    verb = "generateContent" if target.is_gemini else "predict"
    # Google's documentation writes this header so; it has to stand in double quotes for the shell.
    token = "" if target.emulator else '"Authorization: Bearer $(gcloud auth print-access-token)"'
    question = body_of(target, QUESTION)
    body = json.dumps(
        question if target.is_gemini else {"instances": [question]}, ensure_ascii=False
    )
    lines = [
        "curl -sS -X POST",
        *([f"-H {token}"] if token else []),
        '-H "Content-Type: application/json"',
        f"-d {shlex.quote(body)}",
        shlex.quote(f"{target.root}/v1/{target.endpoint}:{verb}"),
    ]
    return " \\\n  ".join(lines)


def _predict(target: Target) -> str:
    """`aiplatform_v1` rather than `vertexai`, whose classes look up base models that are gone."""
    path = (
        '["candidates"][0]["content"]'
        if target.dataset_format is Format.CODE_CHAT
        else '["content"]'
    )
    return "\n".join(
        [
            "# pip install google-cloud-aiplatform",
            *_grpc_client(target),
            "answer = client.predict(",
            f"    endpoint={target.endpoint!r},",
            f"    instances=[{body_of(target, QUESTION)!r}],",
            ")",
            f"print(answer.predictions[0]{path})",
        ]
    )


def _grpc_client(target: Target) -> list[str]:
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


def _genai(target: Target) -> str:
    under = {"system_instruction": target.context}
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
            *([f"    config={under!r},"] if target.context else []),
            ")",
            "print(answer.text)",
        ]
    )


def _vertexai(target: Target, tuned_model: str) -> str:
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


def _vertexai_call(target: Target, tuned_model: str) -> list[str]:
    if target.is_gemini:
        under = f", system_instruction={target.context!r}" if target.context else ""
        return [
            "from vertexai.generative_models import GenerativeModel",
            f"model = GenerativeModel({target.endpoint!r}{under})",
            f"print(model.generate_content({QUESTION!r}).text)",
        ]
    is_chat = target.dataset_format is Format.CODE_CHAT
    name = "CodeChatModel" if is_chat else "CodeGenerationModel"
    under = f"context={target.context!r}" if target.context else ""
    answer = (
        f"model.start_chat({under}).send_message({QUESTION!r})"
        if is_chat
        else f"model.predict(prefix={QUESTION!r})"
    )
    return [
        f"from vertexai.language_models import {name}",
        "# Looks the base model up as well, and fails where Google serves it no longer; REST does not.",
        f"model = {name}.get_tuned_model({tuned_model!r})",
        f"print({answer}.text)",
    ]
