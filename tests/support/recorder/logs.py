"""Cloud Logging: sinks with their writers, log-based metrics, and the entries that a test put there."""

from support.recorder.service import Service, merged, without_defaults

service = Service("logging", api="logging.googleapis.com")
SINK, METRIC = "projects/*/sinks/*", "projects/*/metrics/*"
NOW = "2026-01-01T00:00:00.000000000Z"


@service.on("POST", "v2/{parent=projects/*}/sinks")
def create_sink(call):
    name = f"{call['parent']}/sinks/{call.body['name']}"
    email = f"service-{call.world.number}@gcp-sa-logging.iam.gserviceaccount.com"
    call.world.state["agents"][email] = {"email": email}
    made = {
        **call.body,
        "resourceName": name,
        "writerIdentity": f"serviceAccount:{email}",
        "createTime": NOW,
        "updateTime": NOW,
    }
    return call.create(name, made, "Sink")


@service.on("GET", f"v2/{{name={SINK}}}")
def get_sink(call):
    return call.get(call["name"], "Sink")


@service.on("GET", "v2/{parent=projects/*}/sinks")
def list_sinks(call):
    return {"sinks": call.children(call["parent"], "sinks")}


@service.on("PATCH", f"v2/{{name={SINK}}}")
@service.on("PUT", f"v2/{{name={SINK}}}")
def update_sink(call):
    old = call.get(call["name"], "Sink")
    changed = merged(old, call.body, call.query.get("updateMask"))
    call.things[call["name"]] = without_defaults(changed)
    return call.things[call["name"]]


@service.on("DELETE", f"v2/{{name={SINK}}}")
def delete_sink(call):
    call.delete(call["name"], "Sink")
    return {}


def metric_shown(call, name):
    short = name.rpartition("/")[2]
    kind = f"logging.googleapis.com/user/{short}"
    sent = {"metricKind": "DELTA", "valueType": "INT64"} | call.body.get("metricDescriptor", {})
    sent |= {"name": f"projects/{call.world.project}/metricDescriptors/{kind}", "type": kind}
    return {
        **without_defaults(call.body),
        "name": short,
        "resourceName": name,
        "metricDescriptor": without_defaults(sent),
        "createTime": NOW,
        "updateTime": NOW,
    }


@service.on("POST", "v2/{parent=projects/*}/metrics")
def create_metric(call):
    name = f"{call['parent']}/metrics/{call.body['name']}"
    return call.create(name, metric_shown(call, name), "Metric")


@service.on("GET", f"v2/{{name={METRIC}}}")
def get_metric(call):
    return call.get(call["name"], "Metric")


@service.on("GET", "v2/{parent=projects/*}/metrics")
def list_metrics(call):
    return {"metrics": call.children(call["parent"], "metrics")}


@service.on("PUT", f"v2/{{name={METRIC}}}")
def update_metric(call):
    call.things[call["name"]] = metric_shown(call, call["name"])
    return call.things[call["name"]]


@service.on("DELETE", f"v2/{{name={METRIC}}}")
def delete_metric(call):
    call.delete(call["name"], "Metric")
    return {}


@service.on("POST", "v2/entries:list")
def list_entries(call):
    """What lies in `state["entries"]`, whatever the filter."""
    return {"entries": list(call.world.state["entries"].values())}
