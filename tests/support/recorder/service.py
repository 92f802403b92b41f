"""What an API is to the recorder: routes, the call that a handler gets, and errors as Google's servers shape them.

Knows HTTP as values; knows no socket and no particular API.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


@dataclass(frozen=True)
class Request:
    """One request as it arrived: `data` are its bytes; in `query`, what was said twice is joined by commas."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str] = field(repr=False)
    data: bytes = field(repr=False)
    answered: list[int] = field(default_factory=list)
    """The status that it was answered with."""

    @property
    def body(self):
        try:
            return json.loads(self.data)
        except ValueError:
            return None

    @property
    def line(self):
        """Such as `GET /pubsub/v1/projects/p/topics/t?alt=json`, without escapes."""
        query = "&".join(f"{key}={value}" for key, value in self.query.items())
        return unquote(f"{self.method} {self.path}{'?' if query else ''}{query}")


class ApiError(Exception):
    """Answered in place of a result."""

    def __init__(self, code, message, *, status="", details=()):
        super().__init__(message)
        self.code, self.message, self.details = code, message, list(details)
        self.status = status or STATUS.get(code, "UNKNOWN")

    def body(self):
        error = {"code": self.code, "message": self.message, "status": self.status}
        return {"error": error | ({"details": self.details} if self.details else {})}


@dataclass
class Call:
    """What a handler gets: the request, the values of its template, and the world to change."""

    service: str
    request: Request
    values: dict[str, str]
    world: Any

    def __getitem__(self, name):
        return self.values[name]

    @property
    def query(self):
        return self.request.query

    @property
    def body(self):
        return self.request.body or {}

    @property
    def things(self):
        """The API's resources by their names."""
        return self.world.state[self.service]

    def get(self, name, what="Resource"):
        if name not in self.things:
            raise ApiError(404, f"{what} not found: '{name}' (resource={name}).")
        return self.things[name]

    def create(self, name, thing, what="Resource"):
        if name in self.things:
            raise ApiError(409, f"{what} already exists: '{name}' (resource={name}).")
        self.things[name] = thing
        return thing

    def delete(self, name, what="Resource"):
        self.get(name, what)
        self.world.state["policies"].pop(f"{self.service}/{name}", None)
        return self.things.pop(name)

    def children(self, parent, collection):
        start = f"{parent}/{collection}/"
        return [thing for name, thing in self.things.items() if name.startswith(start)]


class Service:
    """One API: handlers by method and path template.

    Args:
        prefix: First segment of its paths here.
        api: Its full name, where it answers only to projects that enabled it.
        error_body: Turns an `ApiError` into the JSON that the API's clients expect.
    """

    def __init__(self, prefix, *, api="", error_body=ApiError.body):
        self.prefix, self.api, self.error_body = prefix, api, error_body
        self.routes = []

    def on(self, method, template):
        """Register a handler; `{name=projects/*/topics/*}` matches segments and names them."""
        pattern = re.compile(f"/{self.prefix}/{_pattern(template)}")

        def register(handler):
            self.routes.append((method, pattern, handler))
            return handler

        return register

    def find(self, request):
        """The handler of a request with the values of its template, or None."""
        for method, pattern, handler in self.routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                return handler, {key: unquote(value) for key, value in match.groupdict().items()}
        return None


def _pattern(template):
    parts = re.split(r"\{(\w+)(?:=([^}]*))?\}", template)
    text = re.escape(parts[0])
    for name, shape, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        inner = re.escape(shape or "*").replace(r"\*\*", ".+").replace(r"\*", "[^/:]+")
        text += f"(?P<{name}>{inner}){re.escape(rest)}"
    return text


MAPS = {"labels", "userLabels", "environmentVariables", "attributes", "annotations"}


def without_defaults(value, *, keep=()):
    """The JSON of a protocol buffer: zeros, false, empty texts and lists are left out, empty messages stay."""
    if isinstance(value, list):
        return [without_defaults(item, keep=keep) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: item if key in MAPS else without_defaults(item, keep=keep)
        for key, item in value.items()
        if key in keep or item not in (0, "", [])
    }


def merged(old, new, mask=None):
    """Old with what a PATCH names: the fields of a mask (dotted, camel or snake case), or all that were sent."""
    result = json.loads(json.dumps(old))
    for path in [_camel(p) for p in mask.split(",")] if mask else list(new):
        value, target, parts = new, result, path.split(".")
        for part in parts:
            value = value.get(part) if isinstance(value, dict) else None
        for part in parts[:-1]:
            target = target.setdefault(part, {})
        if value is None:
            target.pop(parts[-1], None)
        else:
            target[parts[-1]] = value
    return result


def _camel(path):
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), path)
