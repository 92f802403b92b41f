"""The JSON API's bucket requests, from parameters to the store and back.

Knows how each request is spelt; every rule about buckets is the store's.
"""

from tunedrop.local.storage.app import App
from tunedrop.local.storage.errors import ApiError
from tunedrop.local.storage.preconditions import Preconditions
from tunedrop.local.storage.store import PROJECT_NUMBER
from tunedrop.local.storage.wire import NO_CONTENT, Request, Response, json_response


def ready(_app: App, _request: Request) -> Response:
    """Answer that the server is up."""
    return json_response({"service": "tunedrop local storage"})


def service_account(_app: App, _request: Request, _project: str) -> Response:
    """Answer `projects.serviceAccount.get`, which notifications need."""
    email = f"service-{PROJECT_NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
    return json_response({"kind": "storage#serviceAccount", "email_address": email})


def list_buckets(app: App, request: Request) -> Response:
    """Answer `buckets.list`, in one page."""
    items = app.store.buckets.list(request.query.get("prefix", ""))
    return json_response({"kind": "storage#buckets", "items": items})


def create_bucket(app: App, request: Request) -> Response:
    """Answer `buckets.insert`."""
    return json_response(app.store.buckets.create(request.json()))


def get_bucket(app: App, request: Request, bucket: str) -> Response:
    """Answer `buckets.get`."""
    conditions = Preconditions.from_request(request.query, request.headers, reading=True)
    return json_response(app.store.buckets.get(bucket, conditions))


def patch_bucket(app: App, request: Request, bucket: str) -> Response:
    """Answer `buckets.patch`, and `buckets.update` as if it were one."""
    conditions = Preconditions.from_query(request.query)
    return json_response(app.store.buckets.patch(bucket, request.json(), conditions))


def delete_bucket(app: App, request: Request, bucket: str) -> Response:
    """Answer `buckets.delete`."""
    app.store.buckets.delete(bucket, Preconditions.from_query(request.query))
    return NO_CONTENT


def get_layout(app: App, _request: Request, bucket: str) -> Response:
    """Answer `buckets.getStorageLayout`, which gcloud asks before it works on folders."""
    resource = app.store.buckets.get(bucket)
    return json_response(
        {
            "kind": "storage#storageLayout",
            "bucket": bucket,
            "location": resource["location"],
            "locationType": resource["locationType"],
            "hierarchicalNamespace": {"enabled": False},
        }
    )


def list_managed_folders(app: App, _request: Request, bucket: str) -> Response:
    """Answer `managedFolders.list`, which gcloud asks before it removes a bucket: none."""
    app.store.buckets.get(bucket)
    return json_response({"kind": "storage#managedFolders", "items": []})


def get_policy(app: App, _request: Request, bucket: str) -> Response:
    """Answer `buckets.getIamPolicy`."""
    return json_response(app.store.buckets.policy(bucket))


def set_policy(app: App, request: Request, bucket: str) -> Response:
    """Answer `buckets.setIamPolicy`."""
    return json_response(app.store.buckets.set_policy(bucket, request.json()))


def test_permissions(app: App, request: Request, bucket: str) -> Response:
    """Answer `buckets.testIamPermissions`."""
    app.store.buckets.get(bucket)
    asked = request.query_all("permissions")
    granted = [permission for permission in asked if app.store.policies.permits(permission, bucket)]
    return json_response({"kind": "storage#testIamPermissionsResponse", "permissions": granted})


def list_notifications(app: App, _request: Request, bucket: str) -> Response:
    """Answer `notifications.list`."""
    items = list(app.store.buckets.notifications(bucket).values())
    return json_response({"kind": "storage#notifications", "items": items})


def create_notification(app: App, request: Request, bucket: str) -> Response:
    """Answer `notifications.insert`."""
    return json_response(app.store.buckets.add_notification(bucket, request.json()))


def get_notification(app: App, _request: Request, bucket: str, number: str) -> Response:
    """Answer `notifications.get`."""
    found = app.store.buckets.notifications(bucket).get(number)
    if found is None:
        raise ApiError(404, "notFound", f"No such notification: {bucket}/{number}")
    return json_response(found)


def delete_notification(app: App, _request: Request, bucket: str, number: str) -> Response:
    """Answer `notifications.delete`."""
    app.store.buckets.delete_notification(bucket, number)
    return NO_CONTENT
