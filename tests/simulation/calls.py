"""Every call of a port is a place where the world may go on without the caller, or end it.

A call takes its time; what goes wrong with it is drawn by the delivery's key and the call's number.
"""

from contextlib import contextmanager
from functools import partial

from simulation.scheduling import Crash
from tunedrop.errors import (
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    QuotaExhaustedError,
    UpstreamUnavailableError,
)

_CALL_TIMEOUT, _CREATE_TIMEOUT = 30, 60
_ANY = (("crash_before", 0, 0), ("freeze", 30, 1000), ("freeze", 300, 1000))
_READ = (*_ANY, ("fail", 0.1, 5), ("hang", 0, 0))
_EFFECT = (
    *_READ,
    ("crash_after", 0, 0),
    ("crash_after", 0, 0),
    ("lost", 0.1, 5),
    ("hang_after", 0, 0),
)
_GUARDED = (*_EFFECT, ("echo", 0, 0), ("echo", 0, 0))
_CREATE = (
    *_EFFECT,
    ("quota", 0, 0),
    ("quota", 0, 0),
    ("refuse", 0, 0),
    ("lost", 0.1, 5),
    ("freeze", 700, 1500),
)
_TELL = (("crash_before", 0, 0), ("crash_after", 0, 0), ("freeze", 30, 600))
_EFFECTS = {
    "store.write": _GUARDED,
    "store.copy": _GUARDED,
    "store.delete": _GUARDED,
    "store.upload": _EFFECT,
    "publisher.publish": _EFFECT,
    "pipelines.create": _CREATE,
    "tunings.create": _CREATE,
    "pipelines.cancel": _EFFECT,
    "tunings.cancel": _EFFECT,
    "models.annotate": _EFFECT,
    "models.move_alias": _EFFECT,
    "models.ensure_endpoint": _EFFECT,
    "predictor.ask": _EFFECT,
    "notices.tell": _TELL,
}
_LATE = 0.9
"""How far into its timeout a call that hangs may still take effect."""
_DANGER = 8
"""How much likelier a create call goes wrong than any other: it is the one that is not simply repeated."""
_SOME_READS = 3 << 40
"""Reads during which others go on are every fourth one, by these bits: cheaper, and all the same races are met."""
SIDE_EFFECTS = frozenset(_EFFECTS)
"""Calls after which something is different."""


class Caller:
    """One delivery's way to the outside; counts its calls."""

    def __init__(self, world, key, message):
        self.world, self.key, self.message = world, key, message
        self._bits = world.draws.bits(key)
        self.count = 0
        self.effects = 0

    def call(self, what, server, method, *args, **kwargs):
        """Let time pass, let go wrong what goes wrong, else answer."""
        self.count += 1
        world, key = self.world, f"{self.key}/{self.count}"
        bits = world.draws.further_bits(self._bits, self.count)
        menu = _EFFECTS.get(what, _READ)
        if menu is not _READ:
            self.effects += 1
            if menu is _GUARDED and kwargs.get("if_generation") is None:
                menu = _EFFECT
        fault = world.faults.at(key, bits, menu, danger=_DANGER if menu is _CREATE else 1)
        world.note(self, what, args, kwargs, fault)
        if fault is not None and fault.kind == "crash_before":
            raise Crash
        if menu is not _READ or not bits & _SOME_READS or fault is not None:
            world.scheduler.pause(0.002 + (bits & 0xFFF) / 0xFFF * 0.3)
        if world.denials:
            self._expect_granted(what, args)
        if fault is not None:
            answer = partial(self._answer, what, server, method, args, kwargs)
            return self._faulty(what, fault, answer)
        return self._answer(what, server, method, args, kwargs)

    def _answer(self, what, server, method, args, kwargs):
        server.acting = self.key
        if what == "store.stream":
            return self._stream(method(*args, **kwargs))
        return method(*args, **kwargs)

    @contextmanager
    def _stream(self, opened):
        """Others may act between two chunks."""
        with opened as chunks:
            yield self._slowly(chunks)

    def _slowly(self, chunks):
        for chunk in chunks:
            self.world.scheduler.pause(0.01)
            yield chunk

    def _faulty(self, what, fault, answer):
        match fault.kind:
            case "crash_after":
                answer()
                raise Crash
            case "freeze":
                self.world.freeze(self, fault.seconds)
                with self.world.late(what):
                    return answer()
            case "lost":
                answer()
                self._wait(what, fault)
                raise UpstreamUnavailableError("no answer")
            case "hang_after":
                self.world.scheduler.pause(_timeout(what) * _LATE)
                answer()
                self.world.scheduler.pause(_timeout(what) * (1 - _LATE))
                raise UpstreamUnavailableError("no answer")
            case "echo":
                answer()
                error = NotFoundError if what == "store.delete" else PreconditionFailedError
                raise error("a repeat of what was already done")
            case "quota":
                raise QuotaExhaustedError("too many requests")
            case "refuse":
                raise InvalidRequestError("the service takes no such request")
        self._wait(what, fault)
        raise UpstreamUnavailableError("no answer")

    def _wait(self, what, fault):
        self.world.scheduler.pause(_timeout(what) if fault.kind == "hang" else fault.seconds)

    def _expect_granted(self, what, args):
        bucket = args[1] if what == "store.copy" else args[0] if what.startswith("store.") else what
        for failing, until, error in self.world.denials:
            if failing == bucket and self.world.scheduler.now < until:
                raise error("for a while")


def _timeout(what):
    return _CREATE_TIMEOUT if what.endswith(".create") else _CALL_TIMEOUT


class Port:
    """A service as one delivery sees it."""

    def __init__(self, caller, name, server):
        self._caller, self._name, self._server = caller, name, server

    def __getattr__(self, method):
        bound = partial(
            self._caller.call, f"{self._name}.{method}", self._server, getattr(self._server, method)
        )
        setattr(self, method, bound)
        return bound
