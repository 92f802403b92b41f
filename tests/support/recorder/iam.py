"""IAM: service accounts, their policies, and custom roles, which are deleted softly."""

from support.recorder.policies import forget_member, policy_routes
from support.recorder.service import ApiError, Service, merged

service = Service("iam", api="iam.googleapis.com")
ACCOUNT = "projects/*/serviceAccounts/*"
ROLE = "projects/*/roles/*"


def account_name(world, email):
    return f"projects/{world.project}/serviceAccounts/{email}"


def new_account(world, email, title=""):
    """Keep an account, as `gcloud iam service-accounts create` would."""
    unique = f"{100000000000000000000 + next(world.counter)}"
    account = {
        "name": account_name(world, email),
        "projectId": world.project,
        "uniqueId": unique,
        "email": email,
        "displayName": title,
        "etag": "MDEwMjE5MjA=",
        "oauth2ClientId": unique,
    }
    world.state["iam"][account["name"]] = account
    return account


def found_account(call, name="name"):
    email = call[name].rpartition("/")[2]
    full = account_name(call.world, email)
    if full not in call.things:
        raise ApiError(404, f"Unknown service account: {email}")
    return call.things[full]


@service.on("POST", "v1/{parent=projects/*}/serviceAccounts")
def create_account(call):
    short = call.body["accountId"]
    email = f"{short}@{call.world.project}.iam.gserviceaccount.com"
    if account_name(call.world, email) in call.things:
        parent = f"projects/{call.world.project}"
        raise ApiError(409, f"Service account {short} already exists within project {parent}.")
    if not 6 <= len(short) <= 30:
        raise ApiError(400, f"Invalid account id {short!r}: expected 6 to 30 characters.")
    return new_account(call.world, email, call.body.get("serviceAccount", {}).get("displayName"))


@service.on("GET", "v1/{parent=projects/*}/serviceAccounts")
def list_accounts(call):
    return {"accounts": call.children(call["parent"], "serviceAccounts")}


@service.on("GET", f"v1/{{name={ACCOUNT}}}")
def get_account(call):
    return found_account(call)


@service.on("PATCH", f"v1/{{name={ACCOUNT}}}")
def update_account(call):
    account = found_account(call)
    changed = merged(account, call.body["serviceAccount"], call.body["updateMask"])
    call.things[account["name"]] = changed
    return changed


@service.on("POST", f"v1/{{name={ACCOUNT}}}:enable")
def enable_account(call):
    found_account(call).pop("disabled", None)
    return {}


@service.on("POST", f"v1/{{name={ACCOUNT}}}:disable")
def disable_account(call):
    found_account(call)["disabled"] = True
    return {}


@service.on("DELETE", f"v1/{{name={ACCOUNT}}}")
def delete_account(call):
    account = found_account(call)
    call.delete(account["name"])
    forget_member(call.world, f"serviceAccount:{account['email']}", account["uniqueId"])
    return {}


def check_account(call):
    call.values["resource"] = found_account(call, "resource")["name"]


policy_routes(service, f"v1/{{resource={ACCOUNT}}}", exists=check_account, get_method="POST")


@service.on("POST", "v1/{parent=projects/*}/roles")
def create_role(call):
    name = f"{call['parent']}/roles/{call.body['roleId']}"
    if name in call.things:
        raise ApiError(409, f"A role named {call.body['roleId']} already exists.")
    return call.create(name, {"name": name, "etag": "BwXhqTPxGxA=", **call.body["role"]})


@service.on("GET", "v1/{parent=projects/*}/roles")
def list_roles(call):
    roles = call.children(call["parent"], "roles")
    deleted_too = call.query.get("showDeleted") == "true"
    return {"roles": [role for role in roles if deleted_too or not role.get("deleted")]}


def found_role(call):
    if call["name"] not in call.things:
        short = call["name"].rpartition("/")[2]
        raise ApiError(404, f"The role named {call['name']} was not found ({short}).")
    return call.things[call["name"]]


@service.on("GET", f"v1/{{name={ROLE}}}")
def get_role(call):
    return found_role(call)


@service.on("PATCH", f"v1/{{name={ROLE}}}")
def update_role(call):
    role = found_role(call)
    if role.get("deleted"):
        message = (
            f"You can't update role_id ({call['name']}) because it has been marked for deletion."
        )
        raise ApiError(400, message, status="FAILED_PRECONDITION")
    call.things[call["name"]] = merged(role, call.body, call.query.get("updateMask"))
    return call.things[call["name"]]


@service.on("DELETE", f"v1/{{name={ROLE}}}")
def delete_role(call):
    role = found_role(call)
    if role.get("deleted"):
        raise ApiError(
            400, f"Role {call['name']} is deleted already.", status="FAILED_PRECONDITION"
        )
    role["deleted"] = True
    return role


@service.on("POST", f"v1/{{name={ROLE}}}:undelete")
def undelete_role(call):
    role = found_role(call)
    if not role.pop("deleted", False):
        raise ApiError(400, f"Role {call['name']} is not deleted.", status="FAILED_PRECONDITION")
    return role


@service.on("POST", "v1/permissions:queryTestablePermissions")
def testable(_call):
    return {}
