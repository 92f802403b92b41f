"""Which kinds of Gemini part each base model of the catalog is tuned on: a clear yes or no, with its source."""

from typing import get_args

import pytest

from support.datasets import line, row
from tunedrop.catalog import load_catalog
from tunedrop.catalog_entries import PartKind
from tunedrop.domain.checks import Limits, explain
from tunedrop.domain.checks.shapes import SHAPES
from tunedrop.domain.findings import Code
from tunedrop.domain.formats import Format
from tunedrop.handlers.limits import evaluation_limits, training_limits

CATALOG = load_catalog()
GEMINI = Format.GEMINI
VALUES = {
    "text": {"text": "a"},
    "fileData": {"fileData": {"mimeType": "a/b", "fileUri": "gs://b/o"}},
    "inlineData": {"inlineData": {"mimeType": "a/b", "data": "YQ=="}},
    "functionCall": {"functionCall": {"name": "f", "args": {}}},
    "functionResponse": {"functionResponse": {"name": "f", "response": {}}},
}


def refused(base_model):
    """The kinds whose use in a line is an unsupported part, by the limits of a base model."""
    limits = training_limits(CATALOG.find(base_model))
    return {kind for kind in get_args(PartKind) if _is_refused(kind, limits)}


def _is_refused(kind, limits):
    value = row(GEMINI)
    if kind == "tools":
        value["tools"] = [{"functionDeclarations": [{"name": "f"}]}]
    else:
        value["contents"][0]["parts"].append(VALUES[kind])
    found = explain(line(value).rstrip(b"\n"), GEMINI, limits=limits)
    return Code.UNSUPPORTED_PART in {finding.code for finding in found}


@pytest.mark.parametrize(
    ("base_model", "expected"),
    [
        ("gemini-3.5-flash", {"inlineData"}),
        ("gemini-3.1-flash-lite", {"inlineData"}),
        ("gemini-2.5-flash", {"inlineData", "functionCall", "functionResponse"}),
        ("gemini-2.5-pro", {"inlineData", "functionCall", "functionResponse"}),
        ("code-bison@002", set(get_args(PartKind)) - {"text"}),
        ("codechat-bison@002", set(get_args(PartKind)) - {"text"}),
    ],
)
def test_a_base_model_takes_what_its_entry_says_and_nothing_else(base_model, expected):
    assert expected == refused(base_model)


@pytest.mark.parametrize("name", sorted(CATALOG.names()))
def test_every_entry_says_yes_or_no_to_every_kind_and_where_that_was_read(name):
    entry = CATALOG.find(name)

    assert entry.parts is not None
    assert set(get_args(PartKind)) == {*entry.parts.supported, *entry.parts.unsupported}
    assert "text" in entry.parts.supported
    assert entry.parts.unsupported == training_limits(entry).unsupported_parts
    assert entry.parts.unsupported == evaluation_limits(entry).unsupported_parts


def test_what_nobody_confirmed_is_marked_so():
    for name in ("gemini-3.5-flash", "gemini-2.5-flash"):
        assert "unconfirmed" in CATALOG.find(name).parts.source


def test_the_catalog_knows_the_kinds_that_the_check_knows():
    kinds = {
        kind
        for shape in _all_members(SHAPES[GEMINI], SHAPES[Format.OPENAI])
        for kind in shape.part_kinds.values()
    }

    assert set(get_args(PartKind)) == kinds


def _all_members(*shapes):
    for shape in shapes:
        shape = getattr(shape, "shape", shape)  # noqa: PLW2901 — past a Nullable
        if hasattr(shape, "fields"):
            yield shape
            yield from _all_members(*shape.fields.values())
        elif hasattr(shape, "item"):
            yield from _all_members(shape.item)


def test_without_a_base_model_every_kind_passes():
    assert not any(_is_refused(kind, Limits()) for kind in get_args(PartKind))
