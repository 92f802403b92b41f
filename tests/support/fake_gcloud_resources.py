"""What the stand-in for gcloud makes of flags: resources in the shapes that the services' APIs answer with.

Written from the APIs' documentation and not from the deploy tool, so that the two can disagree.
"""

import base64
import json
import re
from pathlib import Path

DAY = 24 * 3600


class CommandError(Exception):
    """Answered on stderr, as gcloud does."""


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)([smhdw]?)", text).groups()
    return int(number) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": DAY, "w": 7 * DAY}[unit]


def pairs(text):
    return dict(part.split("=", 1) for part in text.split(","))


def update_bucket(bucket, flags):
    """`storage buckets create` and `update`; an unknown flag is an error."""
    for name, value in flags.items():
        if name not in BUCKET_FLAGS:
            raise CommandError(f"unrecognized arguments: --{name}")
        key, make = BUCKET_FLAGS[name]
        made = make(value)
        old = bucket.get(key)
        bucket[key] = old | made if key in {"iamConfiguration", "labels"} and old else made
        if made is None:
            del bucket[key]


BUCKET_FLAGS = {
    "location": ("location", str.upper),
    "uniform-bucket-level-access": (
        "iamConfiguration",
        lambda _: {"uniformBucketLevelAccess": {"enabled": True}},
    ),
    "public-access-prevention": (
        "iamConfiguration",
        lambda _: {"publicAccessPrevention": "enforced"},
    ),
    "soft-delete-duration": (
        "softDeletePolicy",
        lambda value: {"retentionDurationSeconds": str(seconds(value))},
    ),
    "clear-soft-delete": ("softDeletePolicy", lambda _: {"retentionDurationSeconds": "0"}),
    "retention-period": (
        "retentionPolicy",
        # Real gcloud makes years and months of average lengths out of days: 400d are 34495200 seconds.
        lambda value: {"retentionPeriod": str(int(value.removesuffix("s")))},
    ),
    "clear-retention-period": ("retentionPolicy", lambda _: None),
    "lifecycle-file": ("lifecycle", lambda value: json.loads(Path(value).read_text())),
    "clear-lifecycle": ("lifecycle", lambda _: None),
    "default-encryption-key": ("encryption", lambda value: {"defaultKmsKeyName": value}),
    "update-labels": ("labels", pairs),
}


def new_bucket(name, number):
    return {
        "name": name,
        "projectNumber": number,
        "location": "US",
        "iamConfiguration": {
            "uniformBucketLevelAccess": {"enabled": False},
            "publicAccessPrevention": "inherited",
        },
        "softDeletePolicy": {"retentionDurationSeconds": str(7 * DAY)},
    }


def bucket_bindings(project):
    """What every new bucket gives to the holders of basic roles."""
    writers = [f"projectEditor:{project}", f"projectOwner:{project}"]
    readers = [f"projectViewer:{project}"]
    return [
        {"role": f"roles/storage.legacy{what}", "members": members}
        for what, members in (
            ("BucketOwner", writers),
            ("BucketReader", readers),
            ("ObjectOwner", writers),
            ("ObjectReader", readers),
        )
    ]


def update_topic(topic, flags):
    for name, value in flags.items():
        match name:
            case "labels" | "update-labels":
                topic["labels"] = topic.get("labels", {}) | pairs(value)
            case "topic-encryption-key":
                topic["kmsKeyName"] = value
            case _:
                raise CommandError(f"unrecognized arguments: --{name}")


def new_subscription(name, topic):
    return {
        "name": name,
        "topic": topic,
        "ackDeadlineSeconds": 10,
        "messageRetentionDuration": f"{7 * DAY}s",
        "expirationPolicy": {"ttl": f"{31 * DAY}s"},
        "pushConfig": {},
    }


def update_push(subscription, flags):
    """An empty address makes it a pull subscription."""
    endpoint = flags.pop("push-endpoint", None)
    if endpoint == "":
        subscription["pushConfig"] = {}
    elif endpoint:
        token = {"serviceAccountEmail": flags.pop("push-auth-service-account", "")}
        if "push-auth-token-audience" in flags:
            token["audience"] = flags.pop("push-auth-token-audience")
        subscription["pushConfig"] = {"pushEndpoint": endpoint, "oidcToken": token}


def update_subscription(subscription, flags, project):
    """Push, rests and ends are replaced as a whole, whichever of their flags is given."""
    flags = dict(flags)
    update_push(subscription, flags)
    if flags.keys() & {"min-retry-delay", "max-retry-delay"}:
        subscription["retryPolicy"] = {
            "minimumBackoff": f"{seconds(flags.pop('min-retry-delay', '10s'))}s",
            "maximumBackoff": f"{seconds(flags.pop('max-retry-delay', '600s'))}s",
        }
    if "dead-letter-topic" in flags:
        topic = flags.pop("dead-letter-topic")
        subscription["deadLetterPolicy"] = {
            "deadLetterTopic": topic if "/" in topic else f"projects/{project}/topics/{topic}",
            "maxDeliveryAttempts": int(flags.pop("max-delivery-attempts", "5")),
        }
    for name, value in flags.items():
        match name:
            case "ack-deadline":
                subscription["ackDeadlineSeconds"] = int(value)
            case "message-retention-duration":
                subscription["messageRetentionDuration"] = f"{seconds(value)}s"
            case "expiration-period" if value == "never":
                subscription["expirationPolicy"] = {}
            case "labels" | "update-labels":
                subscription["labels"] = subscription.get("labels", {}) | pairs(value)
            case _:
                raise CommandError(f"unrecognized arguments: --{name}")


def deployed_function(name, flags, before, project):
    """`functions deploy`: triggers and services are made along with it; no --retry means no retries."""
    region, short = flags["region"], name.rpartition("/")[2]
    if "no-allow-unauthenticated" not in flags or "gen2" not in flags:
        raise CommandError("this stand-in deploys private functions of the second generation only")
    if not (Path(flags["source"]) / "main.py").is_file():
        raise CommandError(f"missing main.py in {flags['source']}")
    function = {
        "name": name,
        "environment": "GEN_2",
        "state": "ACTIVE",
        "labels": (before or {}).get("labels", {}) | pairs(flags["update-labels"]),
        "buildConfig": {
            "runtime": flags["runtime"],
            "entryPoint": flags["entry-point"],
            "serviceAccount": flags["build-service-account"],
        },
        "serviceConfig": {
            "service": f"projects/{project}/locations/{region}/services/{short}",
            "uri": f"https://{short}-abc123.run.app",
            "serviceAccountEmail": flags["run-service-account"],
            "ingressSettings": "ALLOW_" + flags["ingress-settings"].replace("-", "_").upper(),
            "availableMemory": flags["memory"],
            "availableCpu": flags["cpu"],
            "timeoutSeconds": seconds(flags["timeout"]),
            "maxInstanceCount": int(flags["max-instances"]),
            "maxInstanceRequestConcurrency": int(flags["concurrency"]),
            "environmentVariables": json.loads(Path(flags["env-vars-file"]).read_text())
            | {"LOG_EXECUTION_ID": "true"},
        },
    }
    if "trigger-http" not in flags:
        location = flags["trigger-location"]
        filters = pairs(",".join(flags["trigger-event-filters"]))
        function["eventTrigger"] = {
            "trigger": f"projects/{project}/locations/{location}/triggers/{short}-000001",
            "triggerRegion": location,
            "eventType": filters.pop("type"),
            "eventFilters": [{"attribute": k, "value": v} for k, v in filters.items()],
            "serviceAccountEmail": flags["trigger-service-account"],
            "retryPolicy": "RETRY_POLICY_RETRY"
            if "retry" in flags
            else "RETRY_POLICY_DO_NOT_RETRY",
        }
    return function


def scheduler_job(name, flags):
    return {
        "name": name,
        "schedule": flags["schedule"],
        "timeZone": flags["time-zone"],
        "state": "ENABLED",
        "retryConfig": {"retryCount": int(flags["max-retry-attempts"])},
        "pubsubTarget": {
            "topicName": flags["topic"],
            "data": base64.b64encode(flags["message-body"].encode()).decode(),
        },
    }


def update_role(role, flags):
    role["title"], role["stage"] = flags["title"], flags["stage"]
    role["includedPermissions"] = flags["permissions"].split(",")


def update_budget(budget, flags, number):
    """`billing budgets create` and `update`; projects are kept by their numbers."""
    for name, value in flags.items():
        match name:
            case "budget-amount":
                units = value.removesuffix("USD")
                budget["amount"] = {"specifiedAmount": {"currencyCode": "USD", "units": units}}
            case "notifications-rule-monitoring-notification-channels":
                budget["notificationsRule"] = {"monitoringNotificationChannels": value.split(",")}
            case "display-name":
                budget["displayName"] = value
            case "filter-projects":
                budget["budgetFilter"] = {"projects": [f"projects/{number}"]}
            case "clear-threshold-rules":
                budget["thresholdRules"] = []
            case "threshold-rule" | "add-threshold-rule":
                shares = [float(pairs(rule)["percent"]) for rule in value]
                rules = [{"thresholdPercent": share} for share in shares]
                budget["thresholdRules"] = budget.get("thresholdRules", []) + rules
            case "billing-account":
                pass
            case _:
                raise CommandError(f"unrecognized arguments: --{name}")
