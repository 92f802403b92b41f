"""Short histories by name, each told again with one fault at each of its side effects in turn."""

from collections import Counter
from dataclasses import dataclass
from itertools import islice

from simulation.calls import SIDE_EFFECTS
from simulation.decisions import Fault
from simulation.intake import PRICED_USD, REHEARSAL
from simulation.judging import judge
from simulation.setups import Setup
from simulation.story import calls_of

ONCE = ("crash_before", "lost")
"""What goes wrong at each side effect; where a write has a precondition, `echo` as well."""
_OVERWRITTEN = frozenset({"test-reports", "test-state"})
_ONLY_ENDINGS = {"notices.tell": ("crash_before",)}


@dataclass(frozen=True)
class Scenario:
    """One short history."""

    name: str
    events: tuple
    limits: tuple = ()
    """Pairs of a `Setup` field and its value."""
    same_end: bool = True
    """Whether a single fault may not change how runs and drops end."""

    def setup(self, *, more_events=(), **changes):
        """The history's world; *changes* are fields of `Setup`."""
        events = enumerate((*self.events, *more_events), start=1)
        usual = {
            "seed": self.name,
            "list_lag": 5.0,
            "longest_job": 200.0,
            "busy_seconds": 2400.0,
            "endings": {"1": "succeeded", "2": "succeeded"},
        }
        said = {**usual, **dict(self.limits), **changes}
        return Setup(
            **{**said, "events": tuple({**event, "id": number} for number, event in events)}
        )


def _upload(at, name, content):
    return {"at": at, "do": "upload", "name": name, "content": content}


def _decide(at, action):
    return {"at": at, "do": "control", "action": action}


_BOT = _upload(0, "bot/recipe.toml", "gemini")
_ONE = _upload(1, "bot/x.jsonl", "gemini-a")
_NEWEST = (
    _upload(0, "bot/recipe.toml", "gemini-newest"),
    _ONE,
    _upload(5, "bot/y.jsonl", "gemini-b"),
    _upload(10, "bot/z.jsonl", "gemini-c"),
)
SCENARIOS = (
    Scenario(
        "one drop, pipeline job",
        (_upload(0, "code/recipe.toml", "code"), _upload(1, "code/x.jsonl", "code-a")),
    ),
    Scenario("one drop, tuning job", (_BOT, _ONE)),
    Scenario(
        "recipe after its dataset",
        (_upload(0, "bot/x.jsonl", "gemini-a"), _upload(30, "bot/recipe.toml", "gemini")),
    ),
    Scenario(
        "evaluation file after its dataset",
        (
            _upload(0, "bot/recipe.toml", "gemini-evaluated"),
            _ONE,
            _upload(30, "bot/check.eval.jsonl", "gemini-eval"),
        ),
    ),
    Scenario("two drops of the same bytes", (_BOT, _ONE, _upload(1.2, "bot/y.jsonl", "gemini-a"))),
    Scenario("a bad dataset", (_BOT, _upload(1, "bot/x.jsonl", "bad"))),
    Scenario(
        "held and approved",
        (_upload(0, "bot/recipe.toml", "gemini-dear"), _ONE, _decide(900, "approve")),
    ),
    Scenario(
        "held and refused",
        (_upload(0, "bot/recipe.toml", "gemini-dear"), _ONE, _decide(900, "refuse")),
    ),
    Scenario(
        "two runs, one slot", (_BOT, _ONE, _upload(2, "bot/y.jsonl", "gemini-b")), (("quota", 2),)
    ),
    Scenario(
        "two slots, a quota of one",
        (_BOT, _ONE, _upload(2, "bot/y.jsonl", "gemini-b")),
        (("cap", 2),),
    ),
    Scenario("a newer drop replaces one that waits", _NEWEST, same_end=False),
    Scenario(
        "failed and retried",
        (_BOT, _ONE, _decide(1800, "retry")),
        (("endings", {"1": "failed", "2": "succeeded"}),),
    ),
    Scenario(
        "cancelled while it runs",
        (_BOT, _ONE, _decide(300, "cancel")),
        (("longest_job", 3000.0),),
        same_end=False,
    ),
    Scenario(
        "paused and resumed",
        (
            _BOT,
            _decide(0.5, "pause"),
            _upload(60, "bot/x.jsonl", "gemini-a"),
            _decide(700, "resume"),
        ),
    ),
    Scenario(
        "money for one run",
        (_BOT, _ONE, _upload(2, "bot/y.jsonl", "gemini-b")),
        (("usd_per_day", PRICED_USD), ("cap", 2), ("quota", 2)),
    ),
    Scenario(
        "overwritten while it is checked",
        (_BOT, _ONE, _upload(1.4, "bot/x.jsonl", "gemini-b")),
        same_end=False,
    ),
    Scenario(
        "a failed job with a good model", (_BOT, _ONE), (("endings", {"1": "failed_with_model"}),)
    ),
    Scenario(
        "a model that answers nothing, tried again",
        (_BOT, _ONE, _decide(1500, "retry")),
        (("silent", 1.0),),
    ),
    Scenario(
        "a rehearsal",
        (
            _upload(0, f"{REHEARSAL}/recipe.toml", "gemini"),
            _upload(1, f"{REHEARSAL}/x.jsonl", "gemini-a"),
        ),
    ),
    Scenario("the sweep finds what no event told", (_BOT, {**_ONE, "untold": True})),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
PARTS = SCENARIOS[0::3], SCENARIOS[1::3], SCENARIOS[2::3]
"""For the tests, of which each file runs on a core of its own."""


def faults_of(world, *, routine=None):
    """Every single fault that may happen at a side effect of a history, as a key and a fault.

    A crash after one side effect is a crash before the next of the same delivery, and is told once. What is
    overwritten time and again (pages, hints, where a sweep stopped) goes wrong the first few times only where
    *routine* says how many.
    """
    written, last = Counter(), {}
    for (key, what), (_, who, _, args, kwargs, _) in zip(calls_of(world), world.trace, strict=True):
        if what not in SIDE_EFFECTS:
            continue
        if what == "store.write" and args[0] in _OVERWRITTEN:
            written[args[:2]] += 1
            if routine and written[args[:2]] > routine:
                continue
        last[who] = key
        kinds = _ONLY_ENDINGS.get(what, ONCE)
        if kwargs.get("if_generation") is not None:
            kinds = (*kinds, "echo")
        for kind in kinds:
            yield key, Fault(kind, 1.0)
    for key in last.values():
        yield key, Fault("crash_after")


def play_all(scenario, *, routine=None, every=1):
    """Tell a scenario without a fault and then with each; pairs of the fault's key and kind, and the judgement.

    Where *every* is more than 1, only so many are told; which ones is the scenario's own.
    """
    plain = judge(scenario.setup(), {}, repeats=True)
    yield ("", "none"), plain
    faults = faults_of(plain.world, routine=routine)
    for key, fault in islice(faults, len(scenario.name) % every, None, every):
        judgement = judge(scenario.setup(), {key: fault})
        if scenario.same_end:
            judgement.compare_end(plain.evidence)
        yield (key, fault.kind), judgement
