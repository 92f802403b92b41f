"""Log-based metrics, dashboards and alert policies of the stand-in for gcloud.

Written from the APIs' documentation and not from the deploy tool, so that the two can disagree.
"""

import json
from pathlib import Path

from support.fake_gcloud_resources import CommandError


class Watch:
    """What watches the project; a method per kind of thing takes gcloud's verb, its names and its flags."""

    def __init__(self, project):
        self.project = project

    def metric(self, verb, names, flags):
        key = f"metric/{names[0]}"
        if verb == "delete":
            return self.project.delete(key)
        if verb == "describe":
            return self.project.get(key)
        sent = read_file(flags, "config-from-file")
        if verb == "create":
            check_extractors(sent)
            return self.project.create(key, {**sent, "name": names[0]})
        metric = self.project.get(key)
        for field in ("metricKind", "valueType"):
            if sent["metricDescriptor"][field] != metric["metricDescriptor"][field]:
                raise CommandError(f"INVALID_ARGUMENT: {field} cannot be changed")
        metric.update(sent)
        return metric

    def dashboard(self, verb, names, flags):
        if verb == "create":
            sent = read_file(flags, "config-from-file")
            key = f"dashboard/{sent['name'].rpartition('/')[2]}"
            if "etag" in sent:
                raise CommandError("INVALID_ARGUMENT: etag is not for creation")
            return self.project.create(key, {**sent, "etag": "e1"})
        key = f"dashboard/{names[0]}"
        if verb == "delete":
            return self.project.delete(key)
        dashboard = self.project.get(key)
        if verb == "update":
            sent = json.loads(flags["config"])
            if sent.pop("etag", None) != dashboard["etag"]:
                raise CommandError("ABORTED: the etag is not that of the live dashboard (409)")
            tag = f"e{int(dashboard['etag'][1:]) + 1}"
            self.project.things[key] = {**sent, "etag": tag}
        return dashboard

    def policy(self, verb, names, flags):
        things = self.project.things
        known = [key for key in things if key.startswith("alert/")]
        if verb == "list":
            return [things[key] for key in known]
        if verb == "create":
            sent = read_file(flags, "policy-from-file")
            number = 1 + max((int(key.rpartition("/")[2]) for key in known), default=0)
            name = f"projects/{flags['project']}/alertPolicies/{number}"
            self.check_metrics(sent)
            return self.project.create(f"alert/{name}", shown_policy(sent, name))
        key = f"alert/{names[0]}"
        if verb == "delete":
            return self.project.delete(key)
        self.project.get(key)
        things[key] = shown_policy(read_file(flags, "policy-from-file"), names[0])
        return things[key]

    def check_metrics(self, policy):
        """Log-based metrics that a policy is about have to exist, as the service demands."""
        for part in json.dumps(policy).split("logging.googleapis.com/user/")[1:]:
            name = part.partition("\\")[0]
            if f"metric/{name}" not in self.project.things:
                raise CommandError(f"NOT_FOUND: Cannot find metric(s) that match type {name}")


def read_file(flags, flag):
    return json.loads(Path(flags[flag]).read_text())


def check_extractors(metric):
    labels = {label["key"] for label in metric["metricDescriptor"].get("labels", [])}
    if labels != set(metric.get("labelExtractors", {})):
        raise CommandError("INVALID_ARGUMENT: labels and their extractors differ")


def shown_policy(sent, name):
    """What the service gives back: names of its own, and no numbers that are zero."""
    policy = json.loads(json.dumps(sent))
    for number, condition in enumerate(policy["conditions"]):
        condition["name"] = f"{name}/conditions/{number}"
        threshold = condition.get("conditionThreshold", {})
        if threshold.get("thresholdValue") == 0:
            del threshold["thresholdValue"]
    return {"enabled": True, **policy, "name": name}
