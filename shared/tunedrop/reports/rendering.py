"""Pages for people: views of drops, checks and runs, written as one self-contained HTML file each.

A page is a function of its view; everything in it is escaped except the markup of the templates.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, ModuleLoader, StrictUndefined

from tunedrop.reports.check_page import check_page_view
from tunedrop.reports.compiled import MADE_OF
from tunedrop.reports.curve import curve_charts
from tunedrop.reports.drop_view import drop_view
from tunedrop.reports.histogram import histograms
from tunedrop.reports.run_view import run_view
from tunedrop.reports.words import FILTERS, inert

__all__ = [
    "check_page_view",
    "drop_view",
    "render_check",
    "render_drop",
    "render_index",
    "render_run",
    "run_view",
]

TEMPLATES = Path(__file__).with_name("templates")
COMPILED = Path(__file__).with_name("compiled")


def render_drop(view: Mapping[str, Any]) -> str:
    """Write the page of a drop from what `drop_view` gave, or from a `report.json` read back."""
    return _environment().get_template("drop.html.j2").render(view=view)


def render_check(view: Mapping[str, Any]) -> str:
    """Write the page of a check without an upload, from what `check_page_view` gave."""
    return _environment().get_template("check.html.j2").render(view=view)


def render_run(view: Mapping[str, Any]) -> str:
    """Write the page of a run from what `run_view` gave, or from a `report.json` read back."""
    return _environment().get_template("run.html.j2").render(view=view)


def render_index(view: Mapping[str, Any]) -> str:
    """Write the page that lists drops, runs and champions, from what `index_view` gave."""
    return _environment().get_template("index.html.j2").render(view=view)


def made_of() -> str:
    """Name of the templates as they stand and of the Jinja that is installed; others make other pages."""
    hasher = sha256(version("jinja2").encode())
    for path in sorted(TEMPLATES.glob("*.j2")):
        hasher.update(path.read_bytes())
    return hasher.hexdigest()[:16]


def environment_over(loader: BaseLoader) -> Environment:
    """Build what the templates are read, compiled and rendered in."""
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=inert,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= FILTERS | {"histograms": histograms, "curve_charts": curve_charts}
    return environment


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Over the compiled templates, which spare a function's first event a tenth of a second, unless they are stale."""
    is_stale = made_of() != MADE_OF
    return environment_over(FileSystemLoader(TEMPLATES) if is_stale else ModuleLoader(COMPILED))
