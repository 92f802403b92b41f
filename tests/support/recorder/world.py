"""The project that the recorder keeps: resources of all APIs as plain dicts, and what outlives one request.

Knows state; knows no HTTP and no particular API.
"""

import itertools
import pickle
from collections import defaultdict

from support.recorder.service import ApiError

PROJECT, NUMBER = "test-project-1", "123456789012"
SERVERS_OWN = {"etag", "updateTime", "createTime", "metageneration", "updated", "timeCreated"}
"""What services stamp on things."""


def disabled(world, api):
    """What an API answers to a project that did not enable it."""
    message = (
        f"{api} has not been used in project {world.number} before or it is disabled. Enable it by "
        f"visiting https://console.developers.google.com/apis/api/{api}/overview?project={world.number} "
        "then retry."
    )
    reason = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"service": api, "consumer": f"projects/{world.number}"},
    }
    return ApiError(403, message, details=[reason])


def copied(value):
    """A copy of plain values, all the way down."""
    return pickle.loads(pickle.dumps(value))


class World:
    """One project; `state` holds everything that a snapshot takes along."""

    def __init__(self, project=PROJECT, number=NUMBER):
        self.project, self.number = project, number
        self.url = ""
        self.on_publish = self.on_tick = None
        self.state = defaultdict(dict)
        self.archives = {}
        """Uploaded sources by the name of the object that they were put into."""
        self.hooks = []
        """Calls to make once the request is answered to everybody's satisfaction, outside the lock."""
        self.counter = itertools.count(1)

    def snapshot(self):
        return copied(dict(self.state))

    def restore(self, snapshot):
        self.state.clear()
        self.state.update(copied(snapshot))

    def after(self, callback, *arguments):
        if callback:
            self.hooks.append((callback, arguments))

    def operation(self, service, parent, response, *, kind="", metadata=None):
        """Keep a long-running operation that is done, and return it."""
        name = f"{parent}/operations/operation-{next(self.counter)}"
        typed = {"@type": f"type.googleapis.com/{kind}"} if kind else {}
        done = {"name": name, "done": True, "response": typed | response}
        self.state["operations"][f"{service}/{name}"] = done | (
            {"metadata": metadata} if metadata else {}
        )
        return self.state["operations"][f"{service}/{name}"]

    def get_operation(self, service, name):
        if f"{service}/{name}" not in self.state["operations"]:
            raise ApiError(404, f"Operation not found: {name}")
        return self.state["operations"][f"{service}/{name}"]

    def by_id(self, name):
        """A resource name with the project's id where its number stands."""
        return name.replace(f"projects/{self.number}", f"projects/{self.project}")
