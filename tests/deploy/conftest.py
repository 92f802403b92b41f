"""What every deploy test gets: the tool on the import path, and two configurations."""

import json
import sys
from pathlib import Path

import pytest

from support.once import once, session_folder
from support.recorder import Recorder
from support.warm_gcloud import WarmGcloud

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "deploy"))

SMALL = {
    "project": "test-project-1",
    "region": "us-central1",
    "bucket_location": "us-central1",
    "allow": {"base_models": ["gemini-3.5-flash"]},
}
FULL = {
    "project": "test-project-1",
    "project_number": "123456789012",
    "region": "europe-west4",
    "bucket_location": "europe-west4",
    "deployment": "dev",
    "sweep_minutes": 10,
    "allow": {
        "base_models": ["gemini-3.5-flash", "code-bison@002"],
        "regions": ["us-central1"],
        "service_accounts": ["jobs@test-project-1.iam.gserviceaccount.com"],
        "dataset_buckets": ["shared-datasets"],
    },
    "people": {
        "uploaders": ["group:ml@example.com"],
        "requesters": ["serviceAccount:crm@other-project.iam.gserviceaccount.com"],
        "operators": ["group:ops@example.com"],
        "readers": ["domain:example.com"],
    },
    "recipes": {
        "default_base_models": {"gemini": "gemini-3.5-flash"},
        "default_folders": ["support-bot"],
        "locked_fields": ["tuning.epochs"],
        "report_excerpts": False,
    },
    "caps": {
        "max_usd_per_run": 25.0,
        "max_usd_per_day": 100.0,
        "max_concurrent_jobs": 4,
        "max_new_runs_per_hour": 50,
        "max_instances": 3,
    },
    "budget": {"billing_account": "01AB23-4CD567-89EF01", "monthly_usd": 500},
    "alerts": {
        "notification_channel": "projects/test-project-1/notificationChannels/77",
        "webhook": True,
    },
    "jobs": {"tensorboard": "projects/test-project-1/locations/europe-west4/tensorboards/88"},
    "security": {
        "tuning_service_account": "tuning@test-project-1.iam.gserviceaccount.com",
        "kms_key": "projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k",
    },
    "ledger": {"retention_days": 30, "soft_delete_days": 30},
    "labels": {"team": "ml"},
}
CONFIGS = {"small": SMALL, "full": FULL}


def toml_of(value):
    """One value of a configuration as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml_of(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml_of(item) for item in value) + "]"
    return json.dumps(value)


def document_text(document):
    """A whole configuration as TOML."""
    return "".join(f"{key} = {toml_of(value)}\n" for key, value in document.items())


@pytest.fixture(scope="session")
def warm():
    """The real gcloud, started once for a worker's files."""
    with WarmGcloud() as started:
        yield started


@pytest.fixture(scope="module")
def story(warm, config_texts, tmp_path_factory):
    """The configuration that uses every field, applied once for all workers; each file has a recorder of its own."""
    from support.deploy_bench import Bench
    from support.story import Story

    with Recorder() as recorder:
        folder = tmp_path_factory.mktemp("story")
        story = Story(Bench(config_texts["full"], folder, warm, recorder))
        story.begin(once(session_folder(tmp_path_factory) / "applied", story.tell))
        yield story


@pytest.fixture
def story_put_back(story):
    """What a test changes in the story's project is as before afterwards."""
    yield
    story.put_back()


@pytest.fixture(scope="session")
def config_texts():
    """Both configurations as TOML, by name; for fixtures that live longer than a test."""
    return {name: document_text(document) for name, document in CONFIGS.items()}


@pytest.fixture
def write_config(tmp_path):
    """A callable that writes a configuration and returns its path."""

    def write(document):
        path = tmp_path / "config.toml"
        path.write_text(document_text(document))
        return path

    return write


@pytest.fixture(params=list(CONFIGS))
def document(request):
    """Each of the two configurations."""
    return CONFIGS[request.param]


@pytest.fixture
def small_document():
    """The configuration that leaves everything at its default."""
    return SMALL


@pytest.fixture
def full_document():
    """The configuration that uses every field."""
    return FULL


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A source tree of links to ours with a build folder of its own, as working directory."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in ("functions", "shared"):
        (root / name).symlink_to(ROOT / name)
    monkeypatch.chdir(root)
    return root
