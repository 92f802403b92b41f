"""Lists: filters and pages, newest first.

Knows which fields may be filtered on for each kind; never guesses at an unknown filter.
"""

import base64
import re
from collections.abc import Callable, Iterable

from tunedrop.local.vertex import names, wire
from tunedrop.local.vertex.core import Core
from tunedrop.local.vertex.errors import invalid
from tunedrop.local.vertex.wire import Pb

_TERM = re.compile(
    r"""\s*(?P<field>[a-z_]+)(?:\.(?P<key>"[^"]*"|[^\s=!:<>"]+))?\s*
    (?P<operator>!=|>=|<=|=|:|<|>)\s*(?P<value>"[^"]*"|[^\s"()]+)\s*(?:(?:AND\b|$))""",
    re.VERBOSE,
)
_DEFAULT_PAGE, _LARGEST_PAGE = 100, 1000
_STATE_FIELDS = frozenset({"state", "display_name", "labels", "create_time", "update_time"})
FIELDS = {
    "pipelineJobs": _STATE_FIELDS | {"template_uri", "pipeline_name", "end_time"},
    "tuningJobs": _STATE_FIELDS | {"base_model", "tuned_model_display_name", "end_time"},
    "models": frozenset({"model", "display_name", "labels", "base_model_name"}),
    "endpoints": frozenset({"endpoint", "display_name", "labels"}),
    "experiments": frozenset({"display_name", "labels"}),
    "runs": frozenset({"display_name", "labels"}),
    "timeSeries": frozenset({"display_name"}),
}
"""Fields that a filter may name, by collection."""

Test = Callable[[Pb], bool]


def parse(filter_text: str, collection: str) -> Test:
    """Turn a filter into a test; terms are joined by AND.

    Raises:
        ApiError: INVALID_ARGUMENT for anything outside the documented grammar and fields.
    """
    tests: list[Test] = []
    position = 0
    while position < len(filter_text.rstrip()):
        match = _TERM.match(filter_text, position)
        if not match:
            raise invalid(f"Invalid filter for {collection}: cannot parse {filter_text!r}.")
        tests.append(_test(collection, **match.groupdict()))
        position = match.end()
    return lambda message: all(test(message) for test in tests)


def _test(collection: str, *, field: str, key: str | None, operator: str, value: str) -> Test:
    value = value.strip('"')
    if field not in FIELDS[collection] or (key is None) == (field == "labels"):
        raise invalid(f"Invalid filter for {collection}: unsupported field {field!r}.")
    if field == "labels":
        return _label_test(str(key).strip('"'), operator, value)
    if field.endswith("_time"):
        return _time_test(field, operator, value)
    if operator == ":" and value.endswith("*"):
        return lambda message: _field(message, field).startswith(value[:-1])
    if operator not in {"=", "!="}:
        raise invalid(f"Invalid filter: operator {operator!r} does not suit {field!r}.")
    return lambda message: (_field(message, field) == value) == (operator == "=")


def _label_test(key: str, operator: str, value: str) -> Test:
    if operator == ":" and value == "*":
        return lambda message: key in message.labels
    if operator not in {"=", "!="}:
        raise invalid(f"Invalid filter: operator {operator!r} does not suit a label.")
    return lambda message: (message.labels.get(key) == value) == (operator == "=")


def _time_test(field: str, operator: str, value: str) -> Test:
    limit = wire.parse_rfc3339(value)
    if limit is None or operator in {":", "!="}:
        raise invalid(f"Invalid filter: {field} compares with an RFC 3339 instant.")

    def test(message: Pb) -> bool:
        at = wire.instant(getattr(message, field))
        return (
            (operator in {"=", ">=", "<="} and at == limit)
            or (operator in {">", ">="} and at > limit)
            or (operator in {"<", "<="} and at < limit)
        )

    return test


def _field(message: Pb, field: str) -> str:
    if field == "state":
        return wire.enum_name(message, "state")
    if field in {"model", "endpoint", "pipeline_name"}:
        return str(message.name.partition("@")[0].rpartition("/")[2])
    if field == "base_model_name":
        return str(message.base_model_source.model_garden_source.public_model_name)
    if field == "display_name" and hasattr(message, "tuned_model_display_name"):
        return str(message.tuned_model_display_name)
    return str(getattr(message, field))


def page(
    rows: Callable[[int], Iterable[tuple[int, Pb]]], size: int, token: str, test: Test
) -> tuple[list[Pb], str]:
    """Cut one page.

    Args:
        rows: Given a number, yields numbered messages below it, from the highest down.
        size: What the caller asked for; 0 takes the default.
        token: What the page before ended with.
        test: The filter.

    Returns:
        The messages, and the token of the next page or an empty one.
    """
    if size < 0:
        raise invalid("page_size must not be negative.")
    size = min(size or _DEFAULT_PAGE, _LARGEST_PAGE)
    found: list[Pb] = []
    last = 0
    for seq, message in rows(_below(token)):
        if not test(message):
            continue
        if len(found) == size:
            return found, base64.urlsafe_b64encode(f"below:{last}".encode()).decode()
        found.append(message)
        last = seq
    return found, ""


def _below(token: str) -> int:
    if not token:
        return 2**62
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        if word == "below":
            return int(number)
    except ValueError:
        pass
    raise invalid("The page_token is invalid.")


def list_resources(
    core: Core, collection: str, message_type: Pb, request: Pb, keep: Test | None = None
) -> tuple[list[Pb], str]:
    """Answer a standard list request over one parent.

    Returns:
        A page of messages and the next page's token.
    """
    names.parse_parent(request.parent)
    test = parse(request.filter, collection)
    until = core.clock.now() - core.settings.list_lag_seconds

    def rows(before_seq: int) -> Iterable[tuple[int, Pb]]:
        found = core.rows(collection, request.parent, before_seq=before_seq, created_until=until)
        for seq, body in found:
            message = message_type.FromString(body)
            if keep is None or keep(message):
                yield seq, message

    return page(rows, request.page_size, request.page_token, test)
