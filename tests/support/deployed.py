"""A finished deployment in the recorder, without gcloud: everything that its plan makes, with the rights that it grants.

What is granted comes from the deploy tool's steps, so that whoever judges it is held to the plan.
"""

from support.recorder import iam, kms, quotas, run, storage
from tunedrop.topology import ACCOUNTS, BUCKETS, CUSTOM_ROLES, DEAD_LETTERS, FUNCTIONS, TOPICS
from tunedrop_deploy_lib.functions import environment

ENOUGH = {
    "restricted_image_training_nvidia_a100_80gb_gpus": 8,
    "restricted_image_training_tpu": 64,
    "concurrent_jobs": 1,
}


def make_deployment(recorder, deployment):
    """Put everything of a plan into the recorder's state, as `apply` would leave it."""
    world, names = recorder.world, deployment.names
    make_project(world, deployment)
    make_accounts(world, names)
    for bucket in BUCKETS:
        fields = {
            "location": names.config.bucket_location,
            "iamConfiguration": {
                "uniformBucketLevelAccess": {"enabled": True},
                "publicAccessPrevention": "enforced",
            },
        }
        storage.new_bucket(world, names.bucket(bucket.role), fields)
    for topic in TOPICS:
        world.state["pubsub"][names.topic_name(topic.role)] = {"name": names.topic_name(topic.role)}
    make_functions(world, names)
    make_subscriptions(world, names)
    give_rights(world, deployment)
    for metric, value in ENOUGH.items():
        quotas.new_quota(world, metric, value)


def settings_of(deployment, recorder, **changes):
    """The variables that the deployment's functions get, with the recorder in Google's place."""
    host = recorder.url.removeprefix("http://")
    return environment(deployment.config) | {"TUNEDROP_GOOGLE_APIS_EMULATOR_HOST": host} | changes


def make_project(world, deployment):
    (apis,) = (step for step in deployment.steps if step.key == "apis")
    for word in apis.create[0]:
        if word.endswith(".googleapis.com"):
            world.state["serviceusage"][word] = {"name": word}
    if deployment.config.kms_key:
        kms.new_key(world, deployment.config.kms_key)


def make_accounts(world, names):
    emails = [names.account(role) for role in ACCOUNTS]
    for email in (*emails, names.config.tuning_service_account):
        if email:
            iam.new_account(world, email)
    for role, (_why, permissions) in CUSTOM_ROLES.items():
        name = names.custom_role(role)
        kept = {"name": name, "includedPermissions": sorted(permissions), "stage": "GA"}
        world.state["iam"][name] = kept


def make_functions(world, names):
    parent = f"projects/{world.project}/locations/{names.config.region}"
    for function in FUNCTIONS:
        short = names.function(function)
        made = {
            "name": f"{parent}/functions/{short}",
            "state": "ACTIVE",
            "serviceConfig": {
                "service": f"{parent}/services/{short}",
                "uri": f"https://{short}-uc.a.run.app",
                "serviceAccountEmail": names.account(function.source),
                "ingressSettings": "ALLOW_INTERNAL_ONLY",
                "maxInstanceRequestConcurrency": function.concurrency,
                "timeoutSeconds": 540,
            },
        }
        if not function.topic:
            made["eventTrigger"] = make_trigger(world, names, short)
        world.state["functions"][made["name"]] = made
        run.serve(world, made)


def make_trigger(world, names, short):
    location = names.config.bucket_location
    name = f"projects/{world.project}/locations/{location}/triggers/{short}-000001"
    subscription = f"projects/{world.project}/subscriptions/eventarc-{location}-{short}-sub-1"
    world.state["eventarc"][name] = {
        "name": name,
        "transport": {"pubsub": {"subscription": subscription}},
    }
    return {
        "trigger": name,
        "triggerRegion": location,
        "retryPolicy": "RETRY_POLICY_RETRY",
        "serviceAccountEmail": names.account("trigger"),
    }


def make_subscriptions(world, names):
    project = f"projects/{world.project}/subscriptions"
    pushed = [f"{project}/{names.function(function)}" for function in FUNCTIONS if function.topic]
    ends = {"deadLetterTopic": names.topic_name(DEAD_LETTERS), "maxDeliveryAttempts": 30}
    for name in (*pushed, subscription_of_trigger(world)):
        world.state["pubsub"][name] = {
            "name": name,
            "ackDeadlineSeconds": 600,
            "deadLetterPolicy": dict(ends),
            "expirationPolicy": {},
        }
    kept = f"{project}/{names.topic(DEAD_LETTERS)}-pull"
    world.state["pubsub"][kept] = {
        "name": kept,
        "ackDeadlineSeconds": 600,
        "expirationPolicy": {},
    }


def subscription_of_trigger(world):
    (trigger,) = world.state["eventarc"].values()
    return trigger["transport"]["pubsub"]["subscription"]


def give_rights(world, deployment):
    """Give what the plan's steps grant, and what it makes sure of for the services' own accounts."""
    agent = f"service-{world.number}@gs-project-accounts.iam.gserviceaccount.com"
    facts = {
        "${PROJECT_NUMBER}": world.number,
        "${STORAGE_AGENT}": agent,
        "${SINK_WRITER}": "serviceAccount:sink@logging.iam.gserviceaccount.com",
    }
    for step in deployment.steps:
        for grant in step.grants:
            member = grant.member
            for name, value in facts.items():
                member = member.replace(name, value)
            email = member.partition(":")[2]
            if email.startswith("service-"):
                world.state["agents"][email] = {"email": email}
            binding = {"role": grant.role, "members": [member]}
            if grant.condition:
                binding["condition"] = {"expression": grant.condition, "title": grant.title}
            key = place_of(world, deployment.names, step.key)
            kept = world.state["policies"].setdefault(key, {"bindings": []})
            kept["bindings"].append(binding)


def place_of(world, names, key):
    """Where the recorder keeps the policy that a step is about."""
    _, kind, *rest = key.split("/", 2)
    name = rest[0] if rest else ""
    project = f"projects/{world.project}"
    region = names.config.region
    functions = {function.name: names.function(function) for function in FUNCTIONS}
    buckets = {bucket.role: names.bucket(bucket.role) for bucket in BUCKETS}
    subscriptions = {short: f"{project}/subscriptions/{full}" for short, full in functions.items()}
    subscriptions["finalized"] = subscription_of_trigger(world)
    places = {
        "project": f"crm/{project}",
        "account": f"iam/{project}/serviceAccounts/{name}",
        "key": f"cloudkms/{names.config.kms_key}",
        "bucket": f"storage/{buckets.get(name, name.removeprefix('dataset/'))}",
        "topic": f"pubsub/{names.topic_name(name)}",
        "function": f"run/{project}/locations/{region}/services/{functions.get(name)}",
        "subscription": f"pubsub/{subscriptions.get(name)}",
    }
    return places.get(kind, f"elsewhere/{key}")
