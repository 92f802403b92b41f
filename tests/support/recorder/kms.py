"""Cloud KMS: keys that a test put there, and who may use them."""

from support.recorder.policies import kept_policy, policy_routes
from support.recorder.service import ApiError, Service

service = Service("cloudkms", api="cloudkms.googleapis.com")
KEY = "projects/*/locations/*/keyRings/*/cryptoKeys/*"


def new_key(world, name):
    """Keep a key for encryption."""
    version = {"name": f"{name}/cryptoKeyVersions/1", "state": "ENABLED"}
    made = {"name": name, "purpose": "ENCRYPT_DECRYPT", "primary": version}
    world.state["cloudkms"][name] = made
    return made


def check_key(world, key, agent):
    """Refuse to keep something under a key that is not there, or that the service's account may not use."""
    member = f"serviceAccount:service-{world.number}@{agent}.iam.gserviceaccount.com"
    if not key:
        return
    if key not in world.state["cloudkms"]:
        raise ApiError(404, f"Cloud KMS key {key} was not found.")
    bindings = kept_policy(world, f"cloudkms/{key}")["bindings"]
    users = [b["members"] for b in bindings if b["role"].endswith("cryptoKeyEncrypterDecrypter")]
    if not any(member in members for members in users):
        email = member.partition(":")[2]
        raise ApiError(403, f"Permission denied on Cloud KMS key. Let {email} use {key}.")


@service.on("GET", f"v1/{{name={KEY}}}")
def get_key(call):
    return call.get(call["name"], "CryptoKey")


policy_routes(service, f"v1/{{resource={KEY}}}")
