"""A headless Chromium, driven over its own debugging pipe with the standard library alone.

The pipe is file descriptors 3 and 4 of the browser: JSON messages, each ended by a NUL byte, as
https://chromedevtools.github.io/devtools-protocol/ describes them.
"""

import json
import os
import shutil
import signal
from contextlib import contextmanager, suppress
from fcntl import F_DUPFD_CLOEXEC, fcntl

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--hide-scrollbars",
)
_FREE = 10
"""Descriptors of ours that are passed on lie from here on, clear of 3 and 4."""


def find_browser():
    """The browser's path; None where there is none."""
    wanted = os.environ.get("TUNEDROP_TEST_BROWSER")
    names = (wanted,) if wanted else NAMES
    return next((path for name in names if (path := shutil.which(name))), None)


@contextmanager
def running_browser(path, profile):
    """A browser with a profile folder of its own; ended with the block."""
    (its_in, our_out), (our_in, its_out) = _pipe(), _pipe()
    quiet = os.open(os.devnull, os.O_RDWR)
    pid = os.posix_spawn(
        path,
        [path, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        os.environ,
        file_actions=[
            *((os.POSIX_SPAWN_DUP2, quiet, number) for number in (0, 1, 2)),
            (os.POSIX_SPAWN_DUP2, its_in, 3),
            (os.POSIX_SPAWN_DUP2, its_out, 4),
        ],
        setpgroup=0,
    )
    for descriptor in (its_in, its_out, quiet):
        os.close(descriptor)
    try:
        with os.fdopen(our_in, "rb") as answers, os.fdopen(our_out, "wb", 0) as commands:
            yield Browser(commands, answers)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _pipe():
    ends = os.pipe()
    moved = tuple(fcntl(end, F_DUPFD_CLOEXEC, _FREE) for end in ends)
    for end in ends:
        os.close(end)
    return moved


class Browser:
    """One conversation with a browser."""

    def __init__(self, commands, answers):
        self._commands, self._answers = commands, answers
        self._read = b""
        self._last = 0
        self.events = []

    def send(self, method, *, session=None, **params):
        """Ask for something; the answer's result. Events that come meanwhile are kept."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        message |= {"sessionId": session} if session else {}
        self._commands.write(json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self._last:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def wait_for(self, method, **params):
        """Wait until an event of this name and with these parameters has come."""
        while not any(
            event["method"] == method and params.items() <= event["params"].items()
            for event in self.events
        ):
            self.events.append(self._receive())

    def _receive(self):
        while b"\0" not in self._read:
            piece = os.read(self._answers.fileno(), 1 << 20)
            if not piece:
                raise EOFError("the browser ended")
            self._read += piece
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)

    def open_tab(self):
        """A new tab, in which no page's own script ever runs."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Tab(self, session)


class Tab:
    """One page in the browser."""

    def __init__(self, browser, session):
        self._browser, self._session = browser, session
        for domain in ("Page", "Network", "Log", "Runtime", "Accessibility"):
            self.send(f"{domain}.enable")
        self.send("Page.setLifecycleEventsEnabled", enabled=True)
        self.send("Emulation.setScriptExecutionDisabled", value=True)

    def send(self, method, **params):
        """Ask for something about this page."""
        return self._browser.send(method, session=self._session, **params)

    def open(self, path):
        """Load a file; the addresses that were asked for, and what the browser complained of."""
        self._browser.events.clear()
        loader = self.send("Page.navigate", url=path.as_uri())["loaderId"]
        self._browser.wait_for("Page.lifecycleEvent", name="load", loaderId=loader)
        events = self._browser.events
        asked = [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]
        complaints = [
            event["params"]["entry"]["text"]
            for event in events
            if event["method"] == "Log.entryAdded"
        ]
        return asked, complaints

    def look(self, width, height, scheme):
        """Show the page at a size, light or dark."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", features=features)

    def evaluate(self, expression):
        """The JSON value of an expression, None for undefined; the inspector's scripts run all the same."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")
