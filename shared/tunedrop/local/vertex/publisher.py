"""Publisher models: the pages that the SDK asks for before it tunes or calls a bison model.

Enough for the source page's SDK snippets; the real pages are gone.
"""

from google.cloud import aiplatform_v1

from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.errors import missing
from tunedrop.local.vertex.wire import Pb

PREDICT_FORMATS = {
    "code-bison": "code",
    "text-bison": "code",
    "codechat-bison": "chat",
    "chat-bison": "chat",
}
"""Families that answer Predict, with the format of their rows."""

_SCHEMAS = {
    "code-bison": "code_generation_1.0.0",
    "text-bison": "text_generation_1.0.0",
    "codechat-bison": "codechat_generation_1.0.0",
    "chat-bison": "chat_generation_1.0.0",
}
_PREFIX = "publishers/google/models/"


def get(core: Core, request: Pb) -> Pb:
    """Return the page of a base model."""
    model_id, _, version = request.name.removeprefix(_PREFIX).partition("@")
    family = model_id.removesuffix("-32k")
    known = family in _SCHEMAS or model_id in core.settings.base_models
    if not request.name.startswith(_PREFIX) or not known:
        raise missing(request.name)
    at_version = f"@{version}" if version else ""
    answer = aiplatform_v1.PublisherModel.pb()(
        name=_PREFIX + model_id,
        version_id=version or "001",
        publisher_model_template=(
            f"projects/{{user-project}}/locations/{{location}}/{_PREFIX}{model_id}{at_version}"
        ),
    )
    if family in _SCHEMAS:
        answer.predict_schemata.instance_schema_uri = (
            f"gs://google-cloud-aiplatform/schema/predict/instance/{_SCHEMAS[family]}.yaml"
        )
    return answer
