"""Pub/Sub: topics and subscriptions with the service's defaults and bounds, and what is published."""

import base64

from support.recorder.kms import check_key
from support.recorder.policies import policy_routes
from support.recorder.service import ApiError, Service, merged, without_defaults

service = Service("pubsub", api="pubsub.googleapis.com")
TOPIC, SUBSCRIPTION = "projects/*/topics/*", "projects/*/subscriptions/*"
DAY = 24 * 3600


@service.on("PUT", f"v1/{{name={TOPIC}}}")
def create_topic(call):
    check_key(call.world, call.body.get("kmsKeyName"), "gcp-sa-pubsub")
    return call.create(call["name"], {**call.body, "name": call["name"]})


@service.on("GET", f"v1/{{name={TOPIC}}}")
def get_topic(call):
    return call.get(call["name"])


@service.on("GET", "v1/{parent=projects/*}/topics")
def list_topics(call):
    return {"topics": call.children(call["parent"], "topics")}


@service.on("PATCH", f"v1/{{name={TOPIC}}}")
def update_topic(call):
    old = call.get(call["name"])
    call.things[call["name"]] = merged(old, call.body["topic"], call.body["updateMask"])
    return call.things[call["name"]]


@service.on("DELETE", f"v1/{{name={TOPIC}}}")
def delete_topic(call):
    call.delete(call["name"])
    for thing in call.things.values():
        if thing.get("topic") == call["name"]:
            thing["topic"] = "_deleted-topic_"
    return {}


@service.on("POST", f"v1/{{name={TOPIC}}}:publish")
def publish(call):
    call.get(call["name"])
    messages = call.body["messages"]
    for message in messages:
        base64.b64decode(message.get("data", ""), validate=True)
    kept = call.world.state["published"].setdefault(call["name"], [])
    kept.extend(messages)
    handed_on = call.world.on_publish
    ids = (
        handed_on(call["name"], messages)
        if handed_on
        else [next(call.world.counter) for _ in messages]
    )
    return {"messageIds": [str(one) for one in ids]}


@service.on("GET", f"v1/{{name={TOPIC}}}/subscriptions")
def topic_subscriptions(call):
    names = [name for name, thing in call.things.items() if thing.get("topic") == call["name"]]
    return {"subscriptions": names}


def seconds(text):
    return float(text.removesuffix("s"))


def settled(call, subscription):
    """Fill in what the service fills in, and refuse what it refuses."""
    subscription = without_defaults(subscription)
    filled = {
        "pushConfig": {},
        "ackDeadlineSeconds": 10,
        "messageRetentionDuration": f"{7 * DAY}s",
        "expirationPolicy": {"ttl": f"{31 * DAY}s"},
        "state": "ACTIVE",
        **subscription,
    }
    if "retryPolicy" in filled:
        rests = {"minimumBackoff": "10s", "maximumBackoff": "600s"}
        filled["retryPolicy"] = rests | filled["retryPolicy"]
    dead = filled.get("deadLetterPolicy")
    if dead is not None:
        filled["deadLetterPolicy"] = {"maxDeliveryAttempts": 5} | dead
        call.get(dead["deadLetterTopic"])
    check_bounds(filled)
    token = filled["pushConfig"].get("oidcToken", {}).get("serviceAccountEmail")
    account = f"projects/{call.world.project}/serviceAccounts/{token}"
    if token and account not in call.world.state["iam"]:
        raise ApiError(404, f"Service account {token} does not exist.")
    return filled


def check_bounds(subscription):
    endpoint = subscription["pushConfig"].get("pushEndpoint", "https://")
    attempts = subscription.get("deadLetterPolicy", {}).get("maxDeliveryAttempts", 5)
    for field, value, low, high in (
        ("ack_deadline_seconds", subscription["ackDeadlineSeconds"], 10, 600),
        (
            "message_retention_duration",
            seconds(subscription["messageRetentionDuration"]),
            600,
            31 * DAY,
        ),
        ("max_delivery_attempts", attempts, 5, 100),
    ):
        if not low <= value <= high:
            message = f"Invalid {field} given: {value}, expected {low} to {high}"
            raise ApiError(400, message)
    if not endpoint.startswith("https://"):
        raise ApiError(400, f"Invalid push endpoint given (endpoint={endpoint}): must use https.")


@service.on("PUT", f"v1/{{name={SUBSCRIPTION}}}")
def create_subscription(call):
    call.get(call.body["topic"])
    return call.create(call["name"], settled(call, {**call.body, "name": call["name"]}))


@service.on("GET", f"v1/{{name={SUBSCRIPTION}}}")
def get_subscription(call):
    return call.get(call["name"])


@service.on("GET", "v1/{parent=projects/*}/subscriptions")
def list_subscriptions(call):
    return {"subscriptions": call.children(call["parent"], "subscriptions")}


@service.on("PATCH", f"v1/{{name={SUBSCRIPTION}}}")
def update_subscription(call):
    old = call.get(call["name"])
    changed = merged(old, call.body["subscription"], call.body["updateMask"])
    call.things[call["name"]] = settled(call, changed)
    return call.things[call["name"]]


@service.on("POST", f"v1/{{name={SUBSCRIPTION}}}:modifyPushConfig")
def modify_push(call):
    changed = {**call.get(call["name"]), "pushConfig": call.body.get("pushConfig", {})}
    call.things[call["name"]] = settled(call, changed)
    return {}


@service.on("DELETE", f"v1/{{name={SUBSCRIPTION}}}")
def delete_subscription(call):
    call.delete(call["name"])
    return {}


policy_routes(service, f"v1/{{resource={TOPIC}}}")
policy_routes(service, f"v1/{{resource={SUBSCRIPTION}}}")
