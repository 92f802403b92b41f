"""Which trace a delivery belongs to, so that everything about one drop can be found under one id.

Reads and writes trace ids; knows no log and no message, and believes nothing that does not fit the pattern.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from msgspec import Struct

ATTRIBUTE = "traceparent"
"""Message attribute, header and record field; the form is that of https://www.w3.org/TR/trace-context/ (level 1)."""

_PARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}", re.ASCII)
_CLOUD = re.compile(r"([0-9a-f]{32})(?:/([0-9]{1,20}))?(?:;o=[0-9]{1,3})?", re.ASCII)
_INT64 = 2**64


class Trace(Struct, frozen=True):
    """One story, and the step of it that is being told."""

    trace_id: str
    """32 hex digits, not all zero."""
    span_id: str
    """16 hex digits, not all zero."""

    @property
    def parent(self) -> str:
        """What goes into a message, so that whoever receives it goes on with the story."""
        return f"00-{self.trace_id}-{self.span_id}-01"

    def step(self, name: str) -> "Trace":
        """The same story at a step of its own; equal names are the same step."""
        return Trace(self.trace_id, _hex(f"{self.trace_id}/{name}")[:16])


_current: ContextVar[tuple[Trace | None] | None] = ContextVar("trace", default=None)
"""None outside of every `keeping`, so that nothing is ever left behind for whoever comes next."""


def current() -> Trace | None:
    """The trace of what is being done."""
    (trace,) = _current.get() or (None,)
    return trace


def go_on_with(trace: Trace | None) -> None:
    """Continue this trace, where there is one, until the surrounding `keeping` ends; nothing without one."""
    if trace is not None and _current.get() is not None:
        _current.set((trace,))


@contextmanager
def keeping() -> Iterator[None]:
    """Put the trace of before back at the end, whatever trace was gone on with inside."""
    token = _current.set((current(),))
    try:
        yield
    finally:
        _current.reset(token)


def read_parent(text: object) -> Trace | None:
    """Read a `traceparent`; None unless it has exactly the standard's form."""
    found = _PARENT.fullmatch(text) if isinstance(text, str) else None
    if found is None or text_is_zero(found[1]) or text_is_zero(found[2]):
        return None
    return Trace(found[1], found[2])


def read_cloud_context(text: object) -> Trace | None:
    """Read an `X-Cloud-Trace-Context`, `<32 hex>/<decimal span>;o=1`; None unless it has that form.

    The form is that of https://cloud.google.com/trace/docs/trace-context (read 2026-11-23).
    """
    found = _CLOUD.fullmatch(text) if isinstance(text, str) else None
    if found is None or text_is_zero(found[1]):
        return None
    span = int(found[2] or 0)
    return Trace(found[1], f"{span:016x}") if 0 < span < _INT64 else story_of(found[1], found[1])


def story_of(name: str, trace_id: str = "") -> Trace:
    """A trace for what brings none, made from its name: a repeat of the same delivery belongs to it too."""
    made = _hex(name)
    return Trace(trace_id or made[:32], made[32:48])


def text_is_zero(digits: str) -> bool:
    """Whether an id means none."""
    return not digits.strip("0")


def _hex(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
