"""What a process builds once, at its first use: kept, put in place by a test, and dropped.

Knows nothing of what is built.
"""

import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")

_lock = threading.RLock()
_built: dict[str, Any] = {}


def once(build: Callable[[], T]) -> Callable[[], T]:
    """Build at the first use and not at import: the server forks its worker after importing us."""
    name = build.__name__

    @wraps(build)
    def built() -> T:
        with _lock:
            if name not in _built:
                with _without_collector():
                    _built[name] = build()
            there: T = _built[name]
            return there

    return built


def put(things: Mapping[Callable[[], Any], Any]) -> None:
    """Drop everything built, and keep *things* in place of what their builders would build."""
    with _lock:
        _built.clear()
        _built.update({build.__name__: thing for build, thing in things.items()})


@contextmanager
def _without_collector() -> Iterator[None]:
    """Import without the garbage collector, which would look through every module again and again.

    What is there at the end is left out of later collections too.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
