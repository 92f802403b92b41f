"""The forms that texts of a recipe must have: names, resource names, file names, template parameters.

Kept from knowing which field has which form.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

ADAPTER_SIZES = (1, 2, 4, 8, 16, 32)
_PARENT = r"projects/[a-z0-9:.\-]{1,63}/locations/[a-z0-9-]{1,40}"
_ID = r"[A-Za-z0-9_-]{1,63}"
_FILE = r"(?!\.{1,2}(/|$))[^/\\\x00-\x1f\x7f:]{1,200}"
_BIGGEST_JSON_NUMBER = 2**53  # the service reads numbers as doubles; infinities and NaN fail it too


def _form(pattern: str, words: str) -> AfterValidator:
    """Return a check that the whole of a text matches, which says in words what is expected."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise PydanticCustomError("form", "{words}", {"words": words})
        return text

    return AfterValidator(check)


def _known_size(size: int) -> int:
    # Not a Literal of numbers: pydantic takes `true` for the choice 1.
    if size not in ADAPTER_SIZES:
        raise PydanticCustomError("size", "one of 1, 2, 4, 8, 16 and 32")
    return size


def _template_parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    if not all(_is_json(value) for value in parameters.values()):
        raise PydanticCustomError("json", "texts, booleans, finite numbers, arrays and tables")
    if not any("{dataset_uri}" in text for text in texts_in(parameters)):
        raise PydanticCustomError("no_dataset", "a text that holds '{dataset_uri}'")
    return parameters


def _error(severity: str) -> str:
    if severity != "error":
        raise PydanticCustomError("milder", "'error': nothing with this fault can be tuned on")
    return severity


FindingSeverity = Literal["error", "warning", "note", "off"]
OnlyError = Annotated[FindingSeverity, AfterValidator(_error)]
AdapterSize = Annotated[int, AfterValidator(_known_size)]
TemplateParameters = Annotated[dict[str, Any], AfterValidator(_template_parameters)]
CatalogName = Annotated[
    str,
    _form(r"[a-z0-9][a-z0-9._-]{0,62}(@[a-z0-9-]{1,20})?", "a name such as gemini-3.5-flash"),
]
RegionName = Annotated[
    str, _form(r"[a-z]{2,20}(-[a-z]{2,20}){1,2}[0-9]{1,2}", "a region such as us-central1")
]
DisplayName = Annotated[
    str, _form(r"[^\x00-\x1f\x7f]{1,64}", "1 to 64 characters, no control characters")
]
ServiceAccount = Annotated[
    str,
    _form(
        r"[a-z0-9][a-z0-9.-]{0,99}@[a-z0-9.-]{1,99}\.gserviceaccount\.com",
        "the e-mail address of a service account",
    ),
]
TensorboardName = Annotated[
    str,
    _form(rf"{_PARENT}/tensorboards/[0-9]{{1,32}}", "projects/P/locations/L/tensorboards/ID"),
]
KeyName = Annotated[
    str,
    _form(
        rf"{_PARENT}/keyRings/{_ID}/cryptoKeys/{_ID}",
        "projects/P/locations/L/keyRings/R/cryptoKeys/K",
    ),
]
TunedModelName = Annotated[
    str,
    _form(
        rf"{_PARENT}/models/{_ID}(@[a-z0-9-]{{1,63}})?", "projects/P/locations/L/models/ID@VERSION"
    ),
]
TemplateUri = Annotated[
    str,
    _form(
        r"https://[a-z0-9-]{1,63}\.pkg\.dev/[A-Za-z0-9._/-]{1,300}",
        "https://REGION-kfp.pkg.dev/PROJECT/REPOSITORY/TEMPLATE/VERSION",
    ),
]
FileName = Annotated[
    str,
    _form(
        rf"({_FILE}/){{0,8}}{_FILE}(?<=\.jsonl)",
        "a .jsonl name in the recipe's folder or below it",
    ),
]


def texts_in(value: Any) -> list[str]:  # noqa: ANN401 — any JSON value
    """Return every text inside a value, keys left out."""
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in items for text in texts_in(item)]


def _is_json(value: object) -> bool:
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, (int, float)):
        return abs(value) <= _BIGGEST_JSON_NUMBER
    if isinstance(value, dict):
        return all(isinstance(k, str) and _is_json(k) and _is_json(v) for k, v in value.items())
    return isinstance(value, list) and all(_is_json(item) for item in value)
