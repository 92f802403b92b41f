"""Drops twelve rows whose run is only rehearsed, follows them hop by hop, and takes away what it put there.

Knows where records lie and why a hop is usually silent; creates no job.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tunedrop.domain import naming, places
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.errors import GcloudError, RefusedError
from tunedrop_deploy_lib.gcloud import Command, Gcloud
from tunedrop_deploy_lib.hops import HOPS, Hop, SilentError, look_line
from tunedrop_deploy_lib.names import SETTINGS_FOLDER
from tunedrop_deploy_lib.rehearsal import Rehearsal, rehearsal
from tunedrop_deploy_lib.surveying import look_at

Record = dict[str, Any]
RESTS_SECONDS = (1, 2, 3, 5)
"""Between two looks; the last one repeats."""


@dataclass
class SelfTest:
    """One run of the self-test."""

    deployment: Deployment
    gcloud: Gcloud
    drop: Rehearsal
    patience_seconds: float = 240.0
    """For each hop; a new trigger takes up to two minutes until it passes events on."""
    say: Callable[[str], None] = print
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    generation: str = ""
    run_id: str = ""
    made: tuple[str, ...] = ()
    """Objects of the work bucket."""
    _put: list[str] = field(default_factory=list)

    def run(self) -> bool:
        """Try every hop that can be tried, clean up whatever happens, and tell whether all spoke."""
        spoke: set[Hop] = set()
        try:
            for hop, attempt in self._attempts():
                if hop.after is not None and hop.after not in spoke:
                    self.say(f"not tried  {hop.title}: it comes after one that stayed silent")
                elif self._try(hop, attempt):
                    spoke.add(hop)
        finally:
            self._clean_up()
        silent = len(HOPS) - len(spoke)
        self.say(
            f"{silent} of {len(HOPS)} hops stayed silent."
            if silent
            else f"All {len(HOPS)} hops spoke."
        )
        return not silent

    def _attempts(self) -> Iterator[tuple[Hop, Callable[[], str]]]:
        tries = (
            self._upload,
            self._receipt,
            self._rehearsal,
            self._service,
            self._tick,
            self._request,
            self._control,
            self._page,
        )
        yield from zip(HOPS, tries, strict=True)

    def _try(self, hop: Hop, attempt: Callable[[], str]) -> bool:
        started = self.now()
        try:
            evidence = attempt()
        except (SilentError, GcloudError) as error:
            self.say(f"SILENT     {hop.title}: {error}")
        else:
            self.say(f"spoke      {hop.title} ({self.now() - started:.0f} s): {evidence}")
            return True
        self.say(f"    usually: {hop.usually}")
        self.say(f"    look:    {look_line(self.deployment.names, hop)}")
        return False

    def _upload(self) -> str:
        names = self.deployment.names
        for name, text in self.drop.files.items():
            path = self.deployment.root / SETTINGS_FOLDER / "selftest" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            target = f"gs://{names.bucket('intake')}/{naming.in_folder(self.drop.folder, name)}"
            self._put.append(target)
            self.gcloud.act(("storage", "cp", str(path), target, names.project_flag))
        found = self._object("intake", self.drop.dataset)
        if found is None:
            raise SilentError("the uploaded object is not there")
        self.generation = str(found["generation"])
        return f"gs://{names.bucket('intake')}/{self.drop.dataset}#{self.generation}"

    def _receipt(self) -> str:
        bucket = self.deployment.names.bucket("intake")
        path = places.receipt_path(bucket, self.drop.dataset, int(self.generation))
        receipt = self._wait(lambda: self._record(path), "no receipt")
        verdict = self._record(places.verdict_path(str(receipt["drop_id"]))) or {}
        if receipt["outcome"] != "accepted":
            problems = [f"{p['where']}: {p['remedy']}" for p in verdict.get("problems", [])]
            said = "; ".join([str(verdict.get("code", receipt.get("reason", ""))), *problems])
            raise SilentError(f"the drop was not accepted but {receipt['outcome']}: {said}")
        training, self.run_id = verdict["training"], str(receipt["run_id"])
        self.made = tuple(filter(None, (training["path"], training["line_map"])))
        return (
            f"accepted as run {self.run_id}; gs://{self.deployment.names.bucket('ledger')}/{path}"
        )

    def _rehearsal(self) -> str:
        path = places.transition_path(self.run_id, 2)
        step = self._wait(lambda: self._record(path), "the launcher took no step")
        if step["state"] != "rehearsed":
            raise SilentError(f"expected the run to be rehearsed, found it {step['state']}")
        detail = step["detail"]
        would = f", held first: {detail['would_hold']}" if detail["would_hold"] else ""
        return f"would create {detail['backend']} {detail['job_id']} in {detail['region']}{would}"

    def _service(self) -> str:
        detail = (self._record(places.transition_path(self.run_id, 2)) or {})["detail"]
        if detail["service"] != "answered":
            raise SilentError(f"{detail['service']}: {detail['message']}")
        return "lists jobs for the launcher"

    def _tick(self) -> str:
        names = self.deployment.names
        location = f"--location={self.deployment.config.region}"
        self.gcloud.act(
            ("scheduler", "jobs", "run", names.tick, location, names.project_flag, "--format=json")
        )
        mark = places.open_path(self.run_id)
        self._wait(
            lambda: None if self._object("state", mark) else {"gone": True},
            "the run's mark is still there",
        )
        return "the sweep has closed the run"

    def _request(self) -> str:
        uri = f"gs://{self.deployment.names.bucket('intake')}/{self.drop.dataset}"
        body = {"dataset_uri": uri, "dataset_generation": self.generation, "requester": "selftest"}
        path = places.message_path("requests", self._publish("requests", body))
        record = self._wait(lambda: self._record(path), "the request left no record")
        return f"recorded as {record['code']}"

    def _control(self) -> str:
        run_id = self.run_id or naming.run_id("selftest", hashlib.sha256().hexdigest())
        body = {
            "action": "cancel",
            "run_id": run_id,
            "reason": "self-test",
            "claimed_by": "selftest",
        }
        path = places.message_path("control", self._publish("control", body))
        record = self._wait(lambda: self._record(path), "the decision left no record")
        return f"recorded as {record['code']}: there is nothing to cancel"

    def _page(self) -> str:
        name = f"{places.run_report_prefix(self.run_id)}index.html"
        self._wait(lambda: self._object("reports", name), "no page")
        return f"gs://{self.deployment.names.bucket('reports')}/{name}"

    def _publish(self, role: str, body: Record) -> str:
        names = self.deployment.names
        message = f"--message={json.dumps(body)}"
        command = ("pubsub", "topics", "publish", names.topic(role), message)
        printed = self.gcloud.act((*command, names.project_flag, "--format=json"))
        return str(printed["messageIds"][0])

    def _wait(self, look: Callable[[], Record | None], silence: str) -> Record:
        deadline, rests = self.now() + self.patience_seconds, iter(RESTS_SECONDS)
        while (found := look()) is None:
            if self.now() >= deadline:
                raise SilentError(f"{silence} after {self.patience_seconds:.0f} s")
            self.sleep(next(rests, RESTS_SECONDS[-1]))
        return found

    def _record(self, path: str) -> Record | None:
        address = f"gs://{self.deployment.names.bucket('ledger')}/{path}"
        return self._read(("storage", "cat", address))

    def _object(self, role: str, name: str) -> Record | None:
        address = f"gs://{self.deployment.names.bucket(role)}/{name}"
        return self._read(("storage", "objects", "describe", address, "--raw", "--format=json"))

    def _read(self, command: Command) -> Record | None:
        self.gcloud.forget()
        found: Record | None = self.gcloud.look((*command, self.deployment.names.project_flag))
        return found

    def _clean_up(self) -> None:
        for target in (*self._put, *self._made_of_it()):
            try:
                self.gcloud.remove(("storage", "rm", target, self.deployment.names.project_flag))
            except GcloudError as error:
                self.say(f"left behind: {target}\n    {error}")
        self.say("Cleaned up; the records in the ledger stay, as all do.")

    def _made_of_it(self) -> Iterator[str]:
        """What the functions made of the drop, outside the ledger."""
        names = self.deployment.names
        for name in self.made:
            yield f"gs://{names.bucket('work')}/{name}"
        folders = [
            places.drop_report_prefix(
                names.bucket("intake"), naming.in_folder(self.drop.folder, name)
            )
            for name in self.drop.files
        ]
        folders += [places.run_report_prefix(self.run_id)] if self.run_id else []
        for folder in folders:
            yield f"gs://{names.bucket('reports')}/{folder}**"


def selftest(
    deployment: Deployment,
    gcloud: Gcloud,
    *,
    base_model: str,
    nonce: str,
    patience_seconds: float,
    say: Callable[[str], None] = print,
) -> bool:
    """Run the self-test; true if every hop spoke.

    Raises:
        RefusedError: The deployed launcher is not this checkout's, so that it might not know how to rehearse.
    """
    chosen = base_model or next(iter(deployment.config.allowed_base_models), "")
    drop = rehearsal(deployment.root, chosen, nonce)
    _check_launcher(deployment, gcloud)
    say(f"Dropping {len(drop.files)} files for {chosen} under {drop.folder}/; no job is created.")
    return SelfTest(deployment, gcloud, drop, patience_seconds=patience_seconds, say=say).run()


def _check_launcher(deployment: Deployment, gcloud: Gcloud) -> None:
    (step,) = [step for step in deployment.steps if step.key == "function/launches"]
    seen = look_at(step, gcloud)
    if not seen.fine:
        told = seen.unseen or "; ".join(one.what for one in seen.differences) or "it is missing"
        msg = f"{step.makes}: expected it as this checkout has it, found otherwise: {told}; run apply first"
        raise RefusedError(msg)
