"""What becomes of tuned models, as one story on a local cloud: each version is compared, and one is the champion.

Harbours and their tides; the seventh day is held out for all versions. A tuned model of the stand-in answers
from the rows it was trained on, so what a version is worth follows from its rows.
"""

import json

import pytest
from click.testing import CliRunner

from support.drops import Drops
from support.pubsub import wait_until
from tunedrop import bootstrap
from tunedrop.cli.main import cli
from tunedrop.domain import places
from tunedrop.domain.runs import RunState
from tunedrop.local.cloud import LocalCloud
from tunedrop.local.deployment import Options
from tunedrop.local.vertex.script import Rule

pytestmark = pytest.mark.timeout(300)

HARBOURS = [
    f"harbour {name}"
    for name in [
        "Ayr",
        "Brest",
        "Cork",
        "Deal",
        "Esbjerg",
        "Faro",
        "Gijon",
        "Hull",
        "Ipswich",
        "Kiel",
        "Leith",
        "Malmo",
        "Nantes",
        "Ostend",
        "Penzance",
        "Riga",
        "Sligo",
        "Troon",
        "Ulsta",
        "Vigo",
    ]
]
RECIPE = """base_model = "gemini-3.5-flash"
[evaluation]
dataset = "held-out.eval.jsonl"
[promotion]
policy = "better-than-champion"
"""
ROW_OF_THE_SERVICE, LINE_OF_THE_USER = 120, 122
UNSUPPORTED = (
    f"Dataset example {ROW_OF_THE_SERVICE} of 130 contains an unsupported modality [function call]"
    ' in the \'parts\' field. JSON: {"contents": "the tide of nobody\'s business"}'
)


def line(question, answer):
    turns = (("user", question), ("model", answer))
    contents = [{"role": role, "parts": [{"text": text}]} for role, text in turns]
    return json.dumps({"contents": contents})


def asked(harbour, day):
    return f"How high is the tide at {harbour} on day {day}?"


def height(harbour, day):
    return f"{(len(harbour) * 7 + day * 3) % 9 + 1} feet {(len(harbour) * 5 + day) % 12} inches"


def told(harbour, day):
    return f"At {harbour} the water stands {height(harbour, day)} above the mark."


def noted(harbour, day):
    """The same in other words, as the first version has it."""
    return f"{harbour}, day {day}: {height(harbour, day)}"


HELD_OUT = "".join(f"{line(asked(each, 7), told(each, 7))}\n" for each in HARBOURS)
FIRST = "".join(
    f"{line(asked(each, day), noted(each, day))}\n" for each in HARBOURS for day in (1, 2)
)
WORSE = "".join(
    f"{line(asked(each, day), f'Ask again later, number {day}.')}\n"
    for each in HARBOURS
    for day in (1, 2)
)
BETTER = FIRST + "".join(
    f"{line(f'On day 7, how high is the tide at {each}? Please.', told(each, 7))}\n"
    for each in HARBOURS
)
LONG = "\n\n" + "".join(
    f"{line(asked(HARBOURS[n % 20], 100 + n), told(HARBOURS[n % 20], n))}\n" for n in range(130)
)
"""Two blank lines above, so that the service's rows are not the user's lines."""


class Story(Drops):
    """A cloud whose recipe `tides` gets one version after the other."""

    def command(self, *words, expect=0):
        bootstrap.forget()
        done = CliRunner(env=dict(self.cloud.environment)).invoke(cli, words)
        bootstrap.forget()
        assert expect == done.exit_code, done.output
        return done.stdout

    def ask_for(self, *words):
        return json.loads(self.command(*words, "--json"))

    def script(self, **rule):
        self.cloud.vertex.script(Rule.from_json(rule))

    def version(self, name, data):
        """Drop a version of the dataset; its run once it has ended."""
        known = {run.run_id for run in self.runs_of("tides")}
        self.upload("tides", f"{name}.jsonl", data)

        def ended():
            new = [run for run in self.runs_of("tides") if run.run_id not in known]
            return new[0] if new and new[0].ended else None

        wait_until(ended, f"the end of {name}", seconds=90)
        return ended()

    def champion(self):
        (champion,) = [
            one for one in self.ask_for("models", "--recipe", "tides") if one["champion"]
        ]
        return champion["version"]


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    options = Options(vertex={"seconds_per_job": 0.5}, tick_seconds=0.5)
    with LocalCloud(tmp_path_factory.mktemp("story") / "cloud", options) as cloud:
        story = Story(cloud)
        story.upload("tides", "recipe.toml", RECIPE)
        story.upload("tides", "held-out.eval.jsonl", HELD_OUT)
        yield story
    bootstrap.forget()


@pytest.fixture(scope="module")
def versions(story):
    """The three versions, one after the other."""
    return [story.version(*each) for each in (("1", FIRST), ("2", WORSE), ("3", BETTER))]


def test_each_version_earns_its_place_or_does_not(versions):
    ends = [(run.state, run.last.detail["code"]) for run in versions]

    assert [
        (RunState.PROMOTED, "better_than_base"),
        (RunState.KEPT, "worse"),
        (RunState.PROMOTED, "better_than_champion"),
    ] == ends


def test_the_evidence_comes_to_the_same_verdict_again(story, versions):
    for run in versions:
        assert "byte for byte" in story.command("evaluate", run.run_id, "--replay")


def test_a_rollback_is_one_step_and_so_is_the_way_back(story, versions):
    story.command("rollback", "tides", "--reason", "the harbour master complains", "--by", "ann")
    wait_until(lambda: 1 == story.champion(), "version 1 as champion", seconds=30)
    answer = story.ask_for("ask", "tides", asked(HARBOURS[0], 1))
    story.command("promote", versions[2].run_id, "--reason", "he was wrong", "--by", "ann")
    wait_until(lambda: 3 == story.champion(), "version 3 as champion", seconds=30)

    assert (versions[0].run_id, noted(HARBOURS[0], 1)) == (answer["run_id"], answer["answer"])
    records = [
        story.services.ledger.read(info.name)
        for info in story.services.ledger.list(places.champions_prefix("tides"))
    ]
    assert [("promoted", 1), ("promoted", 3), ("rolled_back", 1), ("promoted", 3)] == [
        (record["action"], record["version"]) for record in records
    ]
    assert ("the harbour master complains", "ann") == (
        records[2]["reason"],
        records[2]["claimed_by"],
    )


def test_lineage_leads_from_the_endpoint_to_the_bytes_and_back(story, versions):
    endpoint = versions[2].newest(RunState.REGISTERED).detail["endpoint"]

    forwards = json.dumps(
        story.ask_for("lineage", f"gs://{story.settings.intake_bucket}/tides/3.jsonl")
    )
    backwards = json.dumps(story.ask_for("lineage", endpoint))

    assert versions[2].accepted["training"]["digest"] in backwards
    assert endpoint in forwards


def test_a_failed_job_names_the_users_own_line(story, versions):
    story.script(act="fail", code="INVALID_ARGUMENT", message=UNSUPPORTED)
    run = story.version("4", LONG)
    shown = story.command("show", run.run_id, expect=1)

    assert RunState.FAILED is run.state
    assert f"line {LINE_OF_THE_USER}" in shown
    assert "nobody's business" not in shown


def test_a_failed_job_that_holds_a_model_is_adopted(story, versions):
    story.script(act="fail_with_model")
    run = story.version("5", FIRST.replace("feet", "metres"))

    assert run.newest(RunState.SUCCEEDED).detail["adopted"]
    assert run.state in {RunState.PROMOTED, RunState.KEPT}


def test_the_index_names_the_champion_and_every_run(story, versions):
    def index():
        data = story.services.store.read(
            story.settings.reports_bucket, "index.html", max_bytes=4_000_000
        )
        return data.decode()

    wait_until(lambda: versions[2].run_id in index(), "the runs on the index", seconds=30)

    assert "tides" in index()
    assert all(run.run_id in index() for run in versions)
