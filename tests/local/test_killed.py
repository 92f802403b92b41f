"""Functions killed in the middle of their work, under servers that fail: nothing is lost and nothing is done twice.

The real functions in the real framework, the vendors' clients, the servers of the local cloud; what is left in LEDGER
and in the stand-in is held to the invariants of the simulation. `TUNEDROP_TEST_LARGE=1` drops 200 files instead of 8,
and kills as much more often.
"""

import os
from collections import Counter
from dataclasses import dataclass

import pytest

from simulation.evidence import Evidence
from simulation.invariants import violations
from support.drops import Drops
from support.killing import CREATES, LAUNCHES, Weather
from support.killing_drops import files, recipes
from support.killing_evidence import evidence_of
from support.killing_rest import come_to_rest, dead_letters, settle_down
from support.pubsub import clients_of, wait_until
from support.storage import storage_client
from tunedrop.contracts import ControlRequested, TuningRequested
from tunedrop.local.cloud import LocalCloud
from tunedrop.local.deployment import Options, Redelivery
from tunedrop.local.vertex.script import Rule
from tunedrop.wire import encode

LARGE = os.environ.get("TUNEDROP_TEST_LARGE") == "1"
SEED = 11
FILES, KILLS = (200, 10) if LARGE else (8, 1)
PATIENCE_SECONDS = 900 if LARGE else 150
WAVE, JOBS_AT_ONCE = 24, 4
OPTIONS = Options(
    settings={
        "max_concurrent_jobs": JOBS_AT_ONCE,
        "max_new_runs_per_hour": 1000,
        "max_usd_per_day": 1000.0,
    },
    vertex={"seconds_per_job": 0.5, "concurrency": JOBS_AT_ONCE, "list_lag_seconds": 0.5},
    tick_seconds=2.5 if LARGE else 1.0,
    redelivery=Redelivery(ack_deadline_seconds=10, longest_rest_seconds=1.0, max_attempts=100),
)
EXPECTED = {
    "validator-finalized": FILES,
    "validator-requests": KILLS,
    LAUNCHES: FILES // 2,
    "status-job-events": FILES,
    "status-control": KILLS,
    CREATES: FILES // 4,
}
"""How often a process is sure to be given work."""
DEATHS = dict.fromkeys(EXPECTED, KILLS) | {CREATES: 2 * KILLS}
MET = (
    "deliveries cut off",
    "storage FailNext",
    "storage DropAfterApply",
    "pushes doubled",
    "pushes delayed",
)
pytestmark = pytest.mark.timeout(2 * PATIENCE_SECONDS)


@dataclass
class Aftermath:
    """What a storm has left."""

    evidence: Evidence
    killed: Counter
    met: Counter
    dead_letters: int

    def __str__(self):
        found, creates = self.evidence, Counter(answer for *_, answer in self.evidence.creates)
        states = Counter(map(found.state_of, found.transitions))
        steps = [[step.record["state"] for step in each] for each in found.transitions.values()]
        again = sum(each.count("launching") > 1 for each in steps)
        return (
            f"seed {SEED}: {len(found.uploads)} uploads, {len(found.transitions)} runs {dict(states)}, "
            f"{again} launched again, {len(found.jobs)} jobs, creates {dict(creates)}, killed "
            f"{dict(self.killed)}, met {dict(self.met)}, {len(violations(found))} violations"
        )


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory):
    with LocalCloud(tmp_path_factory.mktemp("killed") / "cloud", OPTIONS) as cloud:
        drops = Drops(cloud)
        cloud.vertex.script(Rule("fail", times=2))
        weather = Weather(cloud, SEED, expected=EXPECTED, kills=DEATHS)
        uploads = dropped(drops)
        wait_until(lambda: weather.killer.is_done, "all deaths", PATIENCE_SECONDS)
        weather.clear()
        come_to_rest(cloud, uploads, PATIENCE_SECONDS)
        left = Aftermath(
            evidence_of(drops, uploads), weather.killer.killed, weather.met, dead_letters(cloud)
        )
        print(left)  # noqa: T201 — a run tells what it met
        yield left


def dropped(drops):
    """Upload everything, with requests and decisions in between; (bucket, name, generation) of each upload."""
    client = storage_client(drops.cloud.storage.url)
    bucket = client.bucket(drops.settings.intake_bucket)
    uploads = []
    with clients_of(drops.cloud.pubsub.address) as clients:
        for number, file in enumerate([*recipes(), *files(SEED, FILES)]):
            blob = bucket.blob(file.name)
            blob.upload_from_string(file.data)
            uploads.append((bucket.name, file.name, blob.generation))
            for message in said_after(number, drops, file):
                say(clients, drops, message)
            if number % WAVE == WAVE - 1:
                settle_down(drops.cloud, uploads, PATIENCE_SECONDS)
        say(clients, drops, ControlRequested(action="resume"))
    client.close()
    return uploads


def say(clients, drops, message):
    clients.publish(drops.settings.topic(message.topic), encode(message))


def said_after(number, drops, file):
    """What is published after an upload."""
    uri = f"gs://{drops.settings.intake_bucket}/{file.name}"
    if number % 8 == 5:
        yield TuningRequested(dataset_uri=uri, overrides={"description": f"asked {number}"})
    action = {2: "pause", 6: "resume", 14: "sweep"}.get(number % WAVE)
    if action:
        yield ControlRequested(action=action, claimed_by="ops@example.com")


def test_every_function_was_killed_at_its_work_and_every_server_failed(aftermath):
    assert DEATHS == aftermath.killed
    assert all(aftermath.met[what] for what in MET)


def test_what_is_left_breaks_none_of_the_invariants(aftermath):
    assert [] == violations(aftermath.evidence)


def test_each_job_is_recorded_and_each_recorded_job_exists(aftermath):
    recorded = [name for names in aftermath.evidence.recorded.values() for name in names]

    assert sorted(job.name for job in aftermath.evidence.jobs) == sorted(recorded)


def test_no_message_was_given_up(aftermath):
    assert 0 == aftermath.dead_letters
