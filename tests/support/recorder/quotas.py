"""Cloud Quotas: what the project may use of an API, as a test put it there."""

from support.recorder.service import Service

service = Service("cloudquotas")
METRICS = {
    "restricted_image_training_nvidia_a100_80gb_gpus": (
        "Restricted image training Nvidia A100 80GB GPUs per region",
        "us-central1",
    ),
    "restricted_image_training_tpu": (
        "Restricted image training TPU V3 pod cores per region",
        "europe-west4",
    ),
    "concurrent_jobs": ("Global concurrent tuning jobs", "global"),
}


def new_quota(world, metric, value):
    """Keep a quota; JSON leaves out a value of 0, as the service does."""
    title, region = METRICS[metric]
    details = {"value": str(value)} if value else {}
    entry = {"details": details, "applicableLocations": [region]}
    if region != "global":
        entry["dimensions"] = {"region": region}
    world.state["cloudquotas"][metric] = {
        "quotaId": "".join(part.title() for part in metric.split("_")),
        "metric": f"aiplatform.googleapis.com/{metric}",
        "quotaDisplayName": title,
        "dimensionsInfos": [entry],
    }


@service.on("GET", "v1/projects/{project}/locations/global/services/{api}/quotaInfos")
def list_quotas(call):
    """One quota a page, so that whoever lists them has to turn pages."""
    quotas = list(call.things.values())
    place = int(call.query.get("pageToken") or 0)
    following = {"nextPageToken": str(place + 1)} if place + 1 < len(quotas) else {}
    return {"quotaInfos": quotas[place : place + 1]} | following
