"""Cloud Monitoring: alert policies, dashboards and notification channels, named by the service."""

import re

from support.recorder.service import ApiError, Service, merged, without_defaults

service = Service("monitoring", api="monitoring.googleapis.com")
POLICY, CHANNEL = "projects/*/alertPolicies/*", "projects/*/notificationChannels/*"
DASHBOARD = "projects/*/dashboards/*"


def named_conditions(call, policy):
    policy = without_defaults(policy, keep={"enabled"})
    for condition in policy.get("conditions", []):
        condition.setdefault("name", f"{policy['name']}/conditions/{next(call.world.counter)}")
    return policy


@service.on("POST", "v3/{parent=projects/*}/alertPolicies")
def create_policy(call):
    body = call.body
    if not body.get("displayName") or not body.get("conditions") or not body.get("combiner"):
        raise ApiError(
            400, "Field alert_policy had an invalid value: name, conditions and combiner."
        )
    for channel in body.get("notificationChannels", []):
        call.get(channel)
    name = f"{call['parent']}/alertPolicies/{9000 + next(call.world.counter)}"
    return call.create(name, named_conditions(call, {"enabled": True, **body, "name": name}))


@service.on("GET", "v3/{parent=projects/*}/alertPolicies")
def list_policies(call):
    return {"alertPolicies": filtered(call, call.children(call["parent"], "alertPolicies"))}


def filtered(call, things):
    text = call.query.get("filter")
    if not text:
        return things
    match = re.fullmatch(r'\s*display_?name\s*=\s*"(.*)"\s*', text, re.IGNORECASE)
    if not match:
        raise ApiError(400, f"the recorder knows no filter {text!r}")
    return [thing for thing in things if thing["displayName"] == match[1]]


@service.on("GET", f"v3/{{name={POLICY}}}")
def get_policy(call):
    return call.get(call["name"])


@service.on("PATCH", f"v3/{{name={POLICY}}}")
def update_policy(call):
    old, mask = call.get(call["name"]), call.query.get("updateMask")
    changed = merged(old, call.body, mask) if mask else {"enabled": True, **call.body}
    call.things[call["name"]] = named_conditions(call, {**changed, "name": call["name"]})
    return call.things[call["name"]]


@service.on("DELETE", f"v3/{{name={POLICY}}}")
def delete_policy(call):
    call.delete(call["name"])
    return {}


@service.on("GET", f"v3/{{name={CHANNEL}}}")
def get_channel(call):
    return call.get(call["name"])


@service.on("GET", "v3/{parent=projects/*}/notificationChannels")
def list_channels(call):
    return {"notificationChannels": call.children(call["parent"], "notificationChannels")}


@service.on("POST", "v1/{parent=projects/*}/dashboards")
def create_dashboard(call):
    short = call.body.get("name", "").rpartition("/")[2] or f"dash-{next(call.world.counter)}"
    name = f"{call['parent']}/dashboards/{short}"
    if call.query.get("validateOnly", "").lower() == "true":
        return call.body
    return call.create(name, {**call.body, "name": name, "etag": f"e{next(call.world.counter)}"})


@service.on("GET", "v1/{parent=projects/*}/dashboards")
def list_dashboards(call):
    return {"dashboards": call.children(call["parent"], "dashboards")}


@service.on("GET", f"v1/{{name={DASHBOARD}}}")
def get_dashboard(call):
    return call.get(call["name"])


@service.on("PATCH", f"v1/{{name={DASHBOARD}}}")
def update_dashboard(call):
    old = call.get(call["name"])
    if call.body.get("etag", old["etag"]) != old["etag"]:
        raise ApiError(409, "The dashboard was changed by somebody else.", status="ABORTED")
    changed = {**call.body, "name": call["name"], "etag": f"e{next(call.world.counter)}"}
    call.things[call["name"]] = changed
    return changed


@service.on("DELETE", f"v1/{{name={DASHBOARD}}}")
def delete_dashboard(call):
    call.delete(call["name"])
    return {}
