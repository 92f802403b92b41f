"""A stand-in for gcloud that keeps one project in a JSON file; also an executable to put first on PATH."""

import contextlib
import fcntl
import json
import os
import re
import signal
import stat
import sys
from pathlib import Path
from typing import NamedTuple

from support.fake_gcloud_project import Project
from support.fake_gcloud_resources import CommandError
from support.fake_gcloud_watch import Watch


class Answer(NamedTuple):
    """What a finished command left."""

    code: int
    stdout: str
    stderr: str


READS = {"describe", "list", "get-iam-policy", "service-agent"}
MANY = {"trigger-event-filters", "threshold-rule", "add-threshold-rule"}
VERBS = {
    ("storage", "rm"): 2,
    ("storage", "service-agent"): 2,
    ("projects",): 2,
    ("functions",): 2,
    ("secrets", "versions"): 3,
    ("secrets",): 2,
    ("services", "enable"): 2,
    ("services", "list"): 2,
    ("beta", "services", "identity", "create"): 4,
    ("scheduler", "jobs", "create", "pubsub"): 4,
    ("scheduler", "jobs", "update", "pubsub"): 4,
    ("alpha", "monitoring", "policies"): 4,
}


class Killed(BaseException):
    """The process that called would be dead."""


class FakeGcloud:
    """One project; `kill_after` ends the caller after so many changes, `fail` answers in place of it."""

    def __init__(self, state=None, *, kill_after=None, fail=lambda _argv: None):
        self.state = state if state is not None else {"things": {}, "policies": {}, "calls": []}
        self.kill_after, self.fail = kill_after, fail
        self.changes = 0
        self.project = project = Project(self.state)
        watch = Watch(project)
        secrets = project.secrets
        self.groups = {
            ("projects",): project.project,
            ("services",): project.apis,
            ("beta", "services", "identity"): project.agent,
            ("storage", "buckets"): project.bucket,
            ("storage",): project.storage,
            ("iam", "service-accounts"): project.account,
            ("iam", "roles"): project.role,
            ("pubsub", "topics"): project.topic,
            ("pubsub", "subscriptions"): project.subscription,
            ("functions",): project.function,
            ("eventarc", "triggers"): project.trigger,
            ("logging", "sinks"): project.sink,
            ("scheduler", "jobs"): project.tick,
            ("billing", "budgets"): project.budget,
            ("logging", "metrics"): watch.metric,
            ("monitoring", "dashboards"): watch.dashboard,
            ("alpha", "monitoring", "policies"): watch.policy,
            ("secrets", "versions"): secrets.version,
            ("secrets",): secrets.secret,
            ("artifacts", "repositories"): project.repository,
            ("ai", "endpoints"): project.endpoint,
        }

    @property
    def things(self):
        return self.state["things"]

    @property
    def calls(self):
        return self.state["calls"]

    def execute(self, argv):
        argv = list(argv)
        self.calls.append(argv)
        failed = self.fail(argv)
        if failed:
            return Answer(1, "", failed)
        count = next((n for start, n in VERBS.items() if tuple(argv[: len(start)]) == start), 3)
        command, rest = argv[:count], argv[count:]
        names = [word for word in rest if not word.startswith("--")]
        flags = {}
        for word in rest:
            if word.startswith("--"):
                key, _, value = word[2:].partition("=")
                flags[key] = [*flags.get(key, []), value] if key in MANY else value
        try:
            found = self.dispatch(command, names, flags)
        except CommandError as error:
            return Answer(1, "", f"ERROR: (gcloud.{'.'.join(command)}) {error}\n")
        if command[-1] not in READS:
            self.changes += 1
            if self.changes == self.kill_after:
                raise Killed
        return Answer(0, printed(found, flags.get("format", "")), "")

    def dispatch(self, command, names, flags):
        verb = command[-1]
        if verb.endswith("iam-policy-binding") or verb == "get-iam-policy":
            key = self.project.policy_key(command[:-1], names[0])
            return self.project.policy(key, verb, flags)
        for group, handle in self.groups.items():
            if tuple(command[: len(group)]) == group and len(command) > len(group):
                return handle(command[len(group)], names, flags)
        raise CommandError(f"Invalid choice: {' '.join(command)}")


def printed(found, form):
    if isinstance(found, str):
        return found + "\n"
    value = re.fullmatch(r"value\((.*)\)", form)
    if not value:
        return json.dumps(found) + "\n"
    for part in value[1].split("."):
        found = found.get(part, {})
    return f"{found or ''}\n"


def install(folder, state_file):
    """Write an executable `gcloud` that keeps its project in `state_file`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "gcloud"
    here = Path(__file__).parents[1]
    path.write_text(
        f"#!{sys.executable} -IS\nimport sys\nsys.path.insert(0, {str(here)!r})\n"
        f"from support.fake_gcloud import main\nsys.exit(main({str(state_file)!r}))\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def main(state_file):
    """Run one command; FAKE_GCLOUD_KILL_AFTER kills the calling process after so many changes of all."""
    path = Path(state_file)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = run_on(path)
    if answer is None:
        os.kill(os.getppid(), signal.SIGKILL)
        return 1
    sys.stdout.write(answer.stdout)
    sys.stderr.write(answer.stderr)
    return answer.code


def run_on(path):
    """The answer of one command to the project in a file; None where the caller is to be killed."""
    fake = FakeGcloud(json.loads(path.read_text()) if path.exists() else None)
    fake.changes = fake.state.get("changes", 0)
    fake.kill_after = int(os.environ.get("FAKE_GCLOUD_KILL_AFTER", "0"))
    answer = None
    with contextlib.suppress(Killed):
        answer = fake.execute(sys.argv[1:])
    fake.state["changes"] = fake.changes
    path.write_text(json.dumps(fake.state))
    return answer
