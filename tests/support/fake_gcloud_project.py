"""The project that the stand-in for gcloud keeps: things by key, policies by the same keys.

It refuses what the services refuse: missing parents, unknown accounts and roles.
"""

import json
import re

from support import fake_gcloud_resources as shapes
from support.fake_gcloud_resources import CommandError
from support.fake_gcloud_secrets import Secrets

PROJECT, NUMBER = "test-project-1", "123456789012"
COMMON = {"project", "format", "quiet", "raw", "recursive"}


class Project:
    """Things and policies; a method per kind of thing takes gcloud's verb, its names and its flags."""

    def __init__(self, state):
        self.state = state
        self.secrets = Secrets(self)

    @property
    def things(self):
        return self.state["things"]

    def get(self, key):
        if key not in self.things:
            raise CommandError(f"NOT_FOUND: {key} not found: 404")
        return self.things[key]

    def create(self, key, thing):
        if key in self.things:
            raise CommandError(f"ALREADY_EXISTS: {key} already exists (409)")
        self.things[key] = thing
        return thing

    def delete(self, key):
        self.get(key)
        del self.things[key]
        self.state["policies"].pop(key, None)

    def simple(self, key, verb, flags, update):
        own = {k: v for k, v in flags.items() if k not in COMMON}
        if verb == "describe":
            return self.get(key)
        if verb == "delete":
            return self.delete(key)
        thing = {"name": key} if verb == "create" else json.loads(json.dumps(self.get(key)))
        update(thing, own)
        if verb == "create":
            self.create(key, thing)
        self.things[key] = thing
        return thing

    def project(self, _verb, names, _flags):
        return {"projectId": names[0], "projectNumber": NUMBER}

    def apis(self, verb, names, _flags):
        enabled = self.things.get("apis", [])
        if verb == "enable":
            self.things["apis"] = sorted({*enabled, *names})
        return [{"config": {"name": name}} for name in enabled]

    def agent(self, _verb, _names, flags):
        self.things[f"agent/{flags['service']}"] = {}

    def storage(self, verb, names, _flags):
        if verb == "service-agent":
            return f"service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
        bucket = self.get(f"bucket/{names[0].removeprefix('gs://')}")
        if "retentionPolicy" in bucket:
            raise CommandError("403 retentionPolicyNotMet")
        return self.delete(f"bucket/{bucket['name']}")

    def topic(self, verb, names, flags):
        return self.simple(f"topic/{names[0]}", verb, flags, shapes.update_topic)

    def trigger(self, _verb, names, _flags):
        return self.get(f"trigger/{names[0]}")

    def bucket(self, verb, names, flags):
        if verb == "list":
            return [thing for key, thing in self.things.items() if key.startswith("bucket/")]
        name = names[0].removeprefix("gs://")
        key = f"bucket/{name}"
        if verb == "create":
            self.create(key, shapes.new_bucket(name, NUMBER))
            self.state["policies"][key] = {"bindings": shapes.bucket_bindings(PROJECT)}
            verb = "update"
        return self.simple(key, verb, flags, shapes.update_bucket)

    def account(self, verb, names, flags):
        name = names[0]
        email = name if "@" in name else f"{name}@{PROJECT}.iam.gserviceaccount.com"
        key = f"account/{email}"
        if verb == "create":
            return self.create(key, {"email": email, "displayName": flags["display-name"]})
        if verb == "delete":
            return self.delete(key)
        account = self.get(key)
        if verb == "enable":
            account.pop("disabled", None)
        elif verb == "update":
            account["displayName"] = flags["display-name"]
        return account

    def role(self, verb, names, flags):
        name = names[0]
        key = f"role/{name}"
        if verb == "create":
            shapes.update_role(self.create(key, {"name": name}), flags)
            return None
        role = self.get(key)
        if verb == "update" and role.get("deleted"):
            raise CommandError(f"FAILED_PRECONDITION: role {name} is deleted")
        if verb == "update":
            shapes.update_role(role, flags)
        elif verb == "delete":
            role["deleted"] = True
        elif verb == "undelete":
            role.pop("deleted")
        return role

    def subscription(self, verb, names, flags):
        name = names[0].rpartition("/")[2]
        key = f"subscription/{name}"
        flags = dict(flags)
        if verb == "create":
            topic = flags.pop("topic")
            self.get(f"topic/{topic}")
            full = f"projects/{PROJECT}/subscriptions/{name}"
            self.create(key, shapes.new_subscription(full, f"projects/{PROJECT}/topics/{topic}"))
            verb = "update"
        if "push-auth-service-account" in flags:
            self.get(f"account/{flags['push-auth-service-account']}")
        return self.simple(
            key, verb, flags, lambda thing, own: shapes.update_subscription(thing, own, PROJECT)
        )

    def function(self, verb, names, flags):
        name = names[0]
        full = f"projects/{PROJECT}/locations/{flags['region']}/functions/{name}"
        key = f"function/{full}"
        if verb == "describe":
            return self.get(key)
        if verb == "delete":
            trigger = self.get(key).get("eventTrigger", {}).get("trigger")
            if trigger:
                self.delete(f"trigger/{trigger}")
                self.delete(f"subscription/eventarc-{name}")
            self.delete(f"service/{name}")
            return self.delete(key)
        for flag in ("run-service-account", "build-service-account", "trigger-service-account"):
            if flag in flags:
                self.get(f"account/{flags[flag].rpartition('/')[2]}")
        before = self.things.get(key)
        function = shapes.deployed_function(full, flags, before, PROJECT)
        config, old = function["serviceConfig"], (before or {}).get("serviceConfig", {})
        config |= self.secrets.variables(flags, old)
        self.things[key] = function
        self.things.setdefault(f"service/{name}", {})
        trigger = function.get("eventTrigger", {}).get("trigger")
        if trigger and f"trigger/{trigger}" not in self.things:
            path = f"projects/{PROJECT}/subscriptions/eventarc-{name}"
            made = shapes.new_subscription(path, f"projects/{PROJECT}/topics/eventarc-{name}")
            self.things[f"subscription/eventarc-{name}"] = made
            self.things[f"trigger/{trigger}"] = {"transport": {"pubsub": {"subscription": path}}}
        return function

    def sink(self, verb, names, flags):
        key = f"sink/{names[0]}"
        if verb == "create":
            writer = f"serviceAccount:service-{NUMBER}@gcp-sa-logging.iam.gserviceaccount.com"
            self.create(key, {"name": names[0], "writerIdentity": writer})
        if verb == "delete":
            return self.delete(key)
        sink = self.get(key)
        if verb != "describe":
            sink["destination"] = names[1]
            for flag, field in (("log-filter", "filter"), ("description", "description")):
                if flag in flags:
                    sink[field] = flags[flag]
            if "no-disabled" in flags:
                sink.pop("disabled", None)
        return sink

    def tick(self, verb, names, flags):
        name = names[0]
        key = f"tick/{flags['location']}/{name}"
        if verb == "create":
            return self.create(key, shapes.scheduler_job(name, flags))
        if verb == "delete":
            return self.delete(key)
        job = self.get(key)
        if verb == "resume":
            job["state"] = "ENABLED"
        elif verb == "update":
            job.update(shapes.scheduler_job(name, flags) | {"state": job["state"]})
        return job

    def repository(self, _verb, names, flags):
        return self.get(f"repository/{flags['location']}/{names[0]}")

    def endpoint(self, _verb, _names, flags):
        start = f"endpoint/{flags['region']}/"
        return [thing for key, thing in self.things.items() if key.startswith(start)]

    def budget(self, verb, names, flags):
        if verb == "list":
            return [thing for key, thing in self.things.items() if key.startswith("budget/")]
        name = names[0] if names else f"billingAccounts/{flags['billing-account']}/budgets/b1"
        if verb == "create":
            self.create(f"budget/{name}", {"name": name})
        if verb == "delete":
            return self.delete(f"budget/{name}")
        shapes.update_budget(self.get(f"budget/{name}"), flags, NUMBER)
        return None

    def policy_key(self, group, name):
        kind = {
            "projects": "project",
            "buckets": "bucket",
            "topics": "topic",
            "subscriptions": "subscription",
            "service-accounts": "account",
            "services": "service",
            "keys": "key",
            "secrets": "secret",
        }[group[-1]]
        short = name.removeprefix("gs://")
        short = short.rpartition("/")[2] if kind == "subscription" else short
        key = f"{kind}/{short}"
        if kind not in {"project", "key"}:
            self.get(key)
        return key

    def policy(self, key, verb, flags):
        policy = self.state["policies"].setdefault(key, {"bindings": []})
        if verb == "get-iam-policy":
            return policy
        self.check_binding(verb, flags)
        condition = condition_of(flags.get("condition", ""))
        for binding in policy["bindings"]:
            if binding["role"] == flags["role"] and binding.get("condition") == condition:
                members = set(binding["members"])
                break
        else:
            binding, members = {"role": flags["role"]}, set()
            if condition:
                binding["condition"] = condition
            policy["bindings"].append(binding)
        change = members.add if verb.startswith("add") else members.discard
        change(flags["member"])
        binding["members"] = sorted(members)
        policy["bindings"] = [one for one in policy["bindings"] if one["members"]]
        return policy

    def check_binding(self, verb, flags):
        kind, _, email = flags["member"].partition(":")
        if verb.startswith("remove"):
            return
        if kind == "serviceAccount" and email.endswith(f"@{PROJECT}.iam.gserviceaccount.com"):
            self.get(f"account/{email}")
        agent = re.fullmatch(
            r"service-\d+@gcp-sa-(pubsub|eventarc|cloudscheduler|secretmanager)\..*", email
        )
        if agent:
            self.get(f"agent/{agent[1]}.googleapis.com")
        if "/roles/" in flags["role"]:
            self.get(f"role/{flags['role'].rpartition('/')[2]}")


def condition_of(text):
    if text in {"", "None"}:
        return None
    expression, _, title = text.removeprefix("expression=").rpartition(",title=")
    return {"expression": expression, "title": title}
