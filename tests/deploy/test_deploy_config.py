"""The deploy tool's configuration: strict, and every message says what to do."""

import copy
from pathlib import Path

import pytest

from tunedrop.cli.environment import read_env_file
from tunedrop.config import Settings
from tunedrop_deploy_lib.config import Config
from tunedrop_deploy_lib.config_file import load_config
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.errors import ConfigError
from tunedrop_deploy_lib.functions import CLIENT_FILE, environment

EXAMPLE = Path(__file__).parents[2] / "deploy" / "config.example.toml"
MINIMAL = {"project": "test-project-1", "region": "us-central1", "bucket_location": "us-central1"}


def faults_of(write_config, document):
    with pytest.raises(ConfigError) as caught:
        load_config(write_config(document))
    return caught.value.faults


def test_the_example_is_a_usable_configuration():
    config = load_config(EXAMPLE)

    assert ("my-project", "tunedrop") == (config.project, config.deployment)


def test_the_example_shows_every_field():
    text = EXAMPLE.read_text()
    names = [
        field.metadata["rule"].path.rpartition(".")[2]
        for field in Config.__dataclass_fields__.values()
    ]

    assert [] == [name for name in names if f"{name} =" not in text and f"[{name}]" not in text]


def test_a_configuration_without_a_file_names_the_example(tmp_path):
    with pytest.raises(ConfigError, match=r"copy deploy/config\.example\.toml"):
        load_config(tmp_path / "none.toml")


def test_all_faults_are_told_together(write_config):
    faults = faults_of(write_config, {"project": "X", "regio": "us-central1"})

    assert ["regio", "project", "region", "bucket_location"] == [f.split(":")[0] for f in faults]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("project", "12345", "expected a project id, found '12345'; take it from `gcloud projects"),
        ("deployment", "much-too-long-a-name-for-it", "service accounts are named after it"),
        ("deployment", 3, "expected 2 to 20"),
        ("region", "us-central1\n", "expected a region"),
        ("bucket_location", "US", "in lower case"),
        ("sweep_minutes", True, "expected 1 to 59, found True"),
        ("caps.max_usd_per_run", -1, "0 or more"),
        ("caps.max_usd_per_day", "100", "waits for the next day"),
        ("caps.max_concurrent_jobs", 0, "1 to 1000"),
        ("caps.max_new_runs_per_hour", 0, "1 to 1000"),
        ("caps.allow_unpriced", "no", "expected true or false"),
        ("caps.allow_unpriced", 1, "expected true or false"),
        ("people.operators", ["allUsers"], "never allUsers"),
        ("people.operators", "group:x@example.com", "an array of members"),
        ("allow.base_models", ["a,b"], "an array of base models"),
        ("labels", {"Team": "ml"}, "a table of labels"),
        ("security.kms_key", "k", "projects/P/locations/L"),
        ("ledger.soft_delete_days", 91, "7 to 90"),
    ],
)
def test_an_unusable_value_is_refused_with_the_remedy(write_config, path, value, said):
    document = copy.deepcopy(MINIMAL)
    table, _, key = path.rpartition(".")
    (document.setdefault(table, {}) if table else document)[key] = value

    (fault,) = faults_of(write_config, document)

    assert fault.startswith(f"{path}: ")
    assert said in fault


@pytest.mark.parametrize(
    ("document", "meant"),
    [
        ({"projct_number": "1234"}, "did you mean project_number?"),
        ({"allow": {"base_model": []}}, "did you mean allow.base_models?"),
        ({"max_usd_per_run": 3}, "did you mean caps.max_usd_per_run?"),
        ({"zzz": 3}, "see deploy/config.example.toml"),
    ],
)
def test_an_unknown_field_is_refused_with_a_suggestion(write_config, document, meant):
    (fault,) = faults_of(write_config, MINIMAL | document)

    assert meant in fault


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bucket_prefix": "p" * 55 + "q"}, "bucket_prefix"),
        ({"project": "a" * 30, "deployment": "b" * 20}, ""),
        ({"project": "google-tests"}, "bucket_prefix"),
        ({"budget": {"monthly_usd": 5}}, "budget"),
        (
            {"security": {"kms_key": "projects/p/locations/us/keyRings/r/cryptoKeys/k"}},
            "security.kms_key",
        ),
        (
            {"jobs": {"tensorboard": "projects/test-project-1/locations/us-east1/tensorboards/1"}},
            "jobs.tensorboard",
        ),
        (
            {
                "jobs": {
                    "tensorboard": "projects/other-project/locations/us-central1/tensorboards/1"
                }
            },
            "jobs.tensorboard",
        ),
    ],
    ids=[
        "long-prefix",
        "longest-names-fit",
        "google",
        "half-a-budget",
        "key-elsewhere",
        "tensorboard-elsewhere",
        "tensorboard-of-others",
    ],
)
def test_fields_that_do_not_fit_each_other_are_refused(write_config, changes, field):
    if not field:
        assert 59 == len(load_config(write_config(MINIMAL | changes)).bucket("reports"))
        return

    (fault,) = faults_of(write_config, MINIMAL | changes)

    assert fault.startswith(f"{field}: ")


def test_the_command_line_reads_the_same_environment_from_the_staged_file(
    write_config, document, checkout
):
    deployment = Deployment(load_config(write_config(document)), checkout)
    deployment.stage()

    assert environment(deployment.config) == read_env_file(checkout / CLIENT_FILE)


def test_the_functions_accept_the_environment_that_a_configuration_gives(write_config, document):
    config = load_config(write_config(document))

    settings = Settings.from_mapping(environment(config))

    assert config.bucket("ledger") == settings.ledger_bucket
    assert config.allowed_base_models == settings.allowed_base_models
    assert config.max_usd_per_run == settings.max_usd_per_run
    assert config.max_usd_per_day == settings.max_usd_per_day
    assert config.max_concurrent_jobs == settings.max_concurrent_jobs
    assert config.max_new_runs_per_hour == settings.max_new_runs_per_hour
    assert 60 * config.sweep_minutes == settings.timings.sweep_period_seconds
    assert dict(config.default_base_models) == settings.default_base_models
    assert config.report_excerpts == settings.report_excerpts
