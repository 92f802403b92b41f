"""Tuning jobs of the Vertex AI stand-in: what is refused, the cap, how they end."""

import pytest
from google.api_core import exceptions

from support.vertex import (
    JOB_SECONDS,
    KEY,
    PARENT,
    gemini_row,
    gemini_rows,
    lines_of,
    running_vertex,
    tuning_job,
)
from tunedrop.local.vertex import Rule

EUROPE = "projects/local-dev/locations/europe-west4"


@pytest.fixture
def world(tmp_path):
    with running_vertex(tmp_path) as started:
        yield started


def spec(**fields):
    return {"supervised_tuning_spec": {"training_dataset_uri": "gs://work/gemini.jsonl"} | fields}


def adapter(size):
    return {"hyper_parameters": {"epoch_count": 1, "adapter_size": f"ADAPTER_SIZE_{size}"}}


NOT_JSONL = "training_dataset_uri should be a GCS object of type JSONL"
REFUSED = {
    "an adapter size that Gemini 3 lacks": (
        tuning_job(**adapter("THIRTY_TWO")),
        "The adapter size is not supported for this base model.",
    ),
    "an adapter size that only Pro lacks": (
        tuning_job("gemini-2.5-pro", **adapter("SIXTEEN")),
        "The adapter size is not supported for this base model.",
    ),
    "a file of another type": (
        tuning_job(**spec(training_dataset_uri="gs://work/gemini.csv")),
        NOT_JSONL,
    ),
    "no address": (tuning_job(**spec(training_dataset_uri="gemini.jsonl")), NOT_JSONL),
    "an object that is missing": (
        tuning_job(**spec(training_dataset_uri="gs://work/none.jsonl")),
        NOT_JSONL,
    ),
    "a validation set that is missing": (
        tuning_job(**spec(validation_dataset_uri="gs://work/none.jsonl")),
        "validation_dataset_uri should be a GCS object of type JSONL",
    ),
    "no spec": (
        {"base_model": "gemini-3.5-flash"},
        "supervised_tuning_spec must be set",
    ),
    "a long name": (tuning_job(tuned_model_display_name="x" * 129), "1 to 128 characters"),
    "a bad label": (tuning_job(labels={"Run": "1"}), "lowercase letters"),
    "fewer than no epochs": (tuning_job(hyper_parameters={"epoch_count": -1}), "epoch_count"),
    "a key of another region": (
        tuning_job(
            "gemini-2.5-flash",
            encryption_spec={"kms_key_name": KEY.replace("us-central1", "us-west1")},
        ),
        "must be a key of us-central1",
    ),
}


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """One world for all refusals: they leave nothing behind."""
    with running_vertex(tmp_path_factory.mktemp("strict")) as started:
        yield started


@pytest.mark.parametrize(("job", "message"), REFUSED.values(), ids=REFUSED)
def test_a_tuning_job_that_breaks_a_documented_rule_is_an_invalid_argument(strict, job, message):
    with pytest.raises(exceptions.InvalidArgument, match=message):
        strict.grpc.create_tuning_job(job)

    assert [] == list(strict.grpc.tuning.list_tuning_jobs(parent=PARENT, timeout=30))


def test_a_bad_address_is_reported_as_the_real_service_words_it(world):
    with pytest.raises(exceptions.InvalidArgument) as caught:
        world.grpc.create_tuning_job(tuning_job(**spec(training_dataset_uri="gs://work/x.txt")))

    assert (
        "List of found errors:\t1.Field: "
        "tuning_job.supervised_tuning_spec.training_dataset_uri; Message: "
        "training_dataset_uri should be a GCS object of type JSONL.\t" == caught.value.message
    )
    (violation,) = caught.value.details[0].field_violations
    assert "tuning_job.supervised_tuning_spec.training_dataset_uri" == violation.field


PLACES = {
    "global": ("global", "gemini-3.5-flash", exceptions.FailedPrecondition),
    "a region that Gemini 3 lacks": ("us-west1", "gemini-3.5-flash", exceptions.NotFound),
    "an unknown base model": ("us-central1", "gemini-9", exceptions.NotFound),
}


@pytest.mark.parametrize(("location", "base_model", "error"), PLACES.values(), ids=PLACES)
def test_a_base_model_is_only_tuned_where_it_can_be(world, location, base_model, error):
    parent = f"projects/local-dev/locations/{location}"

    with pytest.raises(error):
        world.grpc.create_tuning_job(tuning_job(base_model), parent)


def test_gemini_3_takes_no_key_of_the_customer(world):
    job = tuning_job(encryption_spec={"kms_key_name": KEY})

    with pytest.raises(exceptions.FailedPrecondition, match="CMEK is not supported"):
        world.grpc.create_tuning_job(job)


def test_gemini_2_takes_a_key_of_its_region_and_hands_it_on(world):
    job = tuning_job("gemini-2.5-flash", encryption_spec={"kms_key_name": KEY})

    ended = world.run_tuning(job)

    model = world.grpc.models.get_model(name=ended.tuned_model.model, timeout=30)
    assert KEY == model.encryption_spec.kms_key_name


SERVED = {
    "Gemini 3 in the US": (PARENT, "gemini-3.5-flash", "us"),
    "Gemini 3 in Europe": (EUROPE, "gemini-3.1-flash-lite", "eu"),
    "Gemini 2.5": (PARENT, "gemini-2.5-flash", "us-central1"),
}


@pytest.mark.parametrize(("parent", "base_model", "location"), SERVED.values(), ids=SERVED)
def test_the_tuned_model_is_kept_and_served_where_its_base_model_is(
    world, parent, base_model, location
):
    ended = world.run_tuning(tuning_job(base_model), parent)

    place = f"projects/local-dev/locations/{location}"
    assert "JOB_STATE_SUCCEEDED" == ended.state.name
    assert ended.tuned_model.model.startswith(f"{place}/models/")
    assert ended.tuned_model.model.endswith("@1")
    assert ended.tuned_model.endpoint.startswith(f"{place}/endpoints/")
    (model,) = world.grpc.models.list_models(parent=place, timeout=30)
    assert {"run": "r1"} == dict(model.labels)


def test_a_name_in_the_job_s_region_is_not_found_for_a_model_of_the_multi_region(world):
    ended = world.run_tuning()

    with pytest.raises(exceptions.NotFound):
        world.grpc.models.get_model(
            name=ended.tuned_model.model.replace("/us/", "/us-central1/"), timeout=30
        )


def test_a_finished_job_tells_what_it_was_trained_on(world):
    world.files["gs://work/gemini.jsonl"] = lines_of(gemini_rows(20))

    stats = world.run_tuning().tuning_data_stats.supervised_tuning_data_stats

    assert 20 == stats.tuning_dataset_example_count
    assert 2 * 5 == stats.tuning_step_count
    assert (
        stats.total_billable_token_count
        == stats.user_input_token_distribution.sum + stats.user_output_token_distribution.sum
        > 0
    )


def test_each_checkpoint_has_an_endpoint_unless_only_the_last_is_wanted(world):
    every = world.run_tuning(tuning_job(hyper_parameters={"epoch_count": 3}))
    last = world.run_tuning(tuning_job(**spec(export_last_checkpoint_only=True)))

    assert ["1", "2", "3"] == [c.checkpoint_id for c in every.tuned_model.checkpoints]
    assert every.tuned_model.checkpoints[-1].endpoint == every.tuned_model.endpoint
    assert [] == list(last.tuned_model.checkpoints)


BAD_ROWS = {
    "half a surrogate pair": (gemini_row("secret", "\ud800"), "is not valid JSON"),
    "no contents": ({"prompt": "secret"}, "is missing the 'contents' field"),
    "no model turn": (
        {"contents": [{"role": "user", "parts": [{"text": "secret"}]}]},
        "does not end with a content whose role is 'model'",
    ),
    "another role": (
        {"contents": [{"role": "assistant", "parts": [{"text": "secret"}]}]},
        "whose role is not 'user' or 'model'",
    ),
    "an unknown part": (
        {"contents": [{"role": "model", "parts": [{"hologram": "secret"}]}]},
        "contains an unsupported modality in the 'parts' field",
    ),
}


@pytest.mark.parametrize(("row", "reason"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_fails_the_job_with_its_number_and_as_documented_its_content(world, row, reason):
    world.files["gs://work/gemini.jsonl"] = lines_of([*gemini_rows(3), row, *gemini_rows(2)])

    ended = world.run_tuning()

    assert ("JOB_STATE_FAILED", 3) == (ended.state.name, ended.error.code)
    assert ended.error.message.startswith("Dataset example 4 of 6 ")
    assert reason in ended.error.message
    assert "secret" in ended.error.message.partition("JSON: ")[2]
    assert not ended.tuned_model.model


def test_the_project_s_second_unended_job_is_refused(world):
    world.grpc.create_tuning_job(tuning_job())

    with pytest.raises(exceptions.ResourceExhausted, match="global_concurrent_tuning_jobs"):
        world.grpc.create_tuning_job(tuning_job(), EUROPE)


def test_another_project_has_a_cap_of_its_own(world):
    world.grpc.create_tuning_job(tuning_job())

    job = world.grpc.create_tuning_job(tuning_job(), PARENT.replace("local-dev", "other-dev"))

    assert "JOB_STATE_PENDING" == job.state.name


def test_jobs_over_the_cap_can_be_told_to_wait_and_run_one_after_another(tmp_path):
    with running_vertex(tmp_path, over_quota="wait") as world:
        names = [world.grpc.create_tuning_job(tuning_job()).name for _ in range(3)]

        def states():
            jobs = (world.grpc.tuning.get_tuning_job(name=n, timeout=30) for n in names)
            return [job.state.name.removeprefix("JOB_STATE_") for job in jobs]

        seen = []
        for _ in range(3):
            world.skip(JOB_SECONDS * 0.5)
            seen.append(states())
            world.skip(JOB_SECONDS * 0.5)

        assert [
            ["RUNNING", "PENDING", "PENDING"],
            ["SUCCEEDED", "RUNNING", "PENDING"],
            ["SUCCEEDED", "SUCCEEDED", "RUNNING"],
        ] == seen


def test_a_job_cancelled_while_it_waits_frees_nobody_else(tmp_path):
    with running_vertex(tmp_path, over_quota="wait") as world:
        names = [world.grpc.create_tuning_job(tuning_job()).name for _ in range(3)]
        world.grpc.tuning.cancel_tuning_job(name=names[1], timeout=30)
        world.skip(JOB_SECONDS * 0.5)

        jobs = [world.grpc.tuning.get_tuning_job(name=n, timeout=30) for n in names]
        assert ["RUNNING", "CANCELLED", "PENDING"] == [
            job.state.name.removeprefix("JOB_STATE_") for job in jobs
        ]


def test_a_cancelled_job_ends_with_code_1(world):
    name = world.grpc.create_tuning_job(tuning_job()).name
    world.skip(50)
    world.grpc.tuning.cancel_tuning_job(name=name, timeout=30)
    during = world.grpc.tuning.get_tuning_job(name=name, timeout=30)
    world.skip()
    after = world.grpc.tuning.get_tuning_job(name=name, timeout=30)

    assert "JOB_STATE_CANCELLING" == during.state.name
    assert ("JOB_STATE_CANCELLED", 1) == (after.state.name, after.error.code)


ENDINGS = {
    "fail": (Rule("fail", code="INTERNAL", message="bad luck"), "FAILED", 13),
    "fail_with_model": (Rule("fail_with_model"), "FAILED", 13),
    "no_model": (Rule("no_model"), "SUCCEEDED", 0),
    "drop_rows": (Rule("drop_rows", truncated=(2, 5), dropped=("too long",)), "SUCCEEDED", 0),
    "cancelled": (Rule("cancelled"), "CANCELLED", 1),
    "expired": (Rule("expired"), "EXPIRED", 4),
    "paused": (Rule("paused"), "PAUSED", 0),
    "stuck": (Rule("stuck"), "RUNNING", 0),
    "partially succeeded": (Rule("end_in_state", state=11), "PARTIALLY_SUCCEEDED", 0),
}


@pytest.mark.parametrize(("rule", "state", "code"), ENDINGS.values(), ids=ENDINGS)
def test_every_documented_ending_can_be_scripted(world, rule, state, code):
    world.server.script(rule)

    ended = world.run_tuning()

    assert (f"JOB_STATE_{state}", code) == (ended.state.name, ended.error.code)


def test_a_job_can_end_in_a_state_that_no_client_knows(world):
    world.server.script(Rule("end_in_state", state=77))

    ended = world.run_tuning()

    with pytest.warns(UserWarning, match="Unrecognized JobState enum value: 77"):
        assert 77 == ended.state


def test_a_failed_job_can_hold_a_good_model_without_an_endpoint(world):
    world.server.script(Rule("fail_with_model"))

    ended = world.run_tuning()

    model = world.grpc.models.get_model(name=ended.tuned_model.model, timeout=30)
    assert ended.error.message.startswith("Failed to create endpoint. Tuned model is uploaded")
    assert ("", []) == (ended.tuned_model.endpoint, list(model.deployed_models))


def test_dropped_rows_are_told_although_the_job_succeeds(world):
    world.server.script(Rule("drop_rows", truncated=(2, 5), dropped=("too long",)))

    stats = world.run_tuning().tuning_data_stats.supervised_tuning_data_stats

    assert (2, [2], ["too long"]) == (
        stats.total_truncated_example_count,
        list(stats.truncated_example_indices),
        list(stats.dropped_example_reasons),
    )


def test_tuning_a_tuned_model_further_makes_its_next_version(world):
    first = world.run_tuning()
    again = tuning_job() | {"pre_tuned_model": {"tuned_model_name": first.tuned_model.model}}
    del again["base_model"]

    second = world.run_tuning(again)

    assert first.tuned_model.model.replace("@1", "@2") == second.tuned_model.model
    model = world.grpc.models.get_model(name=first.tuned_model.model.partition("@")[0], timeout=30)
    assert "1" == model.version_id


def test_a_new_job_stays_out_of_lists_while_they_lag(tmp_path):
    with running_vertex(tmp_path, list_lag_seconds=30.0) as world:
        name = world.grpc.create_tuning_job(tuning_job()).name
        early = list(world.grpc.tuning.list_tuning_jobs(parent=PARENT, timeout=30))
        world.skip(31)
        late = list(world.grpc.tuning.list_tuning_jobs(parent=PARENT, timeout=30))

        assert ([], [name]) == ([j.name for j in early], [j.name for j in late])
