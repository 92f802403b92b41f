"""Which deployment a command talks to: the environment's, or that of a file laid over it.

Knows variables and files; what the variables mean is `Settings`' business.
"""

import getpass
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from tunedrop.errors import UsageError

if TYPE_CHECKING:
    from tunedrop.config import Settings
    from tunedrop.dead_letters import DeadLetterBox
    from tunedrop.ports import Publisher
    from tunedrop.services import Services, Vertex

ENV_FILE = "TUNEDROP_ENV_FILE"
_PREFIX = "TUNEDROP_"
_EMULATORS = ("STORAGE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST")
_PATIENCE = 10
"""How many times longer a call may take than we wait for a further dead letter."""
_OF_A_DEPLOYMENT = _PREFIX + "INTAKE_BUCKET"


def enter(env_file: Path | None) -> None:
    """Lay a file's variables over the environment, in place of any other deployment's.

    What is left over from another deployment goes first: its buckets behind this one's servers, or
    the other way round, are nothing that anybody means.

    Raises:
        UsageError: A line of the file is no assignment.
    """
    # Not one of the settings, which refuse what they do not know.
    os.environ.pop(ENV_FILE, None)
    if env_file is None:
        return
    variables = read_env_file(env_file)
    for name in [*os.environ]:
        if name.startswith(_PREFIX) or name in _EMULATORS:
            del os.environ[name]
    os.environ.update(variables)


def read_env_file(path: Path) -> dict[str, str]:
    """Read `NAME=value` lines as a shell would, each with or without `export`, and comments.

    Raises:
        UsageError: Names the first line that is none of these.
    """
    variables: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            words = [""]
        assignments = words[1:] if words[:1] == ["export"] else words
        for assignment in assignments:
            name, equals, value = assignment.partition("=")
            if not equals or not name.isidentifier():
                raise UsageError(
                    f"{path} line {number}: expected NAME=value, found something else; "
                    "write each variable on a line of its own"
                )
            variables[name] = value
    return variables


def services() -> "Services":
    """The deployment's storage, messages and records."""
    from tunedrop import bootstrap

    return bootstrap.deployed_services()


def vertex() -> "Vertex":
    """The deployment's AI side."""
    from tunedrop import bootstrap

    return bootstrap.deployed_vertex()


def publisher() -> "Publisher":
    """What publishes on the deployment's topics without making a message of its own."""
    from tunedrop import bootstrap
    from tunedrop.adapters.pubsub import PubsubPublisher

    timings = bootstrap.settings().timings
    return PubsubPublisher(timeout_seconds=timings.call_timeout_seconds)


def dead_letter_box() -> "DeadLetterBox":
    """The deployment's dead letters."""
    from tunedrop import bootstrap
    from tunedrop.adapters.dead_letters import PubsubDeadLetters

    settings = bootstrap.settings()
    timeout = settings.timings.call_timeout_seconds
    return PubsubDeadLetters(
        _dead_letters_subscription(settings),
        timeout_seconds=timeout,
        patience_seconds=timeout / _PATIENCE,
    )


def _dead_letters_subscription(settings: "Settings") -> str:
    from tunedrop.topology import DEAD_LETTERS, DEAD_LETTERS_SUBSCRIPTION

    if settings.vertex_emulator_host:
        from tunedrop.local.wiring import watch_name

        return watch_name(settings, DEAD_LETTERS)
    topic = settings.topic(DEAD_LETTERS_SUBSCRIPTION)
    return topic.replace("/topics/", "/subscriptions/")


def settings_if_any() -> "Settings | None":
    """The deployment's settings, or None where the environment names no deployment."""
    if not os.environ.get(_OF_A_DEPLOYMENT):
        return None
    from tunedrop.config import Settings

    return Settings.from_mapping(os.environ)


def person() -> str:
    """Who runs the command, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())
