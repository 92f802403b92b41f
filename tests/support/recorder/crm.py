"""Resource Manager: the project itself and its policy."""

from support.recorder.policies import policy_routes
from support.recorder.service import ApiError, Service

service = Service("crm", api="cloudresourcemanager.googleapis.com")


def check_project(call):
    name = f"projects/{call.world.project}"
    if call["resource"] != name:
        message = f"The caller does not have permission, or {call['resource']} does not exist."
        raise ApiError(403, message)
    return name


@service.on("GET", "v1/{resource=projects/*}")
def get_project(call):
    check_project(call)
    return {
        "projectNumber": call.world.number,
        "projectId": call.world.project,
        "lifecycleState": "ACTIVE",
        "name": call.world.project,
        "createTime": "2026-01-01T00:00:00.000Z",
    }


policy_routes(service, "v1/{resource=projects/*}", exists=check_project, get_method="POST")
