"""The secrets of the stand-in for gcloud: their place, their labels and their versions, and who may use them.

Written from the API's documentation and not from the deploy tool. What `state["given"]` holds under a secret's
name is what a person adds to it as soon as it is there; without it, a person has yet to come by.
"""

import json
from pathlib import Path

from support.fake_gcloud_resources import CommandError, pairs

NUMBER = "123456789012"


class Secrets:
    """The secrets of one project."""

    def __init__(self, project):
        self.project = project

    def secret(self, verb, names, flags):
        (name,) = names
        key = f"secret/{name}"
        if verb == "describe":
            return self.project.get(key)["shown"]
        if verb == "delete":
            return self.project.delete(key)
        if verb == "create":
            shown = {
                "name": f"projects/{NUMBER}/secrets/{name}",
                "replication": replication_of(flags),
                "labels": pairs(flags["labels"]) if "labels" in flags else {},
            }
            self.project.create(key, {"shown": shown, "versions": []})
            if name in self.project.state.get("given", {}):
                self.version("add", names, {"data-file": "-"})
            return shown
        known = {"update-labels", "project", "format"}
        if verb != "update" or flags.keys() - known:
            raise CommandError(f"unrecognized arguments: {flags.keys() - known}")
        shown = self.project.get(key)["shown"]
        shown["labels"] |= pairs(flags["update-labels"])
        return shown

    def version(self, verb, names, flags):
        """The newest first, as they are listed; a value is never part of what is answered."""
        name = names[-1]
        versions = self.project.get(f"secret/{name}")["versions"]
        if verb == "add":
            if flags["data-file"] != "-":
                raise CommandError("this stand-in reads values from standard input only")
            path = f"projects/{NUMBER}/secrets/{name}/versions/{len(versions) + 1}"
            versions.insert(0, {"name": path, "state": "ENABLED"})
        elif verb in {"disable", "enable", "destroy"}:
            (found,) = [one for one in versions if one["name"].endswith(f"/{names[0]}")]
            found["state"] = {
                "disable": "DISABLED",
                "enable": "ENABLED",
                "destroy": "DESTROYED",
            }[verb]
        return versions

    def variables(self, flags, before):
        """What `functions deploy` makes of its flags, for an account that has to be able to read all of it."""
        kept = before.get("secretEnvironmentVariables", [])
        if "set-secrets" in flags:
            kept = [
                self.variable(key, value, flags["run-service-account"])
                for key, value in pairs(flags["set-secrets"]).items()
            ]
        return {"secretEnvironmentVariables": kept} if kept and "clear-secrets" not in flags else {}

    def variable(self, key, value, account):
        name, version = value.split(":")
        versions = self.project.get(f"secret/{name}")["versions"]
        if version != "latest" or not versions or versions[0]["state"] != "ENABLED":
            raise CommandError(f"Secret {name}/versions/{version} was not found or is disabled")
        bindings = self.project.state["policies"].get(f"secret/{name}", {"bindings": []})
        readers = {
            member
            for binding in bindings["bindings"]
            if binding["role"] == "roles/secretmanager.secretAccessor"
            for member in binding["members"]
        }
        if f"serviceAccount:{account}" not in readers:
            raise CommandError(f"Permission denied on secret {name} for {account}: 403")
        return {"key": key, "projectId": NUMBER, "secret": name, "version": version}


def replication_of(flags):
    if "replication-policy-file" in flags:
        return json.loads(Path(flags["replication-policy-file"]).read_text())
    if flags["replication-policy"] == "automatic":
        return {"automatic": {}}
    places = flags["locations"].split(",")
    return {"userManaged": {"replicas": [{"location": place} for place in places]}}
