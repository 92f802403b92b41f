"""The create requests, field by field, and the service's own messages take them."""

import json
from datetime import date
from types import SimpleNamespace

import pytest
from google.cloud.aiplatform_v1.types import PipelineJob, TuningJob
from google.protobuf.json_format import ParseDict

from tunedrop.catalog import load_catalog
from tunedrop.domain.requests import adapter_size_name, pipeline_job_body, tuning_job_body
from tunedrop.planning import DatasetFacts, Place, plan_run, route_recipe
from tunedrop.recipes import recipe_from_mapping
from tunedrop.recipes.forms import ADAPTER_SIZES

CATALOG = load_catalog()
KEY = "projects/my-project/locations/us-central1/keyRings/R/cryptoKeys/K"
TENSORBOARD = "projects/my-project/locations/us-central1/tensorboards/1"
ACCOUNT = "sa@p.iam.gserviceaccount.com"
MODEL = "projects/my-project/locations/us/models/7@2"
TEMPLATES = "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines"
OWN_TEMPLATE = "https://us-kfp.pkg.dev/p/r/t/v1"
PLACE = Place(
    project="my-project",
    region="us-central1",
    allowed_base_models=CATALOG.names(),
    allowed_service_accounts=frozenset({ACCOUNT}),
    allowed_encryption_keys=frozenset({KEY}),
    allowed_templates=frozenset({OWN_TEMPLATE}),
)
FILES = {"dataset_uri": "gs://B/train.jsonl", "evaluation_uri": "gs://B/eval.jsonl"}
PIPELINE_NAMES = {
    "display_name": "D",
    "model_display_name": "M",
    "output_uri": "gs://B/out",
    "labels": {"k": "v"},
}


def plan(mapping, *, evaluation_count=50, place=PLACE):
    recipe = recipe_from_mapping({"on_retired": "try", **mapping}, source="r.toml")
    route = route_recipe(recipe, CATALOG, today=date(2026, 11, 23))
    facts = DatasetFacts(600, 1200, evaluation_count, 100_000)
    return plan_run(recipe, route, facts, place)


def test_a_full_code_generation_body():
    body = pipeline_job_body(
        plan(
            {
                "base_model": "code-bison@002",
                "tuning": {
                    "tensorboard": TENSORBOARD,
                    "encryption_key": KEY,
                    "service_account": ACCOUNT,
                },
            }
        ),
        **FILES,
        **PIPELINE_NAMES,
    )

    assert {
        "displayName": "D",
        "labels": {"k": "v"},
        "runtimeConfig": {
            "gcsOutputDirectory": "gs://B/out",
            "parameterValues": {
                "project": "my-project",
                "location": "us-central1",
                "model_display_name": "M",
                "large_model_reference": "code-bison@002",
                "dataset_uri": "gs://B/train.jsonl",
                "evaluation_data_uri": "gs://B/eval.jsonl",
                "evaluation_interval": 20,
                "enable_early_stopping": True,
                "enable_checkpoint_selection": "default",
                "tensorboard_resource_id": TENSORBOARD,
                "accelerator_type": "GPU",
                "train_steps": 300,
                "learning_rate_multiplier": 1,
                "encryption_spec_key_name": KEY,
            },
        },
        "encryptionSpec": {"kmsKeyName": KEY},
        "serviceAccount": ACCOUNT,
        "templateUri": f"{TEMPLATES}/tune-large-model/v3.0.0",
    } == body


def test_a_full_code_chat_body():
    body = pipeline_job_body(
        plan(
            {
                "base_model": "codechat-bison@002",
                "tuning": {
                    "default_context": "You write Python.",
                    "tensorboard": TENSORBOARD,
                    "encryption_key": KEY,
                    "service_account": ACCOUNT,
                },
            }
        ),
        **FILES,
        **PIPELINE_NAMES,
    )

    assert {
        "displayName": "D",
        "labels": {"k": "v"},
        "runtimeConfig": {
            "gcsOutputDirectory": "gs://B/out",
            "parameterValues": {
                "project": "my-project",
                "location": "us-central1",
                "model_display_name": "M",
                "large_model_reference": "codechat-bison@002",
                "dataset_uri": "gs://B/train.jsonl",
                "default_context": "You write Python.",
                "tensorboard_resource_id": TENSORBOARD,
                "accelerator_type": "GPU",
                "train_steps": 300,
                "learning_rate_multiplier": 1,
                "encryption_spec_key_name": KEY,
            },
        },
        "encryptionSpec": {"kmsKeyName": KEY},
        "serviceAccount": ACCOUNT,
        "templateUri": f"{TEMPLATES}/tune-large-chat-model/v3.0.0",
    } == body


def test_what_is_not_set_is_not_sent():
    body = pipeline_job_body(
        plan({"base_model": "code-bison@002"}, evaluation_count=None),
        dataset_uri="gs://B/train.jsonl",
        evaluation_uri=None,
        **PIPELINE_NAMES,
    )

    assert {"displayName", "labels", "runtimeConfig", "templateUri"} == body.keys()
    assert {
        "project",
        "location",
        "model_display_name",
        "large_model_reference",
        "dataset_uri",
        "accelerator_type",
        "train_steps",
        "learning_rate_multiplier",
    } == body["runtimeConfig"]["parameterValues"].keys()


def test_json_types_are_those_of_the_template():
    tuning = {
        "evaluation_interval": 50,
        "enable_early_stopping": False,
        "enable_checkpoint_selection": "true",
        "learning_rate_multiplier": 0.5,
        "accelerator_type": "TPU",
        "upload_region": "us-central1",
    }
    body = pipeline_job_body(
        plan({"base_model": "code-bison@002", "tuning": tuning}), **FILES, **PIPELINE_NAMES
    )
    text = json.dumps(body["runtimeConfig"]["parameterValues"])

    assert '"evaluation_interval": 50' in text
    assert '"enable_early_stopping": false' in text
    assert '"enable_checkpoint_selection": "true"' in text
    assert '"learning_rate_multiplier": 0.5' in text


def test_a_tuned_model_can_be_uploaded_to_another_region():
    place = Place(
        "P",
        "us-central1",
        allowed_regions=frozenset({"europe-west3"}),
        allowed_base_models=CATALOG.names(),
    )
    chosen = plan(
        {"base_model": "code-bison@002", "tuning": {"upload_region": "europe-west3"}}, place=place
    )

    parameters = pipeline_job_body(chosen, **FILES, **PIPELINE_NAMES)["runtimeConfig"]

    assert "europe-west3" == parameters["parameterValues"]["location"]
    assert ("us-central1", "europe-west3") == (chosen.region, chosen.serving_location)


def test_a_template_of_ones_own_gets_its_placeholders_filled_once():
    parameters = {
        "train": "{dataset_uri}",
        "eval": "{evaluation_uri}",
        "name": "model {model_display_name} of {project} in {location}",
        "other": "{unknown}",
        "nested": {"list": ["{dataset_uri}", 3, True]},
    }
    own = {"template_uri": OWN_TEMPLATE, "dataset_format": "gemini", "parameters": parameters}

    body = pipeline_job_body(
        plan({"pipeline": own}),
        **FILES,
        **{**PIPELINE_NAMES, "model_display_name": "{project}"},
    )

    assert {
        "train": "gs://B/train.jsonl",
        "eval": "gs://B/eval.jsonl",
        "name": "model {project} of my-project in us-central1",
        "other": "{unknown}",
        "nested": {"list": ["gs://B/train.jsonl", 3, True]},
    } == body["runtimeConfig"]["parameterValues"]
    assert OWN_TEMPLATE == body["templateUri"]


def test_a_placeholder_without_a_file_becomes_an_empty_text():
    parameters = {"train": "{dataset_uri}", "eval": "{evaluation_uri}"}
    own = {"template_uri": OWN_TEMPLATE, "dataset_format": "gemini", "parameters": parameters}

    body = pipeline_job_body(
        plan({"pipeline": own}, evaluation_count=None),
        dataset_uri="gs://B/train.jsonl",
        evaluation_uri=None,
        **PIPELINE_NAMES,
    )

    assert "" == body["runtimeConfig"]["parameterValues"]["eval"]


def test_a_full_tuning_job_body():
    body = tuning_job_body(
        plan(
            {
                "base_model": "gemini-3.5-flash",
                "tuning": {
                    "epochs": 3,
                    "learning_rate_multiplier": 1.0,
                    "adapter_size": 4,
                    "export_last_checkpoint_only": False,
                    "service_account": ACCOUNT,
                },
            }
        ),
        model_display_name="M",
        labels={"run-id": "r"},
        **FILES,
    )

    assert {
        "baseModel": "gemini-3.5-flash",
        "tunedModelDisplayName": "M",
        "labels": {"run-id": "r"},
        "supervisedTuningSpec": {
            "trainingDatasetUri": "gs://B/train.jsonl",
            "validationDatasetUri": "gs://B/eval.jsonl",
            "hyperParameters": {
                "epochCount": "3",
                "learningRateMultiplier": 1,
                "adapterSize": "ADAPTER_SIZE_FOUR",
            },
            "exportLastCheckpointOnly": False,
        },
        "serviceAccount": ACCOUNT,
    } == body


def test_the_number_of_epochs_is_always_sent():
    body = tuning_job_body(
        plan({"base_model": "gemini-3.5-flash"}, evaluation_count=None),
        model_display_name="M",
        dataset_uri="gs://B/train.jsonl",
        evaluation_uri=None,
        labels={},
    )

    assert {
        "trainingDatasetUri": "gs://B/train.jsonl",
        "hyperParameters": {"epochCount": "3"},
    } == body["supervisedTuningSpec"]


def test_continuous_tuning_names_the_tuned_model_and_no_base_model():
    body = tuning_job_body(
        plan({"base_model": "gemini-3.5-flash", "tuning": {"pre_tuned_model": MODEL}}),
        model_display_name="M",
        labels={},
        **FILES,
    )

    assert {"tunedModelName": MODEL} == body["preTunedModel"]
    assert "baseModel" not in body


def test_a_tuning_job_carries_its_key():
    body = tuning_job_body(
        plan({"base_model": "gemini-2.5-flash", "tuning": {"encryption_key": KEY}}),
        model_display_name="M",
        labels={},
        **FILES,
    )

    assert {"kmsKeyName": KEY} == body["encryptionSpec"]


@pytest.mark.parametrize("size", ADAPTER_SIZES)
def test_the_service_knows_every_adapter_size_by_our_name(size):
    spec = {"supervisedTuningSpec": {"hyperParameters": {"adapterSize": adapter_size_name(size)}}}

    message = ParseDict(spec, TuningJob.pb(TuningJob()))

    assert message.supervised_tuning_spec.hyper_parameters.adapter_size > 0


def test_the_services_own_message_takes_a_pipeline_body():
    body = pipeline_job_body(
        plan({"base_model": "code-bison@002", "tuning": {"encryption_key": KEY}}),
        **FILES,
        **PIPELINE_NAMES,
    )

    message = PipelineJob(ParseDict(body, PipelineJob.pb(PipelineJob())))

    assert 300 == message.runtime_config.parameter_values["train_steps"]
    assert KEY == message.encryption_spec.kms_key_name


def test_the_services_own_message_takes_a_tuning_body():
    tuning = {"pre_tuned_model": MODEL, "adapter_size": 8, "epochs": 2}
    body = tuning_job_body(
        plan({"base_model": "gemini-3.5-flash", "tuning": tuning}),
        model_display_name="M",
        labels={"run-id": "r"},
        **FILES,
    )

    message = TuningJob(ParseDict(body, TuningJob.pb(TuningJob())))

    assert 2 == message.supervised_tuning_spec.hyper_parameters.epoch_count
    assert MODEL == message.pre_tuned_model.tuned_model_name


def test_a_plan_read_back_from_a_record_builds_the_same_body():
    chosen = plan({"base_model": "code-bison@002"})
    again = type(chosen).from_record(chosen.to_record())

    assert pipeline_job_body(chosen, **FILES, **PIPELINE_NAMES) == pipeline_job_body(
        again, **FILES, **PIPELINE_NAMES
    )


def test_any_object_with_a_plans_fields_will_do():
    fields = plan({"base_model": "gemini-3.5-flash"}).to_record()

    body = tuning_job_body(SimpleNamespace(**fields), model_display_name="M", labels={}, **FILES)

    assert "gemini-3.5-flash" == body["baseModel"]
