"""What a listing tells of a record: plain values as an object's metadata, and back.

Knows what metadata can hold, and how a list goes on after a record that cannot be read; nothing of what the values mean.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote, unquote

from tunedrop.errors import CorruptRecordError

_PRINTABLE = "".join(map(chr, range(ord(" "), 0x7F))).replace("%", "")
_MOST_BYTES = 7000
"""Cloud Storage keeps 8 KiB of metadata with an object, names and values (its quotas page, 2026-11)."""


def to_metadata(fields: Mapping[str, object]) -> dict[str, str]:
    """Values as metadata, percent-encoded where they are not plain ASCII; None is left out.

    Nothing at all of what is too long together: the reader then goes to the record.
    """
    told = {
        name: quote(str(value), safe=_PRINTABLE, errors="surrogatepass")
        for name, value in fields.items()
        if value is not None
    }
    size = sum(len(name) + len(value) for name, value in told.items())
    return told if size <= _MOST_BYTES else {}


def from_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """The values as texts."""
    return {name: unquote(value, errors="surrogatepass") for name, value in metadata.items()}


@contextmanager
def noting(broken: list[str] | None) -> Iterator[None]:
    """Note in *broken* a record that cannot be read, and go on after it; without a list it is raised."""
    try:
        yield
    except CorruptRecordError as error:
        if broken is None:
            raise
        broken.append(str(error))
