"""The recorder itself, asked over REST: state, policies, faults, and what it refuses as the services do."""

import pytest
import requests

from support.recorder import Recorder, Service
from support.recorder.given import give_secret
from support.recorder.iam import new_account
from support.recorder.storage import new_bucket
from tunedrop.topology import APIS

P = "projects/test-project-1"
TOPIC = f"pubsub/v1/{P}/topics/t"
WRITER = "serviceAccount:w@test-project-1.iam.gserviceaccount.com"


@pytest.fixture
def recorder():
    with Recorder() as recorder:
        for api in APIS:
            recorder.state["serviceusage"][f"{api}.googleapis.com"] = {}
        recorder.state["serviceusage"]["secretmanager.googleapis.com"] = {}
        yield recorder


@pytest.fixture
def ask(recorder):
    """A callable that returns the status and the JSON of an answer."""
    with requests.Session() as session:
        session.trust_env = False

        def ask(method, path, body=None):
            answer = session.request(method, f"{recorder.url}/{path}", json=body, timeout=10)
            return answer.status_code, answer.json() if answer.content else None

        yield ask


def test_what_was_created_can_be_described_listed_changed_and_deleted(ask):
    made = ask("PUT", TOPIC, {"labels": {"a": "b"}})
    again = ask("PUT", TOPIC, {})
    change = {"topic": {"labels": {"a": "c"}, "kmsKeyName": "x"}, "updateMask": "labels"}
    changed = ask("PATCH", TOPIC, change)
    listed = ask("GET", f"pubsub/v1/{P}/topics")
    deleted = ask("DELETE", TOPIC)
    gone = ask("GET", TOPIC)

    assert (200, {"name": f"{P}/topics/t", "labels": {"a": "b"}}) == made
    assert (409, "ALREADY_EXISTS") == (again[0], again[1]["error"]["status"])
    assert {"name": f"{P}/topics/t", "labels": {"a": "c"}} == changed[1]
    assert {"topics": [changed[1]]} == listed[1]
    assert (200, {}) == deleted
    assert (404, "NOT_FOUND") == (gone[0], gone[1]["error"]["status"])


def test_another_recorder_goes_on_from_what_was_packed(ask, recorder):
    ask("PUT", TOPIC, {"labels": {"a": "b"}})
    recorder.archives["source-1.zip"] = b"zip"
    asked = [request.line for request in recorder.requests]
    packed = recorder.packed()
    ask("DELETE", TOPIC)

    with Recorder() as other:
        other.unpack(packed)

        assert {"a": "b"} == other.state["pubsub"][f"{P}/topics/t"]["labels"]
        assert {"source-1.zip": b"zip"} == other.archives
        assert asked == [request.line for request in other.requests]
        assert next(other.world.counter) < next(recorder.world.counter)


def test_a_subscription_gets_the_defaults_of_the_service(ask):
    ask("PUT", TOPIC, {})

    _, made = ask("PUT", f"pubsub/v1/{P}/subscriptions/s", {"topic": f"{P}/topics/t"})

    assert made == {
        "name": f"{P}/subscriptions/s",
        "topic": f"{P}/topics/t",
        "pushConfig": {},
        "ackDeadlineSeconds": 10,
        "messageRetentionDuration": "604800s",
        "expirationPolicy": {"ttl": "2678400s"},
        "state": "ACTIVE",
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"ackDeadlineSeconds": 601},
        {"messageRetentionDuration": "2678401s"},
        {"deadLetterPolicy": {"deadLetterTopic": f"{P}/topics/t", "maxDeliveryAttempts": 4}},
        {"deadLetterPolicy": {"deadLetterTopic": f"{P}/topics/other"}},
        {"pushConfig": {"pushEndpoint": "http://example.com"}},
        {"topic": f"{P}/topics/other"},
    ],
    ids=["ack", "retention", "attempts", "dead-letters", "plain-http", "topic"],
)
def test_a_subscription_that_the_service_would_refuse_is_refused(ask, fields):
    ask("PUT", TOPIC, {})

    status, _ = ask("PUT", f"pubsub/v1/{P}/subscriptions/s", {"topic": f"{P}/topics/t"} | fields)

    assert status in {400, 404}


def test_a_bucket_gets_the_defaults_of_the_service_and_null_removes(ask):
    _, made = ask("POST", "storage/storage/v1/b?project=test-project-1", {"name": "b1"})
    ask("PATCH", "storage/storage/v1/b/b1", {"labels": {"a": "b", "c": "d"}})
    _, changed = ask("PATCH", "storage/storage/v1/b/b1", {"labels": {"a": None}})

    assert ("US", "multi-region") == (made["location"], made["locationType"])
    assert "604800" == made["softDeletePolicy"]["retentionDurationSeconds"]
    assert "inherited" == made["iamConfiguration"]["publicAccessPrevention"]
    assert {"c": "d"} == changed["labels"]
    assert "3" == changed["metageneration"]


def test_a_bucket_with_objects_stays_and_so_do_objects_that_are_retained(ask, recorder):
    new_bucket(recorder.world, "b1", {"retentionPolicy": {"retentionPeriod": "60"}})
    recorder.state["objects"]["b1"] = {"a/b": {}}
    path = "storage/storage/v1/b/b1"

    full = ask("DELETE", path)
    retained = ask("DELETE", f"{path}/o/a%2Fb")
    ask("PATCH", path, {"retentionPolicy": None})
    removed = ask("DELETE", f"{path}/o/a%2Fb")

    assert (409, 403, 204) == (full[0], retained[0], removed[0])
    assert "retentionPolicyNotMet" == retained[1]["error"]["errors"][0]["reason"]
    assert 204 == ask("DELETE", path)[0]


def test_somebody_elses_bucket_cannot_be_made(ask, recorder):
    new_bucket(recorder.world, "b1", {})["projectNumber"] = "999"

    status, body = ask("POST", "storage/storage/v1/b?project=test-project-1", {"name": "b1"})

    assert 409 == status
    assert "not available" in body["error"]["message"]
    assert "conflict" == body["error"]["errors"][0]["reason"]


def test_a_policy_that_was_changed_meanwhile_is_not_overwritten(ask, recorder):
    new_account(recorder.world, WRITER.partition(":")[2])
    ask("PUT", TOPIC, {})
    _, policy = ask("GET", f"{TOPIC}:getIamPolicy")
    mine = policy | {"bindings": [{"role": "roles/pubsub.publisher", "members": [WRITER]}]}

    first = ask("POST", f"{TOPIC}:setIamPolicy", {"policy": mine})
    second = ask("POST", f"{TOPIC}:setIamPolicy", {"policy": mine})

    assert 200 == first[0]
    assert (409, "ABORTED") == (second[0], second[1]["error"]["status"])


@pytest.mark.parametrize(
    ("binding", "said"),
    [
        ({"role": "roles/x.y", "members": [WRITER]}, "does not exist"),
        ({"role": f"{P}/roles/none", "members": ["user:a@example.com"]}, "not supported"),
        ({"role": "roles/x.y", "members": [], "condition": {"expression": "true"}}, "version 3"),
        (
            {
                "role": "roles/x.y",
                "members": [
                    "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
                ],
            },
            "does not exist",
        ),
    ],
    ids=["account", "role", "condition", "agent"],
)
def test_a_policy_that_names_what_is_not_there_is_refused(ask, binding, said):
    ask("PUT", TOPIC, {})

    status, body = ask("POST", f"{TOPIC}:setIamPolicy", {"policy": {"bindings": [binding]}})

    assert 400 == status
    assert said in body["error"]["message"]


def test_a_deleted_account_stays_in_policies_under_another_name(ask, recorder):
    new_account(recorder.world, WRITER.partition(":")[2])
    ask("PUT", TOPIC, {})
    binding = {"role": "roles/pubsub.publisher", "members": [WRITER]}
    ask("POST", f"{TOPIC}:setIamPolicy", {"policy": {"bindings": [binding]}})

    ask("DELETE", f"iam/v1/{P}/serviceAccounts/{WRITER.partition(':')[2]}")

    _, policy = ask("GET", f"{TOPIC}:getIamPolicy")
    (member,) = policy["bindings"][0]["members"]
    assert member.startswith(f"deleted:{WRITER}?uid=")


def test_a_deleted_role_keeps_its_id(ask):
    role = {"roleId": "r", "role": {"title": "r", "includedPermissions": ["a.b.c"]}}
    ask("POST", f"iam/v1/{P}/roles", role)
    ask("DELETE", f"iam/v1/{P}/roles/r")

    again = ask("POST", f"iam/v1/{P}/roles", role)
    changed = ask("PATCH", f"iam/v1/{P}/roles/r", {"title": "s"})
    ask("POST", f"iam/v1/{P}/roles/r:undelete")
    back = ask("GET", f"iam/v1/{P}/roles/r")

    assert (409, 400) == (again[0], changed[0])
    assert "deleted" not in back[1]


def test_an_api_that_is_not_enabled_says_so(ask, recorder):
    del recorder.state["serviceusage"]["pubsub.googleapis.com"]

    status, body = ask("GET", f"pubsub/v1/{P}/topics")

    assert (403, "PERMISSION_DENIED") == (status, body["error"]["status"])
    assert "SERVICE_DISABLED" == body["error"]["details"][0]["reason"]


def test_a_secret_is_read_by_its_newest_version(ask, recorder):
    ask("POST", f"secretmanager/v1/{P}/secrets?secretId=s", {"replication": {"automatic": {}}})
    give_secret(recorder, "s", "c2VjcmV0")

    access = f"secretmanager/v1/{P}/secrets/s/versions/latest:access"
    assert {"data": "c2VjcmV0"} == ask("GET", access)[1]["payload"]


def test_faults_come_as_often_as_they_are_asked_for(ask, recorder):
    recorder.fail(r"^GET .*/topics$", 503, times=2)
    recorder.fail(lambda request: request.method == "PUT", 403, "not you", times=None)

    listed = [ask("GET", f"pubsub/v1/{P}/topics")[0] for _ in range(3)]
    refused = [ask("PUT", TOPIC, {}) for _ in range(2)]

    assert [503, 503, 200] == listed
    assert {(403, "not you")} == {(code, body["error"]["message"]) for code, body in refused}
    recorder.heal()
    assert 200 == ask("PUT", TOPIC, {})[0]


def test_a_snapshot_brings_back_what_was_broken(ask, recorder):
    ask("PUT", TOPIC, {"labels": {"a": "b"}})
    before = recorder.snapshot()
    recorder.state["pubsub"][f"{P}/topics/t"]["labels"]["a"] = "broken"

    recorder.restore(before)

    assert {"a": "b"} == ask("GET", TOPIC)[1]["labels"]


def test_every_request_is_kept_and_an_unknown_path_is_told_apart(ask, recorder):
    ask("PUT", TOPIC, {"labels": {}})
    ask("POST", f"{TOPIC}:explode")
    ask("GET", "elsewhere/v1/x")

    kept = [(request.line, request.answered) for request in recorder.requests]
    assert [
        (f"PUT /{TOPIC}", [200]),
        (f"POST /{TOPIC}:explode", [404]),
        ("GET /elsewhere/v1/x", [404]),
    ] == kept
    assert [line for line, answered in kept if answered == [404]] == [
        request.line for request in recorder.unknown
    ]


def test_a_host_that_is_not_overridden_comes_to_the_recorder_as_well(recorder):
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": recorder.url}
        session.verify = str(recorder.authority)

        answer = session.get(f"https://pubsub.googleapis.com/v1/{P}/topics", timeout=10)

    assert {"topics": []} == answer.json()
    assert [f"GET /{TOPIC.rpartition('/')[0]}"] == [request.line for request in recorder.requests]


def test_published_messages_and_ticks_are_handed_on():
    handed = []
    service = Service("extra")
    service.on("GET", "v1/{name=things/*}")(lambda call: {"name": call["name"]})
    with (
        Recorder(
            services=[service],
            on_publish=lambda topic, messages: handed.append((topic, messages)) or ["77"],
            on_tick=lambda job: handed.append(job["name"]),
        ) as recorder,
        requests.Session() as session,
    ):
        session.trust_env = False
        for api in ("pubsub", "cloudscheduler"):
            recorder.state["serviceusage"][f"{api}.googleapis.com"] = {}
        recorder.state["pubsub"][f"{P}/topics/t"] = {}
        job = f"{P}/locations/us-central1/jobs/j"
        recorder.state["scheduler"][job] = {"name": job}
        message = {"data": "eA=="}
        body = {"messages": [message]}
        sent = session.post(f"{recorder.url}/{TOPIC}:publish", json=body, timeout=10)
        session.post(f"{recorder.url}/scheduler/v1/{job}:run", timeout=10)
        more = session.get(f"{recorder.url}/extra/v1/things/a", timeout=10)

    assert {"messageIds": ["77"]} == sent.json()
    assert [(f"{P}/topics/t", [message]), job] == handed
    assert {"name": "things/a"} == more.json()
