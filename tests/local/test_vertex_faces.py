"""Both faces of the Vertex AI stand-in on one state, its switches, script, record and log entries."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from google.api_core import exceptions
from google.api_core.exceptions import GoogleAPICallError

from support.vertex import PARENT, code_job, running_vertex, tuning_job
from tunedrop.local.vertex import Rule

POST_JOB = f"/v1/{PARENT}/pipelineJobs"


@pytest.fixture
def world(tmp_path):
    with running_vertex(tmp_path) as started:
        yield started


@pytest.fixture(params=["grpc", "rest"])
def face(world, request):
    return getattr(world, request.param)


def json_job(**parameters):
    """Write the canonical body of the page, as curl would send it."""
    job = code_job(**parameters)
    values = job["runtime_config"]["parameter_values"]
    return {
        "displayName": job["display_name"],
        "labels": job["labels"],
        "runtimeConfig": {"gcsOutputDirectory": "gs://work/out", "parameterValues": values},
        "templateUri": job["template_uri"],
    }


def post(world, path, body, **query):
    return requests.post(world.rest_url + path, json=body, params=query, timeout=30)


def test_what_one_face_creates_the_other_sees(world):
    by_rest = world.rest.create_pipeline_job(code_job(), "by-rest")
    by_grpc = world.grpc.create_tuning_job(tuning_job())

    assert by_rest == world.grpc.pipelines.get_pipeline_job(name=by_rest.name, timeout=30)
    assert by_grpc == world.rest.tuning.get_tuning_job(name=by_grpc.name, timeout=30)


def test_the_page_s_curl_call_works_with_the_id_in_the_query(world):
    answer = post(world, POST_JOB, json_job(), pipelineJobId="by-curl")

    assert 200 == answer.status_code
    assert (f"{PARENT}/pipelineJobs/by-curl", "PIPELINE_STATE_PENDING") == (
        answer.json()["name"],
        answer.json()["state"],
    )


def test_a_repeated_id_is_a_conflict_on_both_faces(face):
    face.create_pipeline_job(code_job(), "job-1")

    with pytest.raises(exceptions.Conflict, match="already exists"):
        face.create_pipeline_job(code_job(), "job-1")


def test_of_many_creates_with_one_id_at_once_exactly_one_wins(face):
    def create(_):
        try:
            return face.create_pipeline_job(code_job(), "job-1").name
        except exceptions.Conflict:
            return None

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(create, range(16)))

    assert 1 == len([name for name in answers if name])


def test_of_many_tuning_jobs_at_once_only_as_many_as_the_cap_allows_are_taken(tmp_path):
    with running_vertex(tmp_path, concurrency=3) as world:

        def create(_):
            try:
                return world.grpc.create_tuning_job(tuning_job()).name
            except exceptions.ResourceExhausted:
                return None

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(create, range(16)))

        assert 3 == len({name for name in answers if name})


def test_a_refusal_is_google_s_json_with_the_field(world):
    answer = post(world, POST_JOB, json_job(train_steps="many"))

    error = answer.json()["error"]
    assert (400, 400, "INVALID_ARGUMENT") == (answer.status_code, error["code"], error["status"])
    (detail,) = error["details"]
    assert "type.googleapis.com/google.rpc.BadRequest" == detail["@type"]
    assert detail["fieldViolations"][0]["field"].endswith("train_steps")


BODIES = {
    "no JSON": b"{",
    "the page's missing comma": b'{"runtimeConfig": {} "templateUri": "x"}',
    "no object": b"[]",
    "an unknown field": b'{"displayNam": "x"}',
    "a wrong type": b'{"labels": 7}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_cannot_be_read_is_refused(world, body):
    answer = requests.post(world.rest_url + POST_JOB, data=body, timeout=30)

    assert 400 == answer.status_code
    assert "Invalid JSON payload" in answer.json()["error"]["message"]


def test_an_unknown_path_is_not_found(world):
    answer = requests.get(f"{world.rest_url}/v1/{PARENT}/hamsters", timeout=30)

    assert (404, "NOT_FOUND") == (answer.status_code, answer.json()["error"]["status"])


@pytest.mark.parametrize("size", [2, "ADAPTER_SIZE_FOUR"], ids=["number", "name"])
def test_enums_are_read_as_numbers_and_as_names_and_written_as_names(world, size):
    body = {
        "baseModel": "gemini-3.5-flash",
        "supervisedTuningSpec": {
            "trainingDatasetUri": "gs://work/gemini.jsonl",
            "hyperParameters": {"epochCount": "3", "adapterSize": size},
        },
    }

    answer = post(world, f"/v1/{PARENT}/tuningJobs", body).json()

    assert {"epochCount": "3", "adapterSize": "ADAPTER_SIZE_FOUR"} == answer[
        "supervisedTuningSpec"
    ]["hyperParameters"]


@pytest.mark.parametrize("root", ["ui", "v1"])
def test_operations_are_polled_under_both_roots(world, root):
    operation = world.grpc.endpoints.create_endpoint(
        parent=PARENT, endpoint={"display_name": "e"}, timeout=30
    ).operation

    answer = requests.get(f"{world.rest_url}/{root}/{operation.name}", timeout=30).json()

    assert (True, "e") == (answer["done"], answer["response"]["displayName"])


def test_every_create_body_is_recorded_as_it_was_received(world):
    sent = json_job()
    post(world, POST_JOB, sent, pipelineJobId="job-1")
    post(world, POST_JOB, sent, pipelineJobId="job-1")
    world.grpc.create_tuning_job(tuning_job())

    recorded = requests.get(f"{world.rest_url}/_tunedrop/requests", timeout=30).json()["requests"]

    assert [
        ("rest", "CreatePipelineJob", "job-1", "OK"),
        ("rest", "CreatePipelineJob", "job-1", "ALREADY_EXISTS"),
        ("grpc", "CreateTuningJob", "", "OK"),
    ] == [(r["face"], r["method"], r["id"], r["outcome"]) for r in recorded]
    assert (PARENT, sent) == (recorded[0]["parent"], recorded[0]["body"])
    assert {
        "trainingDatasetUri": "gs://work/gemini.jsonl",
        "hyperParameters": {"epochCount": "2"},
    } == recorded[2]["body"]["supervisedTuningSpec"]
    assert recorded == world.server.requests()


def test_the_clock_is_skipped_over_http(world):
    job = world.grpc.create_tuning_job(tuning_job())

    answer = post(world, "/_tunedrop/clock:skip", {"seconds": 101})

    assert 200 == answer.status_code
    ended = world.grpc.tuning.get_tuning_job(name=job.name, timeout=30)
    assert "JOB_STATE_SUCCEEDED" == ended.state.name


@pytest.mark.parametrize("seconds", [-1, "5", None, True, 1e300])
def test_the_clock_never_runs_backwards(world, seconds):
    answer = post(world, "/_tunedrop/clock:skip", {"seconds": seconds})

    assert 400 == answer.status_code


BAD_RULES = {
    "no list": {"rules": {}},
    "an unknown act": {"rules": [{"act": "explode"}]},
    "an unknown field": {"rules": [{"act": "fail", "when": "always"}]},
    "an unknown code": {"rules": [{"act": "fail", "code": "OOPS"}]},
    "an unknown task": {"rules": [{"act": "fail_task", "task": "lunch"}]},
    "a wrong type": {"rules": [{"act": "fail", "times": "twice"}]},
}


@pytest.mark.parametrize("body", BAD_RULES.values(), ids=BAD_RULES)
def test_a_script_that_cannot_be_played_is_refused(world, body):
    assert 400 == post(world, "/_tunedrop/script", body).status_code


def test_rules_are_used_in_order_and_only_by_what_they_match(world):
    rules = [
        {"act": "refuse", "code": "RESOURCE_EXHAUSTED", "message": "full", "labels": {"run": "b"}},
        {"act": "refuse", "code": "PERMISSION_DENIED", "display_name": "tune*", "times": 2},
        {"act": "refuse", "code": "NOT_FOUND", "base_model": "gemini-*"},
    ]
    post(world, "/_tunedrop/script", {"rules": rules})

    outcomes = []
    for labels in ({"run": "a"}, {"run": "b"}, {"run": "a"}, {"run": "a"}):
        try:
            world.grpc.create_pipeline_job(code_job(labels=labels), "job-1")
        except GoogleAPICallError as error:
            outcomes.append(error.grpc_status_code.name)
        else:
            outcomes.append("OK")

    assert ["PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "PERMISSION_DENIED", "OK"] == outcomes
    left = requests.get(f"{world.rest_url}/_tunedrop/script", timeout=30).json()["rules"]
    assert ["gemini-*"] == [rule["base_model"] for rule in left]


def test_a_lost_response_leaves_the_job_behind(face, world):
    world.server.script(Rule("lose_response"))

    with pytest.raises(exceptions.ServiceUnavailable):
        face.create_pipeline_job(code_job(), "job-1")
    with pytest.raises(exceptions.Conflict):
        face.create_pipeline_job(code_job(), "job-1")


@pytest.mark.parametrize(("act", "jobs"), [("hang", 0), ("hang_after", 1)])
def test_a_call_that_hangs_ends_at_the_caller_s_deadline(world, act, jobs):
    world.server.script(Rule(act))

    with pytest.raises(exceptions.DeadlineExceeded):
        world.grpc.tuning.create_tuning_job(parent=PARENT, tuning_job=tuning_job(), timeout=0.3)

    assert jobs == len(list(world.grpc.tuning.list_tuning_jobs(parent=PARENT, timeout=30)))


def test_any_call_can_be_scripted_by_its_method(face, world):
    job = world.grpc.create_tuning_job(tuning_job())
    world.server.script(Rule("refuse", method="GetTuningJob", code="UNAVAILABLE"))

    with pytest.raises(exceptions.ServiceUnavailable):
        face.tuning.get_tuning_job(name=job.name, timeout=30, retry=None)
    assert job.name == face.tuning.get_tuning_job(name=job.name, timeout=30).name


def states(entries):
    return [entry["jsonPayload"]["state"].rpartition("_")[2] for entry in entries]


def test_pipeline_jobs_are_logged_when_they_run_and_when_they_end_and_tuning_jobs_never(world):
    world.server.script(Rule("fail_task"))
    world.run_pipeline(job_id="bad")
    world.run_pipeline(job_id="good")
    world.run_tuning()

    entries = [entry for _, entry in world.server.pending_events()]

    assert ["RUNNING", "FAILED", "RUNNING", "SUCCEEDED"] == states(entries)
    assert ["INFO", "ERROR", "INFO", "INFO"] == [entry["severity"] for entry in entries]
    good = entries[-1]
    assert "aiplatform.googleapis.com/PipelineJob" == good["resource"]["type"]
    assert {
        "pipeline_job_id": "good",
        "location": "us-central1",
        "resource_container": "local-dev",
    } == good["resource"]["labels"]
    assert (
        "projects/local-dev/logs/aiplatform.googleapis.com%2Fpipeline_job_events" == good["logName"]
    )


def test_log_entries_stay_until_they_are_marked_delivered(world):
    world.run_pipeline()

    path = f"{world.rest_url}/_tunedrop/events"
    (first, _) = requests.get(path, timeout=30).json()["events"]
    post(world, "/_tunedrop/events:delivered", {"number": first["number"]})

    left = requests.get(path, timeout=30).json()["events"]
    assert ["SUCCEEDED"] == states([event["entry"] for event in left])


def test_an_entry_that_its_receiver_refuses_is_offered_again(tmp_path):
    seen = []

    def receive(entry):
        seen.append(entry)
        if len(seen) == 1:
            raise ConnectionError("the broker is away")

    with running_vertex(tmp_path, on_job_event=receive) as world:
        world.run_pipeline()
        deadline = time.monotonic() + 30
        while len(seen) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)

    assert ["RUNNING", "RUNNING", "SUCCEEDED"] == states(seen)
