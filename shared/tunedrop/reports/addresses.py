"""Where reports lie: addresses that an uploader can predict.

Knows settings and names; reads and writes nothing.
"""

from tunedrop.config import Settings
from tunedrop.domain import places

PAGE = "index.html"
DATA = "report.json"
INDEX = "index.html"
"""The index of all pages, in the root of REPORTS."""
INDEX_DATA = "index.json"
CHANGES = "changes/"
"""Folder of the notes by which the index hears of what is new."""


def drop_report_uri(settings: Settings, bucket: str, name: str) -> str:
    """The page about the newest drop under an object's name."""
    return f"gs://{settings.reports_bucket}/{places.drop_report_prefix(bucket, name)}{PAGE}"


def run_report_uri(settings: Settings, run_id: str) -> str:
    """The page about a run."""
    return f"gs://{settings.reports_bucket}/{places.run_report_prefix(run_id)}{PAGE}"


def index_uri(settings: Settings) -> str:
    """The page that lists drops, runs and champions."""
    return f"gs://{settings.reports_bucket}/{INDEX}"


def browser_address(uri: str) -> str:
    """Where a signed-in person opens a `gs://` address with a browser."""
    return "https://storage.cloud.google.com/" + uri.removeprefix("gs://")
