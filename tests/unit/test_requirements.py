"""The locked requirements fit what `pyproject.toml` asks for, one version of each package everywhere."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FILES = {
    "local": ROOT / "requirements" / "local.txt",
    "dev": ROOT / "requirements" / "dev.txt",
    **{
        name: ROOT / "functions" / name / "requirements.txt"
        for name in ("validator", "launcher", "status")
    },
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def pins(path):
    return {canonicalize_name(name): version for name, version in PIN.findall(path.read_text())}


def asked_for(extra):
    """Requirements of the package itself and of an extra, extras of extras included."""
    found = [
        Requirement(text)
        for text in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"][extra])
    ]
    for requirement in list(found):
        if canonicalize_name(requirement.name) == PROJECT["name"]:
            found.remove(requirement)
            for name in requirement.extras:
                found += [Requirement(text) for text in PROJECT["optional-dependencies"][name]]
    return found


@pytest.mark.parametrize("extra", FILES)
def test_each_file_pins_what_its_extra_asks_for(extra):
    pinned = pins(FILES[extra])
    unmet = [
        str(r)
        for r in asked_for(extra)
        if pinned.get(canonicalize_name(r.name)) is None
        or pinned[canonicalize_name(r.name)] not in r.specifier
    ]

    assert [] == unmet, "run `make lock`"


@pytest.mark.parametrize("extra", FILES)
def test_each_file_agrees_with_the_versions_chosen_for_all(extra):
    chosen = pins(ROOT / "requirements" / "all.txt")

    assert {} == {
        name: version for name, version in pins(FILES[extra]).items() if chosen.get(name) != version
    }


@pytest.mark.parametrize(
    "path",
    [*FILES.values(), ROOT / "requirements" / "all.txt", ROOT / "requirements" / "build.txt"],
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_every_pin_has_a_hash_and_no_index_is_named(path):
    text = path.read_text()

    assert len(PIN.findall(text)) == len(
        re.findall(r"^[A-Za-z0-9].*\\\n    --hash=sha256:", text, re.MULTILINE)
    )
    assert "://" not in text


def test_a_function_installs_no_more_than_it_imports():
    assert "google-cloud-aiplatform" not in pins(FILES["validator"])
    assert {"click", "rich", "pytest", "uv"} & pins(FILES["validator"]).keys() <= {"click"}
