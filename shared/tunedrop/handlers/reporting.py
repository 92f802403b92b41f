"""What goes wrong with one of many: it is reported, and the others have their turn."""

from collections.abc import Iterator
from contextlib import contextmanager

from tunedrop import logs
from tunedrop.domain.redaction import redacted
from tunedrop.errors import FencedError, OutOfTimeError, RetryableError, TunedropError


@contextmanager
def reported(where: str = "") -> Iterator[None]:
    """Go on after what is done inside, whatever comes of it; *where* begins the report."""
    try:
        yield
    except (FencedError, OutOfTimeError):
        return
    except TunedropError as error:
        logs.warning(f"{where}{error.code}: {redacted(str(error))}", code=error.code)
    except Exception as error:  # noqa: BLE001 — a fault of ours in one place must not starve the others
        logs.bug(error)


@contextmanager
def reported_unless_retryable(where: str) -> Iterator[None]:
    """Go on after what fails however often it is tried; *where* begins the report.

    Raises:
        RetryableError: A service failed; the same may succeed later.
    """
    try:
        yield
    except RetryableError:
        raise
    except Exception:
        with reported(where):
            raise
