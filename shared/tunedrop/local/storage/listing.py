"""Object listings: one page of names, prefixes and the token that goes on from there.

Knows the objects table and the order of names; knows no request.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tunedrop.local.storage.database import Transaction
from tunedrop.local.storage.errors import invalid
from tunedrop.local.storage.preconditions import parse_int64
from tunedrop.local.storage.resources import Resource

MAX_RESULTS = 1000
_BATCH = 500
_AFTER_EVERY_NAME = "\U0010ffff"
_AFTER_EVERY_GENERATION = (1 << 63) - 1

Position = tuple[str, int]
"""A name and a generation; a page goes on strictly behind it."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What to list."""

    prefix: str = ""
    delimiter: str = ""
    include_trailing_delimiter: bool = False
    glob: "re.Pattern[str] | None" = None
    start_offset: str = ""
    end_offset: str = ""
    states: tuple[str, ...] = ("live",)
    max_results: int = MAX_RESULTS
    after: Position | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Listing":
        """Read the parameters of `objects.list`.

        Raises:
            ApiError: 400, naming the parameter.
        """
        states: tuple[str, ...] = ("live",)
        if _flag(query, "versions"):
            states = ("live", "noncurrent")
        if _flag(query, "softDeleted"):
            states = ("soft_deleted",)
        max_results = parse_int64("maxResults", query.get("maxResults") or str(MAX_RESULTS))
        if max_results < 1:
            raise invalid(f"maxResults: expected at least 1, found {max_results}")
        return cls(
            prefix=query.get("prefix", ""),
            delimiter=query.get("delimiter", ""),
            include_trailing_delimiter=_flag(query, "includeTrailingDelimiter"),
            glob=compile_glob(query["matchGlob"]) if query.get("matchGlob") else None,
            start_offset=query.get("startOffset", ""),
            end_offset=query.get("endOffset", ""),
            states=states,
            max_results=min(max_results, MAX_RESULTS),
            after=_position(query["pageToken"]) if query.get("pageToken") else None,
        )

    def cut(self, name: str) -> str | None:
        """Return the prefix that *name* is rolled up into, if it is."""
        if not self.delimiter:
            return None
        at = name.find(self.delimiter, len(self.prefix))
        return name[: at + len(self.delimiter)] if at >= 0 else None


@dataclass(frozen=True)
class Page:
    """One page; a token when there is more."""

    items: list[Resource]
    prefixes: list[str]
    next_page_token: str | None


def list_objects(transaction: Transaction, bucket: str, listing: Listing) -> Page:
    """Return one page in the order of the names' UTF-8 bytes."""
    items: list[Resource] = []
    prefixes: list[str] = []
    position = listing.after
    names = _Names(transaction, bucket, listing)
    for name, generation, resource in names:
        if listing.glob and not listing.glob.fullmatch(name):
            continue
        prefix = listing.cut(name)
        listed = prefix is None or (listing.include_trailing_delimiter and name == prefix)
        fresh = prefix is not None and prefix not in prefixes[-1:]
        if (listed or fresh) and len(items) + len(prefixes) >= listing.max_results:
            return Page(items, prefixes, _token(position))
        if prefix is not None and fresh:
            prefixes.append(prefix)
        if listed:
            items.append(json.loads(resource))
            position = (name, generation)
        else:
            position = (f"{prefix}{_AFTER_EVERY_NAME}", _AFTER_EVERY_GENERATION)
            names.skip_to(position)
    return Page(items, prefixes, None)


class _Names:
    """Rows behind a position that can be moved on, so that a rolled-up folder costs one row."""

    def __init__(self, transaction: Transaction, bucket: str, listing: Listing) -> None:
        self._transaction = transaction
        self._bucket = bucket
        self._listing = listing
        first = max(listing.prefix, listing.start_offset)
        self._after = max(listing.after or ("", -1), (first, -1))

    def skip_to(self, position: Position) -> None:
        """Go on strictly behind *position*."""
        self._after = position

    def __iter__(self) -> Iterator[tuple[str, int, str]]:
        while rows := self._batch():
            for name, generation, resource in rows:
                if not name.startswith(self._listing.prefix):
                    return
                if self._listing.end_offset and name >= self._listing.end_offset:
                    return
                self._after = here = (name, generation)
                yield name, generation, resource
                if self._after != here:
                    break

    def _batch(self) -> list[Any]:
        marks = ", ".join("?" * len(self._listing.states))
        return self._transaction.execute(
            "SELECT name, generation, resource FROM objects"  # noqa: S608 — only question marks are put in
            f" WHERE bucket = ? AND (name, generation) > (?, ?) AND state IN ({marks})"
            f" ORDER BY name, generation LIMIT {_BATCH}",
            (self._bucket, *self._after, *self._listing.states),
        ).fetchall()


def _flag(query: Mapping[str, str], name: str) -> bool:
    # The Python client writes `True`, gcloud writes `true`.
    return query.get(name, "").lower() == "true"


def _token(position: Position | None) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def _position(token: str) -> Position:
    try:
        name, generation = json.loads(base64.urlsafe_b64decode(token))
        return str(name), int(generation)
    except (ValueError, TypeError):
        raise invalid("pageToken: expected a token from an earlier page") from None


_GLOB_PARTS = re.compile(r"\*\*|\*|\?|\[[!^]?\]?[^\]]*\]|\{|\}|,|\\.|.", re.DOTALL)
_GLOB_WORDS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


def compile_glob(glob: str) -> "re.Pattern[str]":
    """Translate a `matchGlob`: `*` and `?` stop at slashes, `**` does not; `[…]`, `{a,b}`.

    Raises:
        ApiError: 400, when the pattern is not well formed.
    """
    parts: list[str] = []
    depth = 0
    for word in _GLOB_PARTS.findall(glob):
        if word in _GLOB_WORDS:
            parts.append(_GLOB_WORDS[word])
        elif len(word) > 1 and word[0] == "[":
            negated = word[1] in "!^"
            body = re.sub(r"([^\w-])", r"\\\1", word[2 if negated else 1 : -1])
            parts.append(f"[{'^/' if negated else ''}{body}]")
        elif word == "{":
            depth += 1
            parts.append("(?:")
        elif word == "}" and depth:
            depth -= 1
            parts.append(")")
        elif word == "," and depth:
            parts.append("|")
        else:
            parts.append(re.escape(word[-1]))
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:
        raise invalid(f"matchGlob: the pattern {glob[:80]!r} is not well formed") from None
