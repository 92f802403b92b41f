"""Every line of the plan through the real gcloud, against the recorder: what it sends, and what reads back."""

import base64
import io
import zipfile

import pytest

from support.deploy_bench import Bench
from support.recorder import Recorder
from support.recorder.functions import archive_of
from support.warm_gcloud import GCLOUD
from tunedrop.topology import BUCKETS, FUNCTIONS
from tunedrop_deploy_lib.bundles import IGNORE_FILE
from tunedrop_deploy_lib.schedule import TICK, sink_filter
from tunedrop_deploy_lib.surveying import look_at

DAY = 24 * 3600
pytestmark = [
    pytest.mark.gcloud,
    pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def small_bench(warm, config_texts, tmp_path_factory):
    """A deployment that was made by running what the plan says."""
    with Recorder() as recorder:
        bench = Bench(config_texts["small"], tmp_path_factory.mktemp("small"), warm, recorder)
        bench.make()
        yield bench


@pytest.fixture(params=["small", "full"])
def bench(request):
    """A deployment that was made once, and one that was applied; tests that change one put it back."""
    if request.param == "full":
        return request.getfixturevalue("story").bench
    return request.getfixturevalue("small_bench")


def not_fine(bench):
    return [
        (seen.step.key, seen.absent, seen.unseen, [one.what for one in seen.differences])
        for seen in bench.seen()
        if not seen.fine
    ]


def test_an_apply_runs_every_line_of_the_plan(story):
    """Two steps give one right, in more words and in fewer; whichever comes first does."""
    gcloud = story.gcloud()
    planned = [gcloud.filled(command) for step in story.steps for command in step.create]
    ran = [{*command} for command in story.ran]

    assert [] == [command for command in planned if not any({*command} <= one for one in ran)]


def test_what_gcloud_made_reads_back_as_the_plan_says(bench):
    assert [] == not_fine(bench)
    assert [] == [request.line for request in bench.recorder.unknown]
    assert [] == bench.waits


def test_gcloud_sends_buckets_that_are_closed_and_keep_what_they_must(bench):
    config = bench.deployment.config
    sent = {
        request.body["name"]: request.body
        for request in bench.recorder.calls(r"^POST /storage/storage/v1/b\?")
    }

    assert {bench.names.bucket(bucket.role) for bucket in BUCKETS} == set(sent)
    for bucket in BUCKETS:
        body = sent[bench.names.bucket(bucket.role)]
        assert body["iamConfiguration"] == {
            "publicAccessPrevention": "enforced",
            "uniformBucketLevelAccess": {"enabled": True},
        }
        assert body["location"].lower() == config.bucket_location
        assert body.get("encryption", {}).get("defaultKmsKeyName", "") == config.kms_key
    ledger, work = sent[bench.names.bucket("ledger")], sent[bench.names.bucket("work")]
    kept, undo = config.ledger_retention_days * DAY, config.ledger_soft_delete_days * DAY
    assert ledger["retentionPolicy"] == {"retentionPeriod": str(kept)}
    assert ledger["softDeletePolicy"] == {"retentionDurationSeconds": str(undo)}
    assert work["softDeletePolicy"] == {"retentionDurationSeconds": "0"}
    (rule,) = work["lifecycle"]["rule"]
    assert rule == {
        "action": {"type": "Delete"},
        "condition": {"age": 1, "matchesPrefix": ["incoming/"]},
    }


def test_gcloud_sends_private_functions_with_time_room_and_an_identity(bench):
    for function in FUNCTIONS:
        body = bench.body(rf"^POST .*functionId={bench.names.function(function)}$")
        config, build = body["serviceConfig"], body["buildConfig"]

        assert (540, "ALLOW_INTERNAL_ONLY") == (config["timeoutSeconds"], config["ingressSettings"])
        assert ("1", "1Gi") == (config["availableCpu"], config["availableMemory"])
        assert function.concurrency == config["maxInstanceRequestConcurrency"]
        assert bench.deployment.config.max_instances == config["maxInstanceCount"]
        assert bench.names.account(function.source) == config["serviceAccountEmail"]
        assert build["serviceAccount"].endswith(f"/serviceAccounts/{bench.names.account('build')}")
        assert (function.entry_point, bench.deployment.config.runtime) == (
            build["entryPoint"],
            build["runtime"],
        )
        assert ("eventTrigger" in body) == (not function.topic)


def test_gcloud_sends_a_trigger_that_retries(bench):
    body = bench.body(rf"^POST .*functionId={bench.names.deployment}-finalized$")

    assert body["eventTrigger"] == {
        "eventFilters": [{"attribute": "bucket", "value": bench.names.bucket("intake")}],
        "eventType": "google.cloud.storage.object.v1.finalized",
        "retryPolicy": "RETRY_POLICY_RETRY",
        "serviceAccountEmail": bench.names.account("trigger"),
        "triggerRegion": bench.deployment.config.bucket_location,
    }


def delivery(bench):
    dead = bench.names.topic_name("dead-letters")
    return {
        "ackDeadlineSeconds": 600,
        "deadLetterPolicy": {"deadLetterTopic": dead, "maxDeliveryAttempts": 30},
        "expirationPolicy": {},
        "messageRetentionDuration": f"{7 * DAY}s",
        "retryPolicy": {"minimumBackoff": "10s", "maximumBackoff": "600s"},
    }


def test_gcloud_sends_subscriptions_that_wait_repeat_prove_who_pushes_and_never_expire(bench):
    for function in FUNCTIONS:
        if not function.topic:
            continue
        name = bench.names.function(function)
        topic = bench.names.topic_name(function.topic)
        body = bench.body(rf"^PUT .*/subscriptions/{name}\?")
        url = bench.recorder.state["functions"][
            f"projects/{bench.names.project}/locations/{bench.deployment.config.region}/functions/{name}"
        ]["serviceConfig"]["uri"]

        expected = delivery(bench) | {
            "labels": bench.names.labels,
            "name": f"projects/{bench.names.project}/subscriptions/{name}",
            "pushConfig": {
                "oidcToken": {
                    "audience": url,
                    "serviceAccountEmail": bench.names.account("push"),
                },
                "pushEndpoint": f"{url}/{topic}?pubsub_trigger=true",
            },
            "topic": topic,
        }
        assert expected == body


def test_gcloud_brings_the_subscription_of_the_trigger_up_to_the_others(bench):
    body = bench.body(r"^PATCH .*/subscriptions/eventarc-")

    assert delivery(bench) == {k: v for k, v in body["subscription"].items() if k != "name"}
    assert set(delivery(bench)) == set(body["updateMask"].split(","))


def test_gcloud_sends_what_speaks_up_by_itself(bench):
    sink = bench.body(r"^POST /logging/.*/sinks\?")
    tick = bench.body(r"^POST /scheduler/.*/jobs\?")

    assert sink_filter(bench.names.project) == sink["filter"]
    assert f"pubsub.googleapis.com/{bench.names.topic_name('job-events')}" == sink["destination"]
    assert bench.recorder.calls(r"/sinks\?.*uniqueWriterIdentity=True")
    assert f"*/{bench.deployment.config.sweep_minutes} * * * *" == tick["schedule"]
    assert bench.names.topic_name("job-events") == tick["pubsubTarget"]["topicName"]
    stored = bench.recorder.state["scheduler"][tick["name"]]
    bench.run(
        ("scheduler", "jobs", "run", bench.names.tick, f"--location={tick['name'].split('/')[3]}")
    )
    assert "lastAttemptTime" in stored
    assert TICK == base64.b64decode(tick["pubsubTarget"]["data"]).decode()


def test_the_uploaded_archives_hold_the_bundles_and_nothing_else(bench):
    bundles = {bundle.function: bundle for bundle in bench.deployment.bundles}
    for function in FUNCTIONS:
        archive = archive_of(bench.recorder, bench.names.function(function))
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            found = {name: opened.read(name) for name in opened.namelist() if name[-1] != "/"}

        expected = {k: v for k, v in bundles[function.source].files.items() if k != IGNORE_FILE}
        assert expected == found


@pytest.fixture
def put_back(bench):
    """What the test changes is as before afterwards."""
    before = bench.recorder.snapshot()
    yield
    bench.recorder.restore(before)
    bench.recorder.heal()


def step_of(bench, key):
    return next(step for step in bench.deployment.steps if step.key == key)


@pytest.mark.usefixtures("put_back")
def test_a_function_that_is_deployed_again_keeps_its_trigger_and_goes_on_retrying(bench):
    step = step_of(bench, "function/finalized")
    before = bench.recorder.snapshot()

    bench.gcloud.change(*step.create)

    (patch,) = bench.recorder.calls(r"^PATCH /functions/")
    assert patch.body["eventTrigger"]["retryPolicy"] == "RETRY_POLICY_RETRY"
    assert look_at(step, bench.gcloud).fine
    for prefix in ("eventarc", "pubsub"):
        assert before[prefix] == bench.recorder.state[prefix]


@pytest.mark.usefixtures("put_back")
def test_a_function_that_is_deployed_again_without_retry_is_found_out(bench):
    step = step_of(bench, "function/finalized")
    (deploy,) = step.create

    bench.gcloud.change(tuple(word for word in deploy if word != "--retry"))

    (difference,) = look_at(step, bench.gcloud).differences
    assert "RETRY_POLICY_DO_NOT_RETRY" in difference.what
    assert (deploy,) == difference.mend


@pytest.mark.usefixtures("put_back")
def test_what_may_not_be_read_is_told_from_what_is_not_there(bench):
    """gcloud words a refusal in several ways."""
    shapes = {step.look[:3]: step for step in bench.deployment.steps}
    bench.recorder.fail(lambda _request: True, 403, times=None)
    bench.gcloud.forget()

    unseen = [look_at(step, bench.gcloud) for step in shapes.values()]

    assert [] == [seen.step.key for seen in unseen if seen.absent or not seen.unseen]


@pytest.mark.usefixtures("put_back")
def test_a_project_where_nothing_is_enabled_has_nothing(bench):
    shapes = {step.look[:3]: step for step in bench.deployment.steps}
    bench.recorder.state["serviceusage"].clear()

    seen = [look_at(step, bench.gcloud) for step in shapes.values()]

    assert [] == [one.step.key for one in seen if one.unseen]
