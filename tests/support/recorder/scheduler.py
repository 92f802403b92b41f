"""Cloud Scheduler: jobs with the service's defaults; one that is run by hand is handed to the caller."""

from support.recorder.service import Service, merged, without_defaults

service = Service("scheduler", api="cloudscheduler.googleapis.com")
JOB = "projects/*/locations/*/jobs/*"
NOW = "2026-01-01T00:00:00.000000Z"
RETRIES = {
    "maxRetryDuration": "0s",
    "minBackoffDuration": "5s",
    "maxBackoffDuration": "3600s",
    "maxDoublings": 5,
}


def settled(job):
    job = without_defaults(job)
    return {
        "state": "ENABLED",
        "timeZone": "UTC",
        **job,
        "retryConfig": RETRIES | job.get("retryConfig", {}),
        "userUpdateTime": NOW,
        "scheduleTime": NOW,
    }


@service.on("GET", "v1/{parent=projects/*}/locations")
def locations(call):
    ids = ("europe-west4", "us-central1")
    return {
        "locations": [{"name": f"{call['parent']}/locations/{i}", "locationId": i} for i in ids]
    }


@service.on("POST", "v1/{parent=projects/*/locations/*}/jobs")
def create_job(call):
    return call.create(call.body["name"], settled(call.body), "Job")


@service.on("GET", f"v1/{{name={JOB}}}")
def get_job(call):
    return call.get(call["name"], "Job")


@service.on("GET", "v1/{parent=projects/*/locations/*}/jobs")
def list_jobs(call):
    return {"jobs": call.children(call["parent"], "jobs")}


@service.on("PATCH", f"v1/{{name={JOB}}}")
def update_job(call):
    old = call.get(call["name"], "Job")
    call.things[call["name"]] = settled(merged(old, call.body, call.query.get("updateMask")))
    return call.things[call["name"]]


@service.on("DELETE", f"v1/{{name={JOB}}}")
def delete_job(call):
    call.delete(call["name"], "Job")
    return {}


@service.on("POST", f"v1/{{name={JOB}}}:pause")
def pause_job(call):
    call.get(call["name"], "Job")["state"] = "PAUSED"
    return call.things[call["name"]]


@service.on("POST", f"v1/{{name={JOB}}}:resume")
def resume_job(call):
    call.get(call["name"], "Job")["state"] = "ENABLED"
    return call.things[call["name"]]


@service.on("POST", f"v1/{{name={JOB}}}:run")
def run_job(call):
    job = call.get(call["name"], "Job")
    job["lastAttemptTime"] = NOW
    call.world.after(call.world.on_tick, job)
    return job
