"""Commands as data, and the one place that runs them.

Knows how gcloud is called, answers and fails; knows nothing of what a deployment is made of.
"""

import json
import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tunedrop_deploy_lib.errors import DeployError, GcloudError

Command = tuple[str, ...]
"""Words after `gcloud`; `${NAME}` in a word stands for a fact that is only known once asked for."""

WAITS_SECONDS = (2, 4, 8, 16, 32, 60)
"""Rests between tries; two minutes outlast what access rights usually take to spread."""

_FACT = re.compile(r"\$\{([A-Z_]+)\}")
_ABSENT = re.compile(r"NOT_FOUND|not found|does not exist|\b404\b", re.IGNORECASE)
_EXISTS = re.compile(r"ALREADY_EXISTS|already exists|already own it", re.IGNORECASE)
_DENIED = re.compile(r"PERMISSION_DENIED|\b403\b")
_UNREADY = re.compile(
    r"SERVICE_DISABLED|has not been used in project|concurrent polic|ABORTED|UNAVAILABLE"
    r"|RESOURCE_EXHAUSTED|INTERNAL|\b429\b|\b50[023]\b",
    re.IGNORECASE,
)


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


def run_gcloud(arguments: Sequence[str]) -> Answer:
    """Run the gcloud that comes first on PATH, without questions.

    Raises:
        DeployError: There is none.
    """
    environment = os.environ | {"CLOUDSDK_CORE_DISABLE_PROMPTS": "1"}
    try:
        done = subprocess.run(  # noqa: S603 — words of ours, never a shell
            ["gcloud", *arguments],  # noqa: S607 — whichever gcloud the caller uses
            env=environment,
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
        self._known: dict[str, str] = {}
        self._seen: dict[Command, Any] = {}

    def fill(self, text: str) -> str:
        """Put facts in place of their names, asking for those that are not known yet."""
        return _FACT.sub(lambda match: self._value(match[1]), text)

    def filled(self, command: Command) -> Command:
        """The command with its facts."""
        return tuple(self.fill(word) for word in command)

    def look(self, command: Command, *, patient: bool) -> Any:  # noqa: ANN401 — JSON of any shape
        """Return the JSON that a reading command prints, or None if there is no such thing.

        Args:
            command: Words after `gcloud`.
            patient: Whether to wait for a service that is not ready.

        Raises:
            GcloudError: It failed for another reason.
        """
        command = self.filled(command)
        if command not in self._seen:
            answer = self._try(command, _UNREADY if patient else None)
            if answer.code and not _ABSENT.search(answer.stderr):
                raise _error(command, answer)
            self._seen[command] = None if answer.code else json.loads(answer.stdout or "null")
        return self._seen[command]

    def change(self, command: Command) -> None:
        """Run a command that changes the project; wait out access rights that have not spread yet.

        What exists already is not an error: another look tells whether it is as it should be.

        Raises:
            GcloudError: It failed, and waiting did not help or could not.
        """
        command = self.filled(command)
        self._seen.clear()
        transient = re.compile(
            "|".join(p.pattern for p in (_UNREADY, _DENIED, _ABSENT)), re.IGNORECASE
        )
        answer = self._try(command, transient)
        if answer.code and not _EXISTS.search(answer.stderr):
            raise _error(command, answer)

    def look_if_any(self, command: Command) -> Any:  # noqa: ANN401 — JSON of any shape
        """Like `look`, and None as well where what the command is about hangs on something absent."""
        try:
            return self.look(command, patient=False)
        except GcloudError as error:
            if _ABSENT.search(error.stderr):
                return None
            raise

    def remove(self, command: Command) -> None:
        """Run a command that removes something; what is gone already is not an error.

        Raises:
            GcloudError: It failed for another reason.
        """
        command = self.filled(command)
        self._seen.clear()
        answer = self._try(command, _UNREADY)
        if answer.code and not _ABSENT.search(answer.stderr):
            raise _error(command, answer)

    def forget(self) -> None:
        """Look anew from here on."""
        self._seen.clear()

    def _value(self, name: str) -> str:
        if name not in self._known:
            fact = self._facts[name]
            command = self.filled(fact.command)
            answer = self._try(command, _UNREADY)
            if answer.code or not answer.stdout.strip():
                raise _error(command, answer, f"expected {fact.what}")
            self._known[name] = answer.stdout.strip()
        return self._known[name]

    def _try(self, command: Command, transient: re.Pattern[str] | None) -> Answer:
        answer = self._execute(command)
        for seconds in WAITS_SECONDS if transient else ():
            if not answer.code or _EXISTS.search(answer.stderr):
                break
            if transient is None or not transient.search(answer.stderr):
                break
            self._say(f"    not ready yet ({_said(answer)}); trying again in {seconds} s")
            self._sleep(seconds)
            answer = self._execute(command)
        return answer


def denied(error: GcloudError) -> bool:
    """Whether gcloud failed for want of a permission."""
    return _DENIED.search(error.stderr) is not None


def _said(answer: Answer) -> str:
    lines = [line.strip() for line in answer.stderr.splitlines() if line.strip()]
    return lines[0][:200] if lines else f"exit code {answer.code}"


def _error(command: Command, answer: Answer, expectation: str = "expected success") -> GcloudError:
    message = f"{shell_line(command)}\n    {expectation}, found: {_said(answer)}"
    return GcloudError(message, answer.stderr)
