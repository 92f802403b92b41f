"""IAM policies of any resource: read, written under an etag, and refused where they name what does not exist.

Knows policies; knows no particular resource.
"""

import base64
import hashlib
import json
import re

from support.recorder.service import ApiError

AGENT = re.compile(r"service-(\d+)@(gcp-sa-[a-z-]+|gs-project-accounts)\.iam\.gserviceaccount\.com")


def policy_routes(service, template, *, exists=None, get_method="GET"):
    """Give a resource its three policy methods; `template` names it `resource`.

    Args:
        service: Whose resource it is.
        template: Path without the verb.
        exists: Refuses a call for a resource that is not there; by default one that is not kept.
        get_method: How policies are asked for; a few APIs POST.
    """
    check = exists or (lambda call: call.get(call["resource"]))

    @service.on(get_method, f"{template}:getIamPolicy")
    def get_policy(call):
        check(call)
        return read_policy(call, call["resource"], wanted_version(call))

    @service.on("POST", f"{template}:setIamPolicy")
    def set_policy(call):
        check(call)
        return write_policy(call, call["resource"], call.body.get("policy", {}))

    @service.on("POST", f"{template}:testIamPermissions")
    def test_permissions(call):
        check(call)
        return allowed_permissions(call, call["resource"], call.body.get("permissions", []))


def wanted_version(call):
    sent = call.body.get("options", {}).get("requestedPolicyVersion")
    text = call.query.get("options.requestedPolicyVersion") or call.query.get(
        "optionsRequestedPolicyVersion"
    )
    return int(sent or text or 1)


def kept_policy(world, key):
    return world.state["policies"].setdefault(key, {"bindings": []})


def etag_of(policy):
    text = json.dumps(policy["bindings"], sort_keys=True)
    # Of hex digits, so that the two alphabets of base64 agree on it.
    return base64.b64encode(hashlib.sha256(text.encode()).hexdigest()[:9].encode()).decode()


def read_policy(call, resource, version):
    """A policy as it is answered; one with conditions is not told to whoever asks for an old version."""
    policy = kept_policy(call.world, f"{call.service}/{resource}")
    conditional = any("condition" in binding for binding in policy["bindings"])
    if conditional and version < 3:
        raise ApiError(400, "Policy has conditions: ask for requestedPolicyVersion 3.")
    answer = {"version": 3 if conditional else 1, "etag": etag_of(policy)}
    return answer | ({"bindings": policy["bindings"]} if policy["bindings"] else {})


def write_policy(call, resource, policy):
    kept = kept_policy(call.world, f"{call.service}/{resource}")
    if policy.get("etag", etag_of(kept)) != etag_of(kept):
        message = "There were concurrent policy changes. Please retry the whole read-modify-write."
        raise ApiError(409, message, status="ABORTED")
    for binding in policy.get("bindings", []):
        check_binding(call.world, binding, policy.get("version", 1))
    joined = {}
    for binding in policy.get("bindings", []):
        key = (binding["role"], json.dumps(binding.get("condition"), sort_keys=True))
        entry = joined.setdefault(key, {**binding, "members": []})
        entry["members"] = sorted({*entry["members"], *binding.get("members", [])})
    kept["bindings"] = [entry for entry in joined.values() if entry["members"]]
    return read_policy(call, resource, 3)


def check_binding(world, binding, version):
    """Refuse unknown accounts and roles, and conditions under an old version."""
    if "condition" in binding and version < 3:
        raise ApiError(400, "Conditions need policy version 3.")
    role = world.state["iam"].get(binding["role"])
    if binding["role"].startswith("projects/") and (role is None or role.get("deleted")):
        raise ApiError(400, f"Role {binding['role']} is not supported for this resource.")
    for member in binding.get("members", []):
        kind, _, email = member.partition(":")
        if kind == "serviceAccount" and not known_account(world, email):
            raise ApiError(400, f"Service account {email} does not exist.")


def known_account(world, email):
    """Accounts of other projects are taken as they are."""
    if email.endswith(f"@{world.project}.iam.gserviceaccount.com"):
        return f"projects/{world.project}/serviceAccounts/{email}" in world.state["iam"]
    agent = AGENT.fullmatch(email)
    if agent and agent[1] == world.number:
        return email in world.state["agents"]
    return True


def allowed_permissions(call, resource, asked):
    """Every permission, except what `state["denied"]` keeps back for the resource or for all (`*`)."""
    denied = call.world.state["denied"]
    kept_back = {*denied.get("*", ()), *denied.get(f"{call.service}/{resource}", ())}
    found = [permission for permission in asked if permission not in kept_back]
    return {"permissions": found} if found else {}


def forget_member(world, member, unique_id):
    """Keep a deleted account in policies the way IAM does."""
    for policy in world.state["policies"].values():
        for binding in policy["bindings"]:
            binding["members"] = [
                f"deleted:{one}?uid={unique_id}" if one == member else one
                for one in binding["members"]
            ]
