"""Compiled templates make the pages that the templates make, and none once a template has changed."""

import pytest
from jinja2 import FileSystemLoader, ModuleLoader

from tunedrop.reports import rendering


@pytest.fixture(autouse=True)
def _anew():
    rendering._environment.cache_clear()
    yield
    rendering._environment.cache_clear()


def test_pages_come_from_the_compiled_templates():
    """A function's first event would wait a tenth of a second for the others."""
    assert isinstance(rendering._environment().loader, ModuleLoader)


def test_a_changed_template_is_not_overlooked(tmp_path, monkeypatch):
    for path in rendering.TEMPLATES.glob("*.j2"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "base.html.j2").write_text("new")
    monkeypatch.setattr(rendering, "TEMPLATES", tmp_path)
    environment = rendering._environment()

    assert isinstance(environment.loader, FileSystemLoader)
    assert "new" == environment.get_template("base.html.j2").render()


def test_compiled_and_other_templates_write_the_same_page():
    written = [
        rendering.environment_over(loader).get_template("style.css.j2").render()
        for loader in (
            ModuleLoader(rendering.COMPILED),
            FileSystemLoader(rendering.TEMPLATES),
        )
    ]

    assert written[0] == written[1]
