"""Apply and destroy with the real gcloud against the recorder: again, after each step that was stopped, and all of it removed."""

import pytest

from support.recorder.world import SERVERS_OWN
from support.warm_gcloud import GCLOUD
from tunedrop.topology import BUCKETS
from tunedrop_deploy_lib.applying import AS_IT_SHOULD_BE, bring_about
from tunedrop_deploy_lib.removing import destroy
from tunedrop_deploy_lib.surveying import look_at

pytestmark = [
    pytest.mark.gcloud,
    pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed"),
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("story_put_back"),
]


def test_applying_again_sends_nothing_that_changes_anything(story):
    story.bench.recorder.clear()

    outcome = story.apply()

    assert len(story.steps) == outcome.counts[AS_IT_SHOULD_BE]
    assert [] == [request.line for request in story.bench.recorder.changes]


NOT_COMPARED = {"operations", "objects", "published"}


def comparable(value):
    """A project without what its services stamp on it."""
    if isinstance(value, dict):
        return {k: comparable(v) for k, v in value.items() if k not in SERVERS_OWN}
    return value


def project_of(snapshot):
    return comparable({k: v for k, v in snapshot.items() if v and k not in NOT_COMPARED})


def test_each_step_that_was_killed_after_its_first_change_is_brought_to_the_same_end(story):
    """All steps before it read back as fine, as the test of a second apply shows: so by induction an apply that
    is killed anywhere and run again ends where one that was not killed does."""
    recorder, gcloud, wrong = story.bench.recorder, story.gcloud(), []
    for place, (first, last) in story.moments.items():
        recorder.restore(first)
        gcloud.forget()
        step = story.steps[place]
        seen = look_at(step, gcloud)
        bring_about(seen, gcloud, say=story.said.append, sleep=story.bench.waits.append)
        wrong += [] if project_of(recorder.state) == project_of(last) else [step.key]

    assert len(story.moments) > 80
    assert [] == wrong


def test_destroying_keeps_the_buckets_and_purging_leaves_nothing_of_ours(story):
    state, names = story.bench.recorder.state, story.bench.names
    for bucket in BUCKETS:
        state["objects"][names.bucket(bucket.role)] = {"a/b.jsonl": {}}

    destroy(story.bench.deployment, story.gcloud(), purge=False, say=story.said.append)
    kept = left(story)
    destroy(story.bench.deployment, story.gcloud(), purge=True, say=story.said.append)

    assert {f"storage/{names.bucket(bucket.role)}" for bucket in BUCKETS} == kept
    assert set() == left(story)
    assert [] == story.bench.rights()
    assert any(
        "costs as long as it serves" in line or "enabled APIs" in line for line in story.said
    )
    assert [] == [request.line for request in story.bench.recorder.unknown]


NOT_OURS = {*NOT_COMPARED, "policies", "serviceusage", "agents", "cloudkms", "artifactregistry"}


def left(story):
    """What is there that was not given, and is not marked as deleted."""
    config = story.bench.deployment.config
    given = {config.tuning_service_account, config.notification_channel}
    given |= {*config.allowed_service_accounts, *config.dataset_buckets}
    return {
        f"{prefix}/{name}"
        for prefix, things in story.bench.recorder.state.items()
        for name, thing in things.items()
        if prefix not in NOT_OURS
        and not any(one and name.endswith(one) for one in given)
        and not name.startswith("gcf-")
        and not thing.get("deleted")
    }
