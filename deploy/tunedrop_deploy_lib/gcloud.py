"""Commands as data, and the one place that runs them.

Knows how gcloud is called, answers and fails; knows nothing of what a deployment is made of.
"""

import json
import os
import re
import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunedrop_deploy_lib.errors import DeployError, GcloudError

Command = tuple[str, ...]
"""Words after `gcloud`; `${NAME}` in a word stands for a fact that is only known once asked for."""

WAITS_SECONDS = (2, 4, 8, 16, 32, 60)
"""Rests between tries; two minutes outlast what access rights usually take to spread."""

_FACT = re.compile(r"\$\{([A-Z_]+)\}")
_ABSENT = re.compile(
    r"NOT_FOUND|not found|does not exist|matched no objects|\b404\b", re.IGNORECASE
)
_EXISTS = re.compile(r"ALREADY_EXISTS|already exists|already own it", re.IGNORECASE)
_DENIED = re.compile(
    r"PERMISSION_DENIED|[Pp]ermission denied|\b403\b|does not have (permission|\S+ access)"
)
_DISABLED = re.compile(r"SERVICE_DISABLED|has not been used in project|it is disabled")
_UNREADY = re.compile(
    r"[Cc]oncurrent polic|ABORTED|UNAVAILABLE|RESOURCE_EXHAUSTED|\bINTERNAL\b(?!-)|\b429\b|\b50[023]\b"
)
_SETTLING = re.compile(
    "|".join(p.pattern for p in (_UNREADY, _DISABLED, _DENIED)) + r"|(?i:" + _ABSENT.pattern + ")"
)
"""What a change may have to wait for: rights and interfaces that have not spread, things made just before."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a finished command left."""

    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A value that only the project can tell, such as a function's address.

    Attributes:
        name: Its name in commands, and as a shell variable in a printed plan.
        command: Prints the value alone.
        what: Noun phrase for people.
    """

    name: str
    command: Command
    what: str


Execute = Callable[[Sequence[str]], Answer]


def shell_line(command: Command) -> str:
    """The command as one line for a POSIX shell; facts become variables."""
    return " ".join(["gcloud", *(_word(word) for word in command)])


def facts_of(words: Sequence[str]) -> tuple[str, ...]:
    """Names of the facts that the words mention, each once."""
    return tuple(dict.fromkeys(name for word in words for name in _FACT.findall(word)))


def _word(word: str) -> str:
    if not _FACT.search(word):
        return shlex.quote(word)
    escaped = re.sub(r'(["\\`]|\$(?!\{[A-Z_]+\}))', r"\\\1", word)
    return f'"{escaped}"'


def run_gcloud(arguments: Sequence[str], *, folder: Path | None = None) -> Answer:
    """Run the gcloud that comes first on PATH, without questions.

    Args:
        arguments: Words after `gcloud`.
        folder: Where relative paths in them begin; the caller's own folder when absent.

    Raises:
        DeployError: There is none.
    """
    environment = os.environ | {"CLOUDSDK_CORE_DISABLE_PROMPTS": "1"}
    try:
        done = subprocess.run(  # noqa: S603 — words of ours, never a shell
            ["gcloud", *arguments],  # noqa: S607 — whichever gcloud the caller uses
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        msg = "expected gcloud on PATH; install the Google Cloud CLI (https://cloud.google.com/sdk)"
        raise DeployError(msg) from None
    return Answer(done.returncode, done.stdout, done.stderr)


class Gcloud:
    """Looks at and changes one project; remembers what it saw until it changes something."""

    def __init__(
        self,
        facts: Mapping[str, Fact],
        *,
        execute: Execute = run_gcloud,
        sleep: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = print,
    ) -> None:
        self._facts = facts
        self._execute = execute
        self._sleep = sleep
        self._say = say
        self._asking = threading.RLock()
        self._known: dict[str, str] = {}
        self._seen: dict[Command, Any] = {}

    def fill(self, text: str) -> str:
        """Put facts in place of their names, asking for those that are not known yet."""
        return _FACT.sub(lambda match: self._value(match[1]), text)

    def filled(self, command: Command) -> Command:
        """The command with its facts."""
        return tuple(self.fill(word) for word in command)

    def look(self, command: Command) -> Any:  # noqa: ANN401 — JSON of any shape
        """Return the JSON that a reading command prints, or None if there is no such thing.

        Nothing is there either where what the command is about hangs on something absent, or where its
        interface is not enabled.

        Raises:
            GcloudError: It failed for another reason.
        """
        try:
            command = self.filled(command)
            if command not in self._seen:
                self._seen[command] = self._read(command)
        except GcloudError as error:
            if _nothing_there(error.stderr):
                return None
            raise
        return self._seen[command]

    def _read(self, command: Command) -> Any:  # noqa: ANN401 — JSON of any shape
        return _json_of(command, self._try(command, _UNREADY))

    def change(self, command: Command) -> None:
        """Run a command that changes the project; wait out access rights that have not spread yet.

        What exists already is not an error: another look tells whether it is as it should be.

        Raises:
            GcloudError: It failed, and waiting did not help or could not.
        """
        command = self.filled(command)
        self._seen.clear()
        answer = self._try(command, _SETTLING)
        if answer.code and not _EXISTS.search(answer.stderr):
            raise _error(command, answer)

    def act(self, command: Command) -> Any:  # noqa: ANN401 — JSON of any shape
        """Run a command once, without waiting for anything, and return the JSON that it prints.

        Raises:
            GcloudError: It failed.
        """
        command = self.filled(command)
        return _json_of(command, self._execute(command))

    def remove(self, command: Command) -> None:
        """Run a command that removes something; what is gone already is not an error.

        Raises:
            GcloudError: It failed for another reason.
        """
        command = self.filled(command)
        self._seen.clear()
        answer = self._try(command, _UNREADY)
        if answer.code and not _nothing_there(answer.stderr):
            raise _error(command, answer)

    def forget(self) -> None:
        """Look anew from here on."""
        self._seen.clear()

    def _value(self, name: str) -> str:
        with self._asking:
            if name not in self._known:
                fact = self._facts[name]
                command = self.filled(fact.command)
                answer = self._try(command, _UNREADY)
                if answer.code:
                    raise _error(command, answer, f"expected {fact.what}")
                if not answer.stdout.strip():
                    nothing = Answer(1, "", "not found: an empty answer")
                    raise _error(command, nothing, f"expected {fact.what}")
                self._known[name] = answer.stdout.strip()
            return self._known[name]

    def _try(self, command: Command, transient: re.Pattern[str]) -> Answer:
        answer = self._execute(command)
        for seconds in WAITS_SECONDS:
            if not answer.code or _EXISTS.search(answer.stderr):
                break
            if not transient.search(answer.stderr):
                break
            self._say(f"    not ready yet ({_said(answer)}); trying again in {seconds} s")
            self._sleep(seconds)
            answer = self._execute(command)
        return answer


def _json_of(command: Command, answer: Answer) -> Any:  # noqa: ANN401 — JSON of any shape
    if answer.code:
        raise _error(command, answer)
    try:
        return json.loads(answer.stdout or "null")
    except ValueError:
        raise _error(command, Answer(1, "", "something else"), "expected one JSON value") from None


def _nothing_there(stderr: str) -> bool:
    return bool(_ABSENT.search(stderr) or _DISABLED.search(stderr))


def absent(error: GcloudError) -> bool:
    """Whether gcloud failed because something is not there."""
    return _nothing_there(error.stderr)


def denied(error: GcloudError) -> bool:
    """Whether gcloud failed for want of a permission."""
    return _DENIED.search(error.stderr) is not None


def _said(answer: Answer) -> str:
    """What gcloud gave as the reason, without the progress that it prints before."""
    lines = [line.strip() for line in answer.stderr.splitlines() if line.strip()]
    start = next((n for n, line in enumerate(lines) if line.startswith("ERROR:")), 0)
    return " ".join(lines[start : start + 4])[:600] or f"exit code {answer.code}"


def _error(command: Command, answer: Answer, expectation: str = "expected success") -> GcloudError:
    message = f"{shell_line(command)}\n    {expectation}, found: {_said(answer)}"
    return GcloudError(message, answer.stderr)
