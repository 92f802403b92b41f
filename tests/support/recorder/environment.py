"""The variables that lead a real gcloud to the recorder, and nowhere else.

Knows gcloud's variables; knows no API.
"""

OVERRIDES = {
    "aiplatform": "aiplatform/",
    "artifactregistry": "artifactregistry/",
    "cloudbuild": "cloudbuild/",
    "cloudfunctions": "functions/",
    "cloudkms": "cloudkms/",
    "cloudresourcemanager": "crm/",
    "cloudscheduler": "scheduler/",
    "eventarc": "eventarc/",
    "iam": "iam/",
    "logging": "logging/",
    "monitoring": "monitoring/",
    "pubsub": "pubsub/",
    "run": "run/",
    "secretmanager": "secretmanager/",
    "serviceusage": "serviceusage/",
    "storage": "storage/storage/v1/",
}
"""gcloud's name of an API, and where the recorder has it."""
# An API without a line here, such as billingbudgets, is reached through the recorder's proxy.


def environment(recorder, folder):
    """What a child needs in addition to its own environment.

    Args:
        recorder: A started `Recorder`.
        folder: Holds gcloud's own configuration and logs.
    """
    found = {
        "CLOUDSDK_CONFIG": str(folder / "gcloud"),
        "CLOUDSDK_CORE_PROJECT": recorder.world.project,
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        # Spinners rest for a fifth of a second before they end.
        "CLOUDSDK_CORE_INTERACTIVE_UX_STYLE": "OFF",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
        "CLOUDSDK_SURVEY_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_FILE_LOGGING": "1",
        "CLOUDSDK_STORAGE_PROCESS_COUNT": "1",
        "CLOUDSDK_AUTH_ACCESS_TOKEN": "local-token",
        # Whatever is asked of another host comes to the recorder as well, and never leaves the machine.
        "HTTPS_PROXY": recorder.url,
        "https_proxy": recorder.url,
        "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": str(recorder.authority),
        # Where it is set, the library below gcloud minds it before it minds gcloud.
        "REQUESTS_CA_BUNDLE": str(recorder.authority),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    for name, path in OVERRIDES.items():
        found[f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{name.upper()}"] = f"{recorder.url}/{path}"
    if recorder.storage_url:
        storage = f"{recorder.storage_url}/storage/v1/"
        found["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE"] = storage
    return found
