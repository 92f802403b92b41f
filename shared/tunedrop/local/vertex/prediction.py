"""Predictions: the answers of tuned models and of base models, in each API's own shape.

Where an answer comes from is the business of `answers`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from google.cloud import aiplatform_v1

from tunedrop.local.vertex import answers, rows, tuned, wire
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.errors import ApiError, invalid, missing
from tunedrop.local.vertex.publisher import PREDICT_FORMATS
from tunedrop.local.vertex.tuned import Endpoint, Training
from tunedrop.local.vertex.wire import Pb

_SAFETY = {"blocked": False, "categories": [], "scores": []}
_CITATIONS: dict[str, Any] = {"citations": []}
_STOP = aiplatform_v1.Candidate.FinishReason.STOP


def predict(core: Core, request: Pb) -> Pb:
    """Answer instances of a tuned code or chat model, or of its base model."""
    training, deployed = _target(core, request.endpoint)
    shape = _SHAPES.get(training.row_format)
    if shape is None:
        raise ApiError("FAILED_PRECONDITION", "Gemini cannot be accessed through Predict.")
    if not request.instances:
        raise invalid("instances must not be empty.", ("instances", "required"))
    answer = aiplatform_v1.PredictResponse.pb()()
    for instance in request.instances:
        content = wire.plain(instance)
        context, prompt = _prompt_of(training.row_format, content)
        text = _say(core, training, context, prompt)
        answer.predictions.append(wire.to_value(shape(text)))
    if deployed is not None:
        answer.deployed_model_id = deployed.id
        answer.model, answer.model_version_id = deployed.model, deployed.model_version_id
        answer.model_display_name = deployed.display_name
    return answer


def generate_content(core: Core, request: Pb) -> Pb:
    """Answer contents with a tuned Gemini model's endpoint, or with a base model."""
    if "/models/" in request.model and "/publishers/" not in request.model:
        raise invalid(f"Expected an endpoint or a publisher model, found {request.model}.")
    training, _ = _target(core, request.model)
    if training.row_format != "gemini":
        raise ApiError("FAILED_PRECONDITION", "This model is accessed through Predict.")
    if not request.contents:
        raise invalid("contents must not be empty.", ("contents", "required"))
    asked = wire.to_json(request)
    turns = [
        (c.get("role", "user"), rows.parts_text(c.get("parts", []))) for c in asked["contents"]
    ]
    context = rows.parts_text(asked.get("systemInstruction", {}).get("parts", []))
    prompt = rows.conversation(turns)
    text = _say(core, training, context, prompt)
    answer = aiplatform_v1.GenerateContentResponse.pb()(model_version=training.base_model)
    candidate = answer.candidates.add(finish_reason=_STOP)
    candidate.content.role = "model"
    candidate.content.parts.add(text=text)
    wire.stamp(answer.create_time, core.clock.now())
    usage = answer.usage_metadata
    usage.prompt_token_count = (len(context) + len(prompt) + 3) // 4
    usage.candidates_token_count = (len(text) + 3) // 4
    usage.total_token_count = usage.prompt_token_count + usage.candidates_token_count
    return answer


def _target(core: Core, name: str) -> tuple[Training, Pb | None]:
    """Return what answers under an endpoint's or a publisher model's name."""
    if "/publishers/" in name:
        return _base_model(core, name.rpartition("/")[2]), None
    endpoint = core.load("endpoints", Endpoint, name)
    if not endpoint.deployed_models:
        raise ApiError("FAILED_PRECONDITION", f"The Endpoint {name} has no deployed model.")
    deployed = endpoint.deployed_models[-1]
    version = f"{deployed.model}@{deployed.model_version_id}"
    return tuned.recall(core, version) or Training("code", "an uploaded model", ""), deployed


def _base_model(core: Core, name: str) -> Training:
    if name in core.settings.base_models:
        return Training("gemini", name, "")
    family = name.partition("@")[0].removesuffix("-32k")
    if family not in PREDICT_FORMATS:
        raise missing(f"publishers/google/models/{name}")
    return Training(PREDICT_FORMATS[family], name, "")


def _say(core: Core, training: Training, context: str, prompt: str) -> str:
    path = training.path(core)
    if path is None:
        return answers.untuned(training.base_model, f"{context}\n{prompt}")
    return answers.memory_of(path).answer(context, prompt)


def _prompt_of(row_format: str, instance: object) -> tuple[str, str]:
    """Return context and prompt of an instance.

    Raises:
        ApiError: INVALID_ARGUMENT when it has another format's shape.
    """
    if isinstance(instance, dict):
        prefix, messages = instance.get("prefix"), instance.get("messages")
        if row_format == "code" and isinstance(prefix, str):
            return "", prefix + str(instance.get("suffix") or "")
        if row_format == "chat" and messages and isinstance(messages, list):
            turns = [(str(m.get("author")), str(m.get("content"))) for m in messages]
            return str(instance.get("context") or ""), rows.conversation(turns)
    wanted = '"prefix"' if row_format == "code" else '"messages"'
    raise invalid(f"Invalid instance: expected an object with {wanted}.", ("instances", "format"))


def _code_prediction(text: str) -> dict[str, Any]:
    return {
        "content": text,
        "score": -1.0,
        "citationMetadata": _CITATIONS,
        "safetyAttributes": _SAFETY,
    }


def _chat_prediction(text: str) -> dict[str, Any]:
    return {
        "candidates": [{"author": "1", "content": text}],
        "citationMetadata": [_CITATIONS],
        "safetyAttributes": [_SAFETY],
    }


_SHAPES: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "code": _code_prediction,
    "chat": _chat_prediction,
}
