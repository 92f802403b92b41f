"""Metrics, alerts and dashboard made, read, mended and removed by the real gcloud, against a recorder of its requests."""

import json
import os
from pathlib import Path

import pytest

from support.recorder.environment import environment
from support.recorder.server import Recorder
from support.warm_gcloud import GCLOUD
from tunedrop_deploy_lib.config_file import load_config
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.gcloud import Gcloud

ROOT = Path(__file__).parents[2]
CHANNEL = "projects/test-project-1/notificationChannels/77"
pytestmark = [
    pytest.mark.gcloud,
    pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed"),
]


class Watched:
    """The steps that watch the full configuration, with the real gcloud and a recorder."""

    def __init__(self, deployment, warm, recorder, folder):
        chosen = ("metric", "dashboard", "alert")
        self.steps = [step for step in deployment.steps if step.key.split("/")[0] in chosen]
        self.apis = next(step for step in deployment.steps if step.key == "apis")
        self.recorder = recorder
        variables = os.environ | environment(recorder, folder)
        self.gcloud = Gcloud(
            {},
            execute=lambda arguments: warm.execute(arguments, variables, folder),
            sleep=lambda _seconds: None,
            say=lambda _text: None,
        )
        for step in self.steps:
            for name, text in step.files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)

    def create(self, *steps):
        for step in steps:
            for command in step.create:
                self.gcloud.change(command)

    def found(self, step):
        found = self.gcloud.look(step.look)
        return None if step.absent(found) else found

    def differences(self):
        self.gcloud.forget()
        return [
            difference for step in self.steps for difference in step.judge(self.found(step), str)
        ]

    def sent(self, pattern):
        return [request.body for request in self.recorder.calls(pattern)]


@pytest.fixture(scope="module")
def made(warm, config_texts, tmp_path_factory):
    """What watches, made once; and the recorder as it was then, packed."""
    folder = tmp_path_factory.mktemp("watched")
    path = folder / "config.toml"
    path.write_text(config_texts["full"])
    with Recorder() as recorder:
        recorder.state["monitoring"][CHANNEL] = {"name": CHANNEL}
        watched = Watched(Deployment(load_config(path), ROOT), warm, recorder, folder)
        watched.create(watched.apis, *watched.steps)
        yield watched, recorder.packed()


@pytest.fixture
def watched(made):
    watched, project = made
    watched.recorder.unpack(project)
    watched.gcloud.forget()
    yield watched
    watched.recorder.heal()


def documents(watched, kind):
    return [json.loads(*s.files.values()) for s in watched.steps if s.key.startswith(kind)]


def without(document, *fields):
    return {key: value for key, value in document.items() if key not in fields}


def test_gcloud_sends_every_field_of_the_files(watched):
    metrics = watched.sent("^POST /logging/.*/metrics")
    assert documents(watched, "metric/") == [without(body, "name") for body in metrics]
    assert documents(watched, "alert/") == watched.sent("^POST /monitoring/.*alertPolicies")
    assert documents(watched, "dashboard") == watched.sent("^POST /monitoring/.*dashboards")
    assert [] == watched.recorder.unknown


def test_what_gcloud_reads_back_is_as_it_should_be(watched):
    assert [] == watched.differences()


def test_what_somebody_changed_is_mended_by_what_gcloud_sends(watched):
    logging, monitoring = watched.recorder.state["logging"], watched.recorder.state["monitoring"]
    logging["projects/test-project-1/metrics/dev-rejected"]["filter"] = "severity>=ERROR"
    alert = next(name for name in monitoring if "/alertPolicies/" in name)
    monitoring[alert]["conditions"][0]["displayName"] = "something else"
    monitoring[alert]["notificationChannels"] = []
    monitoring["projects/test-project-1/dashboards/tunedrop-dev"]["displayName"] = "mine"

    found = watched.differences()
    for command in dict.fromkeys(command for one in found for command in one.mend):
        watched.gcloud.change(command)

    assert 4 == len(found)
    assert [] == watched.differences()
    (dashboard,) = watched.sent("^PATCH /monitoring/.*dashboards")
    assert dashboard["etag"]
    assert 1 == len(watched.sent("^PUT /logging/.*metrics"))


def test_a_dashboard_that_was_changed_meanwhile_is_not_overwritten(watched):
    name = "projects/test-project-1/dashboards/tunedrop-dev"
    watched.recorder.state["monitoring"][name]["displayName"] = "mine"
    (difference,) = watched.differences()
    watched.recorder.state["monitoring"][name]["etag"] = "e-newer"

    with pytest.raises(Exception, match="changed by somebody else"):
        watched.gcloud.change(*difference.mend)

    assert "mine" == watched.recorder.state["monitoring"][name]["displayName"]


def test_a_metric_that_alerts_cannot_see_yet_is_waited_for(watched):
    text = 'Cannot find metric(s) that match type = "logging.googleapis.com/user/dev-bugs".'
    watched.recorder.fail("^POST /monitoring/.*alertPolicies", 404, text, times=2)
    alerts = [step for step in watched.steps if step.key.startswith("alert/")]
    for step in alerts:
        for command in step.undo(watched.found(step), str):
            watched.gcloud.remove(command)

    watched.create(*alerts)

    assert [] == watched.differences()


def test_gcloud_removes_all_of_it(watched):
    for step in watched.steps:
        for command in step.undo(watched.found(step), str):
            watched.gcloud.remove(command)

    assert {CHANNEL} == {*watched.recorder.state["monitoring"], *watched.recorder.state["logging"]}
