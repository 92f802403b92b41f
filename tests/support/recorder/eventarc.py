"""Eventarc: triggers, and the topic and subscription that each of them brings along."""

from support.recorder.policies import kept_policy
from support.recorder.service import ApiError, Service

service = Service("eventarc", api="eventarc.googleapis.com")
TRIGGER = "projects/*/locations/*/triggers/*"
NOW = "2026-01-01T00:00:00.000000000Z"


@service.on("GET", f"v1/{{name={TRIGGER}}}")
def get_trigger(call):
    return call.get(call["name"])


@service.on("GET", "v1/{parent=projects/*/locations/*}/triggers")
def list_triggers(call):
    if call["parent"].endswith("/-"):
        return {"triggers": list(call.things.values())}
    return {"triggers": call.children(call["parent"], "triggers")}


def trigger_for(world, function):
    """Make or change the trigger of a function; return its `eventTrigger` as it is read back."""
    sent = {"retryPolicy": "RETRY_POLICY_DO_NOT_RETRY", **function["eventTrigger"]}
    check_bucket(world, sent)
    name = sent.get("trigger")
    if not name:
        short = function["name"].rpartition("/")[2]
        parent = f"projects/{world.project}/locations/{sent['triggerRegion']}"
        name = f"{parent}/triggers/{short}-{next(world.counter):06d}"
        make_trigger(world, name, function, sent)
    filters = [{"attribute": "type", "value": sent["eventType"]}, *sent["eventFilters"]]
    trigger = world.state["eventarc"][name]
    trigger |= {"eventFilters": filters, "serviceAccount": sent["serviceAccountEmail"]}
    return {**sent, "trigger": name}


def check_bucket(world, trigger):
    """The service refuses a trigger elsewhere than its bucket, and one whose events nobody may publish."""
    bucket = next(one["value"] for one in trigger["eventFilters"] if one["attribute"] == "bucket")
    if bucket not in world.state["storage"]:
        raise ApiError(400, f'Bucket "{bucket}" does not exist.')
    found = world.state["storage"][bucket]["location"].lower()
    if found != trigger["triggerRegion"]:
        where = trigger["triggerRegion"]
        raise ApiError(400, f"Bucket {bucket} is in {found}, but the trigger is in {where}.")
    agent = f"serviceAccount:service-{world.number}@gs-project-accounts.iam.gserviceaccount.com"
    bindings = kept_policy(world, f"crm/projects/{world.project}")["bindings"]
    publishers = [b["members"] for b in bindings if b["role"] == "roles/pubsub.publisher"]
    if not any(agent in members for members in publishers):
        message = (
            "The Cloud Storage service account for your bucket is unable to publish to Cloud Pub/Sub "
            "topics in the specified project."
        )
        raise ApiError(400, message, status="FAILED_PRECONDITION")


def make_trigger(world, name, function, sent):
    region, short = sent["triggerRegion"], name.rpartition("/")[2]
    topic = f"projects/{world.project}/topics/eventarc-{region}-{short}-100"
    subscription = f"projects/{world.project}/subscriptions/eventarc-{region}-{short}-sub-100"
    address = function["serviceConfig"]["uri"]
    world.state["pubsub"][topic] = {"name": topic}
    world.state["pubsub"][subscription] = {
        "name": subscription,
        "topic": topic,
        "pushConfig": {
            "pushEndpoint": f"{address}?__GCP_CloudEventsMode=GCS_NOTIFICATION",
            "oidcToken": {"serviceAccountEmail": sent["serviceAccountEmail"], "audience": address},
        },
        "ackDeadlineSeconds": 10,
        "messageRetentionDuration": "86400s",
        "expirationPolicy": {},
        "retryPolicy": {"minimumBackoff": "10s", "maximumBackoff": "600s"},
        "labels": {"goog-eventarc": ""},
        "state": "ACTIVE",
    }
    world.state["eventarc"][name] = {
        "name": name,
        "uid": f"uid-{next(world.counter)}",
        "createTime": NOW,
        "updateTime": NOW,
        "destination": {"cloudFunction": function["name"]},
        "transport": {"pubsub": {"topic": topic, "subscription": subscription}},
    }


def remove(world, name):
    trigger = world.state["eventarc"].pop(name, None)
    for thing in (trigger or {"transport": {"pubsub": {}}})["transport"]["pubsub"].values():
        world.state["pubsub"].pop(thing, None)
        world.state["policies"].pop(f"pubsub/{thing}", None)
