"""What comes of a predict call's answer, whatever shape the service gives it."""

import pytest
from google.cloud import aiplatform_v1
from google.protobuf import json_format, struct_pb2

from tunedrop.adapters.vertex_prediction import VertexPredictor
from tunedrop.errors import InvalidRequestError

TARGET = "projects/test-project/locations/us-central1/endpoints/1"


class Clients:
    """The one client that is asked for; it answers with these predictions."""

    def __init__(self, predictions):
        self._predictions = predictions

    def get(self, kind, location):
        return self

    def repeatable(self):
        return {}

    def predict(self, **_):
        response = aiplatform_v1.PredictResponse()
        for each in self._predictions:
            value = json_format.ParseDict(each, struct_pb2.Value())
            aiplatform_v1.PredictResponse.pb(response).predictions.append(value)
        return response


def ask(*predictions):
    predictor = VertexPredictor(clients=Clients(predictions))
    return predictor.ask(TARGET, {"prefix": "x"}, dataset_format="code-generation")


@pytest.mark.parametrize(
    "prediction",
    ["high", {"content": "high"}, {"candidates": [{"content": "high"}]}, {"candidates": ["high"]}],
)
def test_a_text_is_found_where_the_service_puts_it(prediction):
    assert "high" == ask(prediction, "low")


@pytest.mark.parametrize(
    "prediction",
    [
        None,
        1,
        [1, 2],
        "",
        {},
        {"content": None},
        {"content": ["high"]},
        {"candidates": "abc"},
        {"candidates": [None]},
        {"candidates": {"a": 1}},
        {"candidates": [{"content": None}]},
        {"candidates": [{"content": {"a": 1}}]},
    ],
)
def test_an_answer_without_a_text_is_a_refusal_and_not_the_text_none(prediction):
    with pytest.raises(InvalidRequestError, match="expected a"):
        ask(prediction)


def test_no_prediction_is_no_text():
    with pytest.raises(InvalidRequestError, match="got none"):
        ask()
