"""Cloud Build's default account, and Artifact Registry's repositories."""

from support.recorder.service import Service

service = Service("cloudbuild", api="cloudbuild.googleapis.com")
registry = Service("artifactregistry", api="artifactregistry.googleapis.com")
further = (registry,)
REPOSITORY = "projects/*/locations/*/repositories/*"


@service.on("GET", "v1/{parent=projects/*/locations/*}/defaultServiceAccount")
def default_account(call):
    email = f"{call.world.number}-compute@developer.gserviceaccount.com"
    return {
        "name": f"{call['parent']}/defaultServiceAccount",
        "serviceAccountEmail": f"projects/{call.world.project}/serviceAccounts/{email}",
    }


@registry.on("GET", f"v1/{{name={REPOSITORY}}}")
def get_repository(call):
    return call.get(call["name"])


@registry.on("GET", "v1/{parent=projects/*/locations/*}/repositories")
def list_repositories(call):
    return {"repositories": call.children(call["parent"], "repositories")}


@registry.on("DELETE", f"v1/{{name={REPOSITORY}}}")
def delete_repository(call):
    call.delete(call["name"])
    return call.world.operation(
        "artifactregistry", call["name"].rpartition("/repositories/")[0], {}
    )


@registry.on("GET", "v1/{name=projects/*/locations/*/operations/*}")
def get_operation(call):
    return call.world.get_operation("artifactregistry", call["name"])
