"""Generation and metageneration preconditions of every kind of request.

Knows resources only as dicts with `generation`, `metageneration` and `etag`; knows no store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

from tunedrop.local.storage.errors import invalid, not_modified, precondition_failed

_XML_HEADERS = {
    "GenerationMatch": "x-goog-if-generation-match",
    "GenerationNotMatch": "x-goog-if-generation-not-match",
    "MetagenerationMatch": "x-goog-if-metageneration-match",
    "MetagenerationNotMatch": "x-goog-if-metageneration-not-match",
}


def parse_int64(field: str, value: str) -> int:
    """Read a number that the API carries as a string.

    Raises:
        ApiError: 400, when it is not a decimal number.
    """
    try:
        return int(value)
    except ValueError:
        raise invalid(f"{field}: expected an integer, found {value[:80]!r}") from None


@dataclass(frozen=True, kw_only=True)
class Preconditions:
    """What must hold of an object, or of a bucket, for a request to be carried out."""

    generation_match: int | None = None
    """0 means: no live object has this name."""
    generation_not_match: int | None = None
    metageneration_match: int | None = None
    metageneration_not_match: int | None = None
    etag_match: str | None = None
    etag_not_match: str | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str], prefix: str = "if") -> "Preconditions":
        """Read `ifGenerationMatch` and its kin; *prefix* `ifSource` reads a copy's source.

        Raises:
            ApiError: 400, when one is not a number.
        """

        def number(name: str) -> int | None:
            field = prefix + name
            return parse_int64(field, query[field]) if query.get(field) else None

        return cls(
            generation_match=number("GenerationMatch"),
            generation_not_match=number("GenerationNotMatch"),
            metageneration_match=number("MetagenerationMatch"),
            metageneration_not_match=number("MetagenerationNotMatch"),
        )

    @classmethod
    def from_request(
        cls, query: Mapping[str, str], headers: Message, *, reading: bool = False
    ) -> "Preconditions":
        """Read query parameters, the XML API's headers and, for a read, the ETag headers.

        Raises:
            ApiError: 400, when one is not a number.
        """
        merged = {f"if{name}": headers.get(field, "") for name, field in _XML_HEADERS.items()}
        parsed = cls.from_query(merged | dict(query))
        if not reading:
            return parsed
        return cls(
            **vars(parsed)
            | {
                "etag_match": headers.get("If-Match"),
                "etag_not_match": headers.get("If-None-Match"),
            }
        )

    def check(self, current: Mapping[str, Any] | None, *, reading: bool = False) -> None:
        """Hold these preconditions against *current*, `None` when there is no such object.

        Raises:
            ApiError: 412, or 304 when a not-match precondition stops a read.
        """
        generation = int(current["generation"]) if current else 0
        metageneration = int(current["metageneration"]) if current else None
        etag = current["etag"] if current else None
        if (
            self.generation_match not in (None, generation)
            or self.metageneration_match not in (None, metageneration)
            or self.etag_match not in (None, "*", etag, f'"{etag}"')
        ):
            raise precondition_failed()
        if (
            self.generation_not_match == generation
            or (metageneration is not None and self.metageneration_not_match == metageneration)
            or (self.etag_not_match is not None and self.etag_not_match in (etag, f'"{etag}"'))
        ):
            raise not_modified() if reading else precondition_failed()


UNCONDITIONAL = Preconditions()
