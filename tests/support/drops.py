"""A running local cloud as its users see it: files go in, the ledger and the pages come out."""

from pathlib import Path

import pytest

from support.pubsub import wait_until
from support.storage import storage_client
from tunedrop import bootstrap
from tunedrop.config import Settings
from tunedrop.domain.runs import GOOD_ENDS, RunState

EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE_SECONDS = 90


class Drops:
    """A running local cloud as its users see it."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.settings = cloud.settings
        with pytest.MonkeyPatch.context() as patch:
            for name, value in cloud.environment.items():
                patch.setenv(name, value)
            self.services = bootstrap.build_services(Settings.from_mapping(cloud.environment))
            self.vertex = bootstrap.build_vertex(cloud.settings)

    def upload(self, folder, name, data):
        client = storage_client(self.cloud.storage.url)
        client.bucket(self.settings.intake_bucket).blob(f"{folder}/{name}").upload_from_string(data)
        client.close()

    def upload_example(self, example, folder=None, **replaced):
        for path in sorted((EXAMPLES / example).iterdir()):
            self.upload(folder or example, path.name, replaced.get(path.stem, path.read_bytes()))

    def runs_of(self, recipe):
        """The runs of a recipe, by what the ledger says."""
        prefix = f"runs/{recipe}-"
        ids = {info.name.split("/")[1] for info in self.services.ledger.list(prefix)}
        return [self.services.runbook.load(run_id) for run_id in sorted(ids)]

    def the_run(self, recipe, *states):
        """The one run of a recipe, once it stands in one of *states*."""

        def standing():
            runs = self.runs_of(recipe)
            return runs[0] if runs and runs[0].state in states else None

        wait_until(standing, f"{recipe} in {states}", seconds=PATIENCE_SECONDS)
        (run,) = self.runs_of(recipe)
        return run

    def registered(self, recipe):
        run = self.the_run(recipe, *GOOD_ENDS, RunState.FAILED, RunState.LOAD_FAILED)
        assert run.state in GOOD_ENDS, run.last.detail
        return run

    def bodies_of(self, run):
        """Bodies of the create calls that the stand-in received for a run."""
        return [
            line["body"]
            for line in self.cloud.vertex.requests()
            if line["body"].get("labels", {}).get("tunedrop-run") == run.run_id
        ]
