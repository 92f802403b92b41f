"""Calls to served models: `predict` for the bison kinds, `generateContent` for Gemini.

Knows `PredictionServiceClient` and the answer's shapes; judges no answer.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from google.cloud import aiplatform_v1 as vertex
from google.protobuf import json_format, struct_pb2

from tunedrop.adapters.google_errors import translated
from tunedrop.adapters.vertex_clients import VertexClients
from tunedrop.domain.hosts import location_of
from tunedrop.errors import InvalidRequestError

GEMINI = "gemini"


class VertexPredictor:
    """`Predictor` over the prediction service."""

    def __init__(self, *, clients: VertexClients) -> None:
        self._clients = clients

    def ask(self, target: str, instance: Mapping[str, Any], *, dataset_format: str) -> str:
        """See `Predictor.ask`.

        Raises:
            InvalidRequestError: The service refused the call, or answered without any text.
        """
        client = self._clients.get(vertex.PredictionServiceClient, location_of(target))
        answer = (
            self._generate(client, target, instance)
            if dataset_format == GEMINI
            else self._predict(client, target, instance)
        )
        if not answer:
            msg = f"{target}: expected an answer with text, got none"
            raise InvalidRequestError(msg)
        return answer

    def _generate(
        self, client: vertex.PredictionServiceClient, target: str, instance: Mapping[str, Any]
    ) -> str:
        request = vertex.GenerateContentRequest()
        with _readable(target):
            json_format.ParseDict(
                {"model": target, **instance}, vertex.GenerateContentRequest.pb(request)
            )
        with translated(target):
            response = client.generate_content(request=request, **self._clients.repeatable())
        parts = response.candidates[0].content.parts if response.candidates else []
        return "".join(_text_of(part) for part in parts)

    def _predict(
        self, client: vertex.PredictionServiceClient, target: str, instance: Mapping[str, Any]
    ) -> str:
        value = struct_pb2.Value()
        with _readable(target):
            json_format.ParseDict(dict(instance), value)
        with translated(target):
            response = client.predict(
                endpoint=target, instances=[value], **self._clients.repeatable()
            )
        raw = json_format.MessageToDict(vertex.PredictResponse.pb(response))
        predictions = raw.get("predictions")
        return _content_of(target, predictions[0]) if predictions else ""


def _content_of(target: str, prediction: object) -> str:
    """The text of a prediction: itself, its `content`, or that of its first candidate.

    Raises:
        InvalidRequestError: It has another shape.
    """
    found = prediction
    if isinstance(found, dict) and found.get("candidates"):
        candidates = found["candidates"]
        found = candidates[0] if isinstance(candidates, list) else None
    if isinstance(found, dict):
        found = found.get("content", "")
    if not isinstance(found, str):
        msg = f"{target}: expected a prediction with a text as its content, found another shape"
        raise InvalidRequestError(msg)
    return found


def _text_of(part: vertex.Part) -> str:
    """A part's text; a function call is an answer as well, and shown as JSON."""
    call = vertex.Part.pb(part)
    if call.HasField("function_call"):
        return json_format.MessageToJson(call.function_call, indent=None)
    return str(part.text)


@contextmanager
def _readable(target: str) -> Iterator[None]:
    try:
        yield
    except json_format.ParseError:
        # Its text quotes the question.
        msg = (
            f"{target}: expected a question that the service's types can hold, found another shape"
        )
        raise InvalidRequestError(msg) from None
