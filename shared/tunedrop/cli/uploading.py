"""Uploads through the object store, and the addresses under which the answers will appear.

Knows ports and names; prints nothing.
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from tunedrop.cli.files import Upload, chunks_of
from tunedrop.domain.naming import GsUri, ObjectRole
from tunedrop.recipes import metadata_key
from tunedrop.reports.addresses import browser_address

if TYPE_CHECKING:
    from tunedrop.ports import ObjectInfo, ObjectStore


def upload(
    store: "ObjectStore", bucket: str, item: Upload, overrides: Mapping[str, str] | None = None
) -> "ObjectInfo":
    """Upload one file; *overrides* of its recipe, by dotted field, become a dataset's metadata."""
    chunks = chunks_of(item.path)
    if item.role is ObjectRole.RECIPE:
        return store.write(
            bucket, item.name, b"".join(chunks), if_generation=None, content_type="application/toml"
        )
    named = overrides if item.role is ObjectRole.DATASET and overrides else {}
    metadata = {metadata_key(field): text for field, text in named.items()}
    return store.upload(bucket, item.name, chunks, metadata=metadata)


def page_link(page_uri: str) -> str:
    """Where a browser finds a page: at the local cloud's storage server, or at Google's."""
    emulator = os.environ.get("STORAGE_EMULATOR_HOST", "").rstrip("/")
    if not emulator:
        return browser_address(page_uri)
    uri = GsUri.parse(page_uri)
    host = emulator if "://" in emulator else f"http://{emulator}"
    return f"{host}/{uri.bucket}/{quote(uri.name)}"
