"""Ten drops at a cap of one job: what `tunedrop runs` shows in the morning, at noon and in the evening."""

from datetime import UTC, datetime, timedelta

from click.testing import CliRunner

from support.datasets import good_lines
from support.world import World
from tunedrop import bootstrap
from tunedrop.cli.main import cli
from tunedrop.domain.formats import Format

RECIPE = 'base_model = "gemini-3.5-flash"\n[tuning]\nepochs = 2\n'
NEWEST = f'datasets = "newest"\n{RECIPE}'
DEAR = f"{RECIPE}[budget]\nmax_usd_per_run = 0.001\n"
MODEL = {
    "tuned_model": "projects/test-project/locations/us/models/1@1",
    "endpoint": "projects/test-project/locations/us/endpoints/7",
}
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DROPS = (
    ("tides/monday.jsonl", RECIPE),
    ("moor/a.jsonl", RECIPE),
    ("cliff/a.jsonl", DEAR),
    ("reef/v1.jsonl", NEWEST),
    ("reef/v2.jsonl", NEWEST),
    ("heath/a.jsonl", RECIPE),
    ("dune/a.jsonl", RECIPE),
    ("fen/a.jsonl", RECIPE),
    ("bay/a.jsonl", RECIPE),
    ("tides/tuesday.jsonl", RECIPE),
)
SWEEP_SECONDS = 300


class BusyDay:
    """A deployment in memory whose jobs take forty minutes each."""

    def __init__(self):
        self.world = World(max_concurrent_jobs=1)
        self.world.clock.instant = MORNING
        self.runs = {}
        self._ended = set()

    def drop_all(self):
        """Ten datasets, one a minute."""
        for number, (name, recipe) in enumerate(DROPS):
            self.world.clock.instant = MORNING + timedelta(minutes=number)
            folder = name.partition("/")[0]
            if f"{folder}/recipe.toml" not in self.world.store.names("test-intake"):
                self.world.drop(f"{folder}/recipe.toml", recipe)
            rows = b"".join(good_lines(Format.GEMINI, 20, start=100 * number))
            self.runs[name] = self.world.drop(name, rows).run_id
            self.world.deliver()

    def until(self, hour, minute=0, *, failing=()):
        """Sweep every five minutes; the jobs of the runs named by their drop in *failing* fail."""
        end = MORNING.replace(hour=hour, minute=minute)
        while self.world.clock.now() < end:
            self.world.clock.skip(SWEEP_SECONDS)
            self._end_jobs({self.runs[name] for name in failing})
            self.world.tick()
            self.world.deliver()
            self.world.tick()

    def decide(self, action, name, reason):
        """What an operator says about the run of a drop."""
        run_id = self.runs[name]
        self.world.control(action=action, run_id=run_id, reason=reason, claimed_by="ada")
        self.world.deliver()

    def listed(self, *options):
        """What `tunedrop runs` prints."""
        bootstrap.using(self.world.services, self.world.vertex)
        try:
            return CliRunner().invoke(cli, ["runs", *options], env={"COLUMNS": "160"}).stdout
        finally:
            bootstrap.forget()

    def _end_jobs(self, failing):
        for name, job in self.world.tunings.jobs.items():
            is_due = self.world.clock.now() - job.created_at >= timedelta(minutes=40)
            if is_due and name not in self._ended:
                self._ended.add(name)
                if job.labels["tunedrop-run"] in failing:
                    self.world.tunings.end_one(name, "JOB_STATE_FAILED")
                else:
                    self.world.tunings.end_one(name, "JOB_STATE_SUCCEEDED", **MODEL)
