"""Each room of the package imports only what it may know."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "shared" / "tunedrop"
VENDOR = {
    "google",
    "grpc",
    "grpc_status",
    "requests",
    "urllib3",
    "cloudevents",
    "functions_framework",
    "flask",
    "werkzeug",
}
FRONT = {"click", "rich", "starlette", "uvicorn"}
ROOMS = {
    "domain": VENDOR
    | FRONT
    | {
        "os",
        "time",
        "random",
        "secrets",
        "uuid",
        "pydantic",
        "tunedrop.adapters",
        "tunedrop.handlers",
        "tunedrop.ai_ports",
        "tunedrop.ports",
        "tunedrop.config",
        "tunedrop.ledger",
        "tunedrop.reports",
        "tunedrop.local",
        "tunedrop.cli",
        "tunedrop.contracts",
    },
    "handlers": VENDOR
    | FRONT
    | {
        "os",
        "time",
        "random",
        "secrets",
        "uuid",
        "tunedrop.adapters",
        "tunedrop.bootstrap",
        "tunedrop.local",
        "tunedrop.cli",
    },
    "planning": VENDOR
    | FRONT
    | {
        "os",
        "time",
        "tunedrop.adapters",
        "tunedrop.handlers",
        "tunedrop.ai_ports",
        "tunedrop.ports",
        "tunedrop.config",
        "tunedrop.local",
        "tunedrop.cli",
    },
    "recipes": VENDOR
    | FRONT
    | {
        "os",
        "time",
        "tunedrop.adapters",
        "tunedrop.handlers",
        "tunedrop.ai_ports",
        "tunedrop.ports",
        "tunedrop.config",
        "tunedrop.catalog",
        "tunedrop.local",
        "tunedrop.cli",
    },
    "reports": VENDOR
    | FRONT
    | {
        "os",
        "time",
        "random",
        "tunedrop.adapters",
        "tunedrop.handlers",
        "tunedrop.local",
        "tunedrop.cli",
    },
    "adapters": FRONT
    | {
        "os",
        "tunedrop.handlers",
        "tunedrop.reports",
        "tunedrop.local",
        "tunedrop.cli",
        "tunedrop.config",
        "tunedrop.contracts",
    },
    "doctor": FRONT
    | {
        "os",
        "time",
        "random",
        "tunedrop.adapters",
        "tunedrop.handlers",
        "tunedrop.ai_ports",
        "tunedrop.ports",
        "tunedrop.bootstrap",
        "tunedrop.local",
        "tunedrop.cli",
    },
    "local": {"click", "rich", "tunedrop.cli", "tunedrop.handlers", "tunedrop.adapters"},
}
TOP = VENDOR | FRONT | {"os", "tunedrop.adapters", "tunedrop.local", "tunedrop.cli"}
EXCEPTIONS = {
    "bootstrap.py": {"os", "google", "cloudevents", "tunedrop.adapters"},
    "events.py": {"cloudevents"},
    "delivery.py": {"cloudevents"},
    "edge.py": {"flask", "werkzeug"},
}


def imports(path):
    """Every module that a file imports, at any depth of the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def trespasses(path, forbidden):
    return sorted(
        {
            name
            for name in imports(path)
            if any(name == room or name.startswith(f"{room}.") for room in forbidden)
        }
    )


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_knows_only_what_it_may(room):
    files = list((PACKAGE / room).rglob("*.py"))
    found = {
        str(path.relative_to(PACKAGE)): names
        for path in files
        if (names := trespasses(path, ROOMS[room]))
    }

    assert files
    assert {} == found


def test_the_doctor_judges_without_knowing_how_anything_was_read():
    found = {
        path.name
        for path in (PACKAGE / "doctor").glob("*.py")
        if trespasses(path, VENDOR | {"tunedrop.doctor.google_project"})
    }

    assert {"google_project.py", "local_cloud.py"} == found


def test_the_modules_between_the_rooms_know_only_what_they_may():
    files = list(PACKAGE.glob("*.py"))
    found = {
        path.name: names
        for path in files
        if (names := trespasses(path, TOP - EXCEPTIONS.get(path.name, set())))
    }

    assert {} == found


def test_only_the_bootstrap_and_the_front_read_the_environment():
    readers = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "os.environ" in path.read_text()
        and path.parts[-2] != "cli"
        and "local" not in path.parts
    ]

    assert ["bootstrap.py"] == readers


def test_modules_stay_short_enough_to_read():
    long = {
        str(path.relative_to(PACKAGE)): count
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "compiled" and (count := len(path.read_text().splitlines())) > 300
    }

    assert {} == long
