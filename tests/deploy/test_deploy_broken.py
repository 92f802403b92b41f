"""Verify with the real gcloud against the recorder: a single setting, and a single right, that is broken is found.

Every fifth setting, for the time it takes; `TUNEDROP_TEST_LARGE=1` breaks each of them.
"""

import os

import pytest

from support.breaking import broken, leaves
from support.recorder.world import SERVERS_OWN
from support.warm_gcloud import GCLOUD
from tunedrop_deploy_lib.surveying import look_at

pytestmark = [
    pytest.mark.gcloud,
    pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed"),
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("story_put_back"),
]
EVERY = 1 if os.environ.get("TUNEDROP_TEST_LARGE") else 5
UNJUDGED = {
    # What services give, or say of themselves.
    "name", "id", "uid", "kind", "selfLink", "uri", "url", "service", "resourceName", "writerIdentity",
    "projectId", "uniqueId", "oauth2ClientId", "email", "trigger", "revision", "locationType", "type",
    "deployment-tool", "LOG_EXECUTION_ID", "effectiveTime", "currencyCode", "version", "scheduleTime",
    "userUpdateTime",
    # What the plan leaves at the service's own choice.
    "storageClass", "allTrafficOnLatestRevision", "environment", "dockerRepository", "generation",
    "maxBackoffDuration", "maxDoublings", "maxRetryDuration", "minBackoffDuration", "calendarPeriod",
    "creditTypesTreatment", "ownershipScope", "annotations",
}  # fmt: skip
ELSEWHERE = (
    ("storage", "gcf-v2-", ()),  # where the runtime keeps uploads
    ("storage", "", ("iamConfiguration", "bucketPolicyOnly")),  # an older name of uniform access
    ("functions", "", ("buildConfig", "source")),  # a label says which source it is
    ("functions", "", ("buildConfig", "environmentVariables")),
    ("pubsub", "eventarc-", ("labels",)),  # Eventarc's own part of the trigger's subscription
    ("pubsub", "eventarc-", ("pushConfig",)),
    ("pubsub", "eventarc-", ("topic",)),
    ("pubsub", "", ("state",)),
    ("secretmanager", "", ("payload",)),  # nobody's to read
)
"""Settings that somebody else answers for: API, beginning of the name's last part, beginning of the path."""
JUDGED = (
    "storage",
    "pubsub",
    "functions",
    "iam",
    "logging",
    "scheduler",
    "billingbudgets",
    "secretmanager",
)


@pytest.fixture(scope="module")
def gcloud(story):
    """Knows the project's facts; is to forget what it saw before each look."""
    return story.gcloud()


@pytest.fixture(scope="module")
def asked(story, gcloud):
    """A callable: the steps whose look asks for a thing, by the thing's API and the last part of its name."""
    found = []
    for step in story.steps:
        gcloud.forget()
        gcloud.filled(step.look)
        story.bench.recorder.clear()
        assert look_at(step, gcloud).fine
        lines = [request.line for request in story.bench.recorder.requests]
        found.append((step, lines))

    def asked(prefix, name):
        last = name.rpartition("/")[2]
        return [
            step
            for step, lines in found
            if any(
                f"/{prefix}/" in line and (last in line or "list" in step.look) for line in lines
            )
        ]

    return asked


def settings_of(story):
    """Every setting of every thing that the plan made: its API, its name, and where the setting lies in it."""
    given = {story.bench.deployment.config.tuning_service_account}
    given |= {*story.bench.deployment.config.allowed_service_accounts}
    for prefix in JUDGED:
        for name, thing in story.bench.recorder.state[prefix].items():
            last = name.rpartition("/")[2]
            if last in given or last in story.bench.deployment.config.dataset_buckets:
                continue
            for path in leaves(thing):
                theirs = any(
                    prefix == api and last.startswith(start) and path[: len(beginning)] == beginning
                    for api, start, beginning in ELSEWHERE
                )
                if not theirs and path[-1] not in UNJUDGED | SERVERS_OWN:
                    yield prefix, name, path


def is_found(steps, gcloud):
    """Whether one of the steps sees that something is not as it should be."""
    gcloud.forget()
    return not all(look_at(step, gcloud).fine for step in steps)


def test_a_single_setting_that_is_broken_is_found(story, asked, gcloud):
    missed, count = [], 0
    for prefix, name, path in list(settings_of(story))[::EVERY]:
        holder = story.bench.recorder.state[prefix][name]
        for part in path[:-1]:
            holder = holder[part]
        good = holder[path[-1]]
        holder[path[-1]] = broken(good)
        count += 1
        if not is_found(asked(prefix, name), gcloud):
            missed.append((prefix, name.rpartition("/")[2], ".".join(path)))
        holder[path[-1]] = good

    assert count > 400 // EVERY
    assert [] == missed
    assert story.end == story.bench.recorder.snapshot()


def test_each_single_right_that_is_missing_or_too_much_is_found(story, asked, gcloud):
    missed, count = [], 0
    theirs = {f"storage/{name}" for name in story.bench.deployment.config.dataset_buckets}
    for key, policy in list(story.bench.recorder.state["policies"].items()):
        prefix, _, name = key.partition("/")
        steps = [step for step in asked(prefix, name) if "get-iam-policy" in step.look]
        for binding in policy["bindings"] if steps else []:
            good = list(binding["members"])
            fewer = [
                [x for x in good if x != one]
                for one in good
                if is_judged(one, is_ours=key not in theirs)
            ]
            more = [] if key in theirs else [[*good, "allUsers"]]
            for members in (*fewer, *more):
                binding["members"] = members
                count += 1
                if not is_found(steps, gcloud):
                    missed.append((key, binding["role"], members))
            binding["members"] = good

    assert count > 100
    assert [] == missed
    assert story.end == story.bench.recorder.snapshot()


def is_judged(member, *, is_ours):
    """Whether the plan says anything of a member: never of owners, nor of what a foreign bucket lets in by itself."""
    return not member.startswith("projectOwner:" if is_ours else "project")
