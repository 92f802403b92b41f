"""What a world is made of: its limits, how unlucky it is, and what people do in it; drawn from a seed, or written down.

A setup is plain data, so that a history can be kept as JSON and told again.
"""

from dataclasses import asdict, dataclass, field, replace

from simulation.decisions import Draws
from simulation.intake import PRICED_USD, REHEARSAL

KINDS = (
    "crash_before",
    "crash_after",
    "freeze",
    "fail",
    "hang",
    "hang_after",
    "lost",
    "echo",
    "quota",
    "refuse",
    "duplicate",
    "delay",
    "lose",
    "ack_lost",
)
"""Everything that can go wrong at a single place."""
DENIABLE = (
    "test-ledger",
    "test-state",
    "test-work",
    "test-intake",
    "test-reports",
    "tunings.create",
    "pipelines.create",
    "tunings.find",
    "publisher.publish",
    "models.annotate",
    "models.move_alias",
)
ACTIONS = (
    "approve",
    "approve",
    "refuse",
    "cancel",
    "cancel",
    "retry",
    "retry",
    "pause",
    "resume",
    "sweep",
)
_FORGERIES = (
    "launch_unknown",
    "launch_other_run",
    "log_of_unknown",
    "log_of_known",
    "garbage",
    "not_utf8",
    "tick_of_unknown",
    "stale_tick",
)


@dataclass(frozen=True)
class Setup:
    """One world before anything has happened."""

    seed: int = 0
    cap: int = 1
    quota: int = 1
    """How many jobs of a backend the service lets run at once."""
    usd_per_day: float | None = None
    allow_unpriced: bool = True
    new_runs_per_hour: int = 1000
    most_attempts: int = 30
    fault_rate: float = 0.0
    kinds: tuple = ()
    list_lag: float = 90.0
    longest_job: float = 1500.0
    skewed: bool = False
    squatters: float = 0.0
    """How often somebody else has already taken a pipeline job's id."""
    silent: float = 0.0
    """How often a tuned model answers no question."""
    busy_seconds: float = 1800.0
    """How long faults go on."""
    endings: dict = field(default_factory=dict)
    events: tuple = ()
    """Dictionaries with `at` (seconds), `do` and what that needs."""
    real_pages: bool = False

    def to_json(self):
        return asdict(self)

    @classmethod
    def from_json(cls, data):
        return cls(**{**data, "kinds": tuple(data["kinds"]), "events": tuple(data["events"])})


def setup_for(seed):
    """Draw a world: each is unlucky in some ways and spared others."""
    chance = Draws(seed).generator("setup")
    cap = chance.choice((1, 1, 1, 2, 3))
    setup = Setup(
        seed=seed,
        cap=cap,
        quota=max(1, cap + chance.choice((-1, 0, 1, 2, 3))),
        usd_per_day=chance.choice((None, None, PRICED_USD, 2 * PRICED_USD)),
        allow_unpriced=chance.random() < 0.8,
        new_runs_per_hour=chance.choice((1000, 1000, 1, 2)),
        most_attempts=chance.choice((30, 30, 30, 5)),
        fault_rate=chance.choice((0.0, 0.003, 0.01, 0.02, 0.04)),
        kinds=tuple(kind for kind in KINDS if chance.random() < 0.6),
        list_lag=chance.choice((0.0, 10.0, 90.0)),
        longest_job=chance.choice((300.0, 1500.0, 4000.0)),
        skewed=chance.random() < 0.5,
        silent=0.05,
        squatters=chance.choice((0.0, 0.0, 0.0, 0.2)),
        busy_seconds=chance.choice((600.0, 1500.0, 2700.0)),
    )
    events = [*_drops(chance, setup), *_people(chance, setup), *_outages(chance, setup)]
    numbered = ({**event, "id": number} for number, event in enumerate(events, start=1))
    return replace(setup, events=tuple(numbered))


def _drops(chance, setup):
    """Folders with their recipes, before or after the datasets; files that come again, or change, or go."""
    for folder in chance.sample(("bot", "code", "late"), chance.choice((1, 1, 2))):
        kind = "code" if folder == "code" else "gemini"
        more = () if kind == "code" else ("gemini-dear", "gemini-evaluated")
        recipe = chance.choice((*[kind] * 3, f"{kind}-newest", *more))
        yield from _recipe(chance, folder, recipe, setup)
        if recipe == "gemini-evaluated":
            yield _upload(chance.uniform(0, 900), f"{folder}/check.eval.jsonl", "gemini-eval")
        for number in range(chance.choice((1, 1, 2, 3))):
            yield from _dataset(chance, folder, kind, number, setup)
    if chance.random() < 0.05:
        yield _upload(0, f"{REHEARSAL}/recipe.toml", "gemini")
        yield _upload(chance.uniform(0, 60), f"{REHEARSAL}/x.jsonl", "gemini-a")


def _recipe(chance, folder, recipe, setup):
    at = 0 if chance.random() < 0.7 else chance.uniform(0, setup.busy_seconds / 2)
    if chance.random() < 0.05:
        yield _upload(at, f"{folder}/recipe.toml", "broken")
        at += chance.uniform(1, 300)
    yield _upload(at, f"{folder}/recipe.toml", recipe)
    if chance.random() < 0.15:
        edited = "gemini-slow" if recipe.startswith("gemini") else "code"
        yield _upload(at + chance.uniform(0, 900), f"{folder}/recipe.toml", edited)


def _dataset(chance, folder, kind, number, setup):
    tags = "abcdef" if kind == "gemini" else "abcd"
    content = chance.choice([*[f"{kind}-{chance.choice(tags)}"] * 8, "bad", "garbage", "empty"])
    name, at = f"{folder}/{number}.jsonl", chance.uniform(0, setup.busy_seconds * 0.7)
    if chance.random() < 0.4:
        at = chance.uniform(0, 20)
    yield _upload(at, name, content)
    fate = chance.random()
    soon = at + chance.choice((0.05, 0.3, 1, 3, 10, 100, 900)) * chance.random()
    if fate < 0.12:
        yield _upload(soon, name, f"{kind}-{chance.choice(tags)}")
    elif fate < 0.2:
        yield {"at": soon, "do": "delete", "name": name}
    elif fate < 0.35:
        yield _upload(soon, f"{folder}/again-{number}.jsonl", content)
    elif fate < 0.45:
        yield {
            "at": soon,
            "do": "request",
            "name": name,
            "asks": chance.choice(("same", "slow", "folder")),
        }


def _people(chance, setup):
    for _ in range(chance.choice((0, 1, 2, 4))):
        yield {
            "at": chance.uniform(20, setup.busy_seconds),
            "do": "control",
            "action": chance.choice(ACTIONS),
        }
    if chance.random() < 0.3:
        for _ in range(chance.choice((1, 3))):
            yield {
                "at": chance.uniform(0, setup.busy_seconds),
                "do": "forge",
                "what": chance.choice(_FORGERIES),
            }


def _outages(chance, setup):
    if setup.fault_rate and chance.random() < 0.25:
        yield {
            "at": chance.uniform(0, setup.busy_seconds / 2),
            "do": "deny",
            "what": chance.choice(DENIABLE),
            "away": chance.random() < 0.5,
            "seconds": chance.choice((30, 300, setup.busy_seconds)),
        }
    if chance.random() < 0.1:
        yield {"at": chance.uniform(60, setup.busy_seconds), "do": "lose_hints"}


def _upload(at, name, content):
    return {"at": at, "do": "upload", "name": name, "content": content}
