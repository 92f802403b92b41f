"""A stateful stand-in for Google's APIs that real gcloud, and anything that speaks REST, can be pointed at.

One `Service` per API, in a module of its own, under a path prefix of its own: what is asked for at
`https://pubsub.googleapis.com/v1/…` is asked for at `<recorder.url>/pubsub/v1/…`.

To add one, write `support/recorder/quotas.py`:

    from support.recorder.service import Service

    service = Service("quotas")

    @service.on("GET", "v1/{name=projects/*/quotas/*}")
    def get_quota(call):
        return call.get(call["name"])

and name the module in `support/recorder/server.py` (`MODULES`), or hand the service over with
`Recorder(services=[quotas.service])`. A handler gets a `Call` (`support/recorder/service.py`) and
returns JSON, or raises `ApiError`. Things lie in plain dicts, `recorder.state[prefix][resource name]`,
policies in `recorder.state["policies"]["prefix/resource name"]`; change them to break something, or
`restore` a `snapshot`. Where gcloud shall reach it as well, add a line to `OVERRIDES` in `environment.py`.
"""

from support.recorder.environment import environment
from support.recorder.server import Recorder
from support.recorder.service import ApiError, Call, Request, Service

__all__ = ["ApiError", "Call", "Recorder", "Request", "Service", "environment"]
