"""Models, endpoints, long-running operations, filters and pages of the Vertex AI stand-in."""

import pytest
import requests
from google.api_core import exceptions
from google.cloud import aiplatform_v1

from support.vertex import PARENT, Clients, code_job, running_vertex, tuning_job

FACES = ["grpc", "rest"]


@pytest.fixture
def world(tmp_path):
    with running_vertex(tmp_path) as started:
        yield started


@pytest.fixture(params=FACES)
def face(world, request) -> Clients:
    return getattr(world, request.param)


def tuned_model(world):
    world.run_pipeline()
    (model,) = world.grpc.models.list_models(parent=PARENT, timeout=30)
    return model


def upload(face, name="mine", **fields):
    request = {"parent": PARENT, "model": {"display_name": name}} | fields
    return face.models.upload_model(request=request, timeout=30).result(timeout=30)


def test_a_model_is_found_by_version_and_by_alias(world, face):
    model = tuned_model(world)

    face.models.merge_version_aliases(
        name=f"{model.name}@1", version_aliases=["golden"], timeout=30
    )

    for suffix in ("", "@1", "@default", "@golden"):
        found = face.models.get_model(name=model.name + suffix, timeout=30)
        assert ("1", ["default", "golden"]) == (found.version_id, list(found.version_aliases))


def test_a_version_or_alias_that_there_is_not_is_not_found(world, face):
    model = tuned_model(world)

    with pytest.raises(exceptions.NotFound):
        face.models.get_model(name=f"{model.name}@9", timeout=30)


def test_moving_the_default_alias_takes_it_from_the_version_before(face):
    first = upload(face)
    second = upload(face, parent_model=first.model)

    face.models.merge_version_aliases(
        name=f"{first.model}@{second.model_version_id}", version_aliases=["default"], timeout=30
    )

    aliases = {
        version.version_id: list(version.version_aliases)
        for version in face.models.list_model_versions(name=first.model, timeout=30)
    }
    assert {"1": [], "2": ["default"]} == aliases
    assert "2" == face.models.get_model(name=first.model, timeout=30).version_id


def test_aliases_are_put_and_taken_away_in_one_call_and_of_the_named_version_only(world, face):
    first = upload(face)
    second = upload(face, parent_model=first.model)
    for version, alias in ((1, "golden"), (2, "candidate")):
        face.models.merge_version_aliases(
            name=f"{first.model}@{version}", version_aliases=[alias], timeout=30
        )

    face.models.merge_version_aliases(
        name=f"{first.model}@{second.model_version_id}",
        version_aliases=["champion", "-candidate", "-golden"],
        timeout=30,
    )

    aliases = {
        version.version_id: set(version.version_aliases)
        for version in face.models.list_model_versions(name=first.model, timeout=30)
    }
    assert {"1": {"default", "golden"}, "2": {"champion"}} == aliases


def test_a_version_is_described_and_labelled_without_its_model(world, face):
    first = upload(face)
    second = upload(face, parent_model=first.model)
    change = {
        "name": f"{first.model}@{second.model_version_id}",
        "version_description": "the second",
        "labels": {"tunedrop-run": "r2"},
    }

    face.models.update_model(
        model=change, update_mask={"paths": ["labels", "version_description"]}, timeout=30
    )

    told = {
        version.version_id: (version.version_description, dict(version.labels))
        for version in face.models.list_model_versions(name=first.model, timeout=30)
    }
    assert {"1": ("", {}), "2": ("the second", {"tunedrop-run": "r2"})} == told


def test_endpoints_are_found_by_their_labels(world, face):
    for number in (1, 2):
        endpoint = {"display_name": "e", "labels": {"owner": "us", "number": str(number)}}
        face.endpoints.create_endpoint(parent=PARENT, endpoint=endpoint, timeout=30).result(
            timeout=30
        )

    def found(text):
        request = {"parent": PARENT, "filter": text}
        return [each.labels["number"] for each in face.endpoints.list_endpoints(request=request)]

    assert ["2", "1"] == found('labels.owner="us"')
    assert ["1"] == found('labels.owner="us" AND labels.number="1"')


ALIASES = {
    "a capital first": ["Golden"],
    "one letter": ["g"],
    "nothing": [],
    "the default taken away": ["-default"],
    "the same added and removed": ["golden", "-golden"],
}


@pytest.mark.parametrize("aliases", ALIASES.values(), ids=ALIASES)
def test_aliases_that_break_the_rules_are_refused(world, aliases):
    model = upload(world.grpc).model

    with pytest.raises(exceptions.InvalidArgument):
        world.grpc.models.merge_version_aliases(
            name=f"{model}@1", version_aliases=aliases, timeout=30
        )


def test_aliases_need_an_explicit_version(world):
    model = upload(world.grpc).model

    with pytest.raises(exceptions.InvalidArgument, match="explicit version ID"):
        world.grpc.models.merge_version_aliases(name=model, version_aliases=["golden"], timeout=30)


def test_an_update_changes_only_what_the_mask_names(world, face):
    model = tuned_model(world)
    change = {"name": model.name, "labels": {"stage": "champion"}, "display_name": "ignored"}

    face.models.update_model(model=change, update_mask={"paths": ["labels"]}, timeout=30)

    found = face.models.get_model(name=model.name, timeout=30)
    assert ({"stage": "champion"}, "tuned-code") == (dict(found.labels), found.display_name)


def test_an_update_cannot_mix_fields_of_the_model_and_of_a_version(world):
    model = tuned_model(world)
    mask = {"paths": ["display_name", "version_description"]}

    with pytest.raises(exceptions.InvalidArgument, match="update_mask"):
        world.grpc.models.update_model(model={"name": model.name}, update_mask=mask, timeout=30)


def test_an_uploaded_model_gets_the_id_that_was_asked_for(face):
    answer = upload(face, model_id="my-model")

    assert (f"{PARENT}/models/my-model", "1") == (answer.model, answer.model_version_id)


def test_a_deployed_model_is_not_deleted_until_it_is_undeployed(world, face):
    model = tuned_model(world)
    (reference,) = model.deployed_models
    with pytest.raises(exceptions.GoogleAPICallError, match="undeploy it first"):
        face.models.delete_model(name=model.name, timeout=30)

    face.endpoints.undeploy_model(
        endpoint=reference.endpoint, deployed_model_id=reference.deployed_model_id, timeout=30
    ).result(timeout=30)
    face.models.delete_model(name=model.name, timeout=30).result(timeout=30)
    face.endpoints.delete_endpoint(name=reference.endpoint, timeout=30).result(timeout=30)

    assert [] == list(face.models.list_models(parent=PARENT, timeout=30))
    assert [] == list(face.endpoints.list_endpoints(parent=PARENT, timeout=30))


def test_an_endpoint_with_a_model_on_it_is_not_deleted(world):
    model = tuned_model(world)

    with pytest.raises(exceptions.FailedPrecondition, match="has deployed models"):
        world.grpc.endpoints.delete_endpoint(name=model.deployed_models[0].endpoint, timeout=30)


def test_a_model_is_deployed_to_an_endpoint_of_the_caller_s_own_id(world, face):
    model = tuned_model(world)
    endpoint = face.endpoints.create_endpoint(
        request={"parent": PARENT, "endpoint": {"display_name": "e"}, "endpoint_id": "champion"},
        timeout=30,
    ).result(timeout=30)

    face.endpoints.deploy_model(
        endpoint=endpoint.name,
        deployed_model={
            "model": model.name,
            "automatic_resources": {"min_replica_count": 1, "max_replica_count": 1},
        },
        traffic_split={"0": 100},
        timeout=30,
    ).result(timeout=30)

    found = face.endpoints.get_endpoint(name=f"{PARENT}/endpoints/champion", timeout=30)
    (deployed,) = found.deployed_models
    assert ("1", {deployed.id: 100}) == (deployed.model_version_id, dict(found.traffic_split))
    places = face.models.get_model(name=model.name, timeout=30).deployed_models
    assert found.name in [place.endpoint for place in places]


def test_an_endpoint_id_is_taken_once(world):
    request = {"parent": PARENT, "endpoint": {"display_name": "e"}, "endpoint_id": "champion"}
    world.grpc.endpoints.create_endpoint(request=request, timeout=30).result(timeout=30)

    with pytest.raises(exceptions.AlreadyExists):
        world.grpc.endpoints.create_endpoint(request=request, timeout=30)


def test_a_model_is_deployed_only_in_its_own_location(world):
    model = tuned_model(world)
    parent = "projects/local-dev/locations/us-west1"
    endpoint = world.grpc.endpoints.create_endpoint(
        parent=parent, endpoint={"display_name": "e"}, timeout=30
    ).result(timeout=30)

    with pytest.raises(exceptions.InvalidArgument, match="another location"):
        world.grpc.endpoints.deploy_model(
            endpoint=endpoint.name, deployed_model={"model": model.name}, timeout=30
        )


def test_an_operation_is_done_only_after_its_time_and_so_is_its_effect(tmp_path):
    with running_vertex(tmp_path, operation_seconds=5.0) as world:
        operation = world.grpc.endpoints.create_endpoint(
            parent=PARENT, endpoint={"display_name": "e"}, timeout=30
        ).operation
        early = world.grpc.models.get_operation({"name": operation.name})
        before = list(world.grpc.endpoints.list_endpoints(parent=PARENT, timeout=30))
        world.skip(5)
        late = world.grpc.models.get_operation({"name": operation.name})
        after = list(world.grpc.endpoints.list_endpoints(parent=PARENT, timeout=30))

        assert (False, 0, True, 1) == (early.done, len(before), late.done, len(after))


def test_waiting_for_an_operation_returns_it_as_it_is_when_the_time_is_over(tmp_path):
    with running_vertex(tmp_path, operation_seconds=5.0) as world:
        operation = world.grpc.endpoints.create_endpoint(
            parent=PARENT, endpoint={"display_name": "e"}, timeout=30
        ).operation
        url = f"{world.rest_url}/ui/{operation.name}:wait"
        waited = requests.post(url, json={"timeout": "0.03s"}, timeout=30).json()

        assert (operation.name, False) == (waited["name"], waited.get("done", False))


def test_two_operations_for_one_id_end_in_one_endpoint_and_one_error(tmp_path):
    with running_vertex(tmp_path, operation_seconds=5.0) as world:
        request = {"parent": PARENT, "endpoint": {"display_name": "e"}, "endpoint_id": "champion"}
        operations = [
            world.grpc.endpoints.create_endpoint(request=request, timeout=30).operation
            for _ in range(2)
        ]
        world.skip(5)

        ended = [world.grpc.models.get_operation({"name": o.name}) for o in operations]
        assert [0, 6] == [operation.error.code for operation in ended]


FILTERS = {
    "labels.run=r1": ["job-1"],
    'labels.run="r1"': ["job-1"],
    "labels.run!=r1": ["job-3", "job-2"],
    "labels.run:*": ["job-3", "job-2", "job-1"],
    "labels.other:*": ["job-3"],
    'display_name="tune code" AND labels.run=r2': ["job-2"],
    "display_name:tune*": ["job-3", "job-2", "job-1"],
    "state=PIPELINE_STATE_PENDING": ["job-3", "job-2"],
    "state!=PIPELINE_STATE_PENDING": ["job-1"],
    'state="PIPELINE_STATE_FAILED"': [],
    "pipeline_name=job-2": ["job-2"],
    'create_time>"2027-01-15T08:00:05Z"': ["job-3"],
    'create_time<="2027-01-15T08:00:00Z"': ["job-1"],
}


@pytest.mark.parametrize(("text", "found"), FILTERS.items(), ids=FILTERS)
def test_a_filter_keeps_what_it_says(world, text, found):
    for number, labels in enumerate([{"run": "r1"}, {"run": "r2"}, {"run": "r3", "other": ""}]):
        world.grpc.create_pipeline_job(code_job(labels=labels), f"job-{number + 1}")
        world.skip(4)

    request = {"parent": PARENT, "filter": text}
    jobs = world.grpc.pipelines.list_pipeline_jobs(request=request, timeout=30)

    assert found == [job.name.rpartition("/")[2] for job in jobs]


@pytest.mark.parametrize(
    "text",
    ["colour=red", "labels=x", "labels.run", "labels.run>x", "state:x", "OR", "create_time>now"],
)
def test_a_filter_outside_the_grammar_is_refused(world, face, text):
    with pytest.raises(exceptions.GoogleAPICallError, match="Invalid filter") as caught:
        face.pipelines.list_pipeline_jobs(request={"parent": PARENT, "filter": text}, timeout=30)

    assert 400 == caught.value.code


def test_pages_follow_one_another_without_gap_or_repeat(world, face):
    names = [world.grpc.create_pipeline_job(code_job(), f"job-{n}").name for n in range(7)]

    request = {"parent": PARENT, "page_size": 3}
    pages = list(face.pipelines.list_pipeline_jobs(request=request, timeout=30).pages)

    assert [3, 3, 1] == [len(page.pipeline_jobs) for page in pages]
    assert names[::-1] == [job.name for page in pages for job in page.pipeline_jobs]


def test_a_page_token_of_somebody_else_is_refused(world):
    with pytest.raises(exceptions.InvalidArgument, match="page_token"):
        world.grpc.models.list_models(
            request={"parent": PARENT, "page_token": "not-ours"}, timeout=30
        )


def test_a_list_of_pipeline_jobs_leaves_their_details_out(world, face):
    world.run_pipeline()

    (job,) = face.pipelines.list_pipeline_jobs(parent=PARENT, timeout=30)

    assert not job.job_detail.task_details


def test_a_list_stays_inside_its_location(world):
    world.grpc.create_tuning_job(tuning_job())

    elsewhere = PARENT.replace("us-central1", "europe-west4")
    assert [] == list(world.grpc.tuning.list_tuning_jobs(parent=elsewhere, timeout=30))


def test_tuned_models_are_listed_as_the_sdk_asks_for_them(world, face):
    model = tuned_model(world)
    request = aiplatform_v1.ListModelsRequest(
        parent=PARENT, filter='labels.google-vertex-llm-tuning-base-model-id="code-bison-002"'
    )

    assert [model.name] == [m.name for m in face.models.list_models(request=request, timeout=30)]
