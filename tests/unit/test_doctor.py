"""The doctor's judgements over what was read, without a project."""

from dataclasses import replace
from datetime import date

import pytest
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import RefreshError, TransportError

from tunedrop.catalog import load_catalog
from tunedrop.config import Settings
from tunedrop.doctor.buckets import bucket_lines
from tunedrop.doctor.google_project import Doors, GoogleProject
from tunedrop.doctor.judging import examine
from tunedrop.doctor.knowledge import metric_of, role_for
from tunedrop.doctor.lines import Facts, Need, Sight, State, Verdict, exit_code, summary
from tunedrop.doctor.look import SERVICES, Look
from tunedrop.doctor.looks import looks
from tunedrop.doctor.policies import Holding, Resource, judge_holding
from tunedrop.doctor.quotas import needed_quotas, quota_lines
from tunedrop.doctor.subject import Subject
from tunedrop.errors import ConfigError

CATALOG = load_catalog()
KEY = "projects/acme-ml/locations/us-central1/keyRings/r/cryptoKeys/k"
SETTINGS = Settings(
    project="acme-ml",
    project_number="42",
    allowed_base_models=("gemini-3.5-flash", "code-bison@002"),
    **{
        f"{role}_bucket": f"acme-{role}"
        for role in ("intake", "work", "ledger", "state", "reports")
    },
)
SUBJECT = Subject(SETTINGS, CATALOG, date(2026, 11, 26))


def subject(**changes):
    return replace(SUBJECT, settings=SETTINGS.model_copy(update=changes))


def line_of(lines, code):
    (line,) = (each for each in lines if each.code == code)
    return line


def bucket_in(location, **more):
    found = {"projectNumber": "42", "location": location, **more}
    return Facts({"bucket/intake": Sight("seen", found)})


@pytest.mark.parametrize(
    ("location", "more", "region", "state"),
    [
        ("US-CENTRAL1", {}, "us-central1", "good"),
        ("US", {}, "us-central1", "good"),
        ("EU", {}, "europe-west4", "good"),
        ("ASIA", {}, "asia-northeast1", "good"),
        ("NAM4", {}, "us-central1", "good"),
        ("NAM4", {}, "us-west1", "unfit"),
        (
            "US",
            {"customPlacementConfig": {"dataLocations": ["US-WEST1", "US-EAST1"]}},
            "us-west1",
            "good",
        ),
        ("EU", {}, "us-central1", "unfit"),
        ("US-EAST1", {}, "us-central1", "unfit"),
    ],
)
def test_a_bucket_fits_where_its_location_holds_the_region(location, more, region, state):
    lines = bucket_lines(subject(region=region), bucket_in(location, **more))

    assert state == line_of(lines, "bucket.intake.location").state


def test_without_the_projects_number_nobody_says_whose_a_bucket_is():
    facts = bucket_in("US")
    facts.sights["project"] = Sight("unseen", reason="the caller lacks it", remedy="ask")
    line = line_of(bucket_lines(subject(project_number=""), facts), "bucket.intake.owner")

    assert (State.UNSEEN, "ask") == (line.state, line.remedy)


def quota(value=None, *, name="Restricted image training Nvidia A100 80GB GPUs per region", **more):
    details = {} if value is None else {"value": value}
    entries = [
        {"dimensions": {"region": "europe-west4"}, "details": {"value": "64"}},
        {"dimensions": {"region": "us-central1"}, "details": details},
    ]
    return {"quotaId": "Q", "quotaDisplayName": name, "dimensionsInfos": entries, **more}


@pytest.mark.parametrize(
    ("info", "state", "found"),
    [
        (quota("8"), "good", "8, for 1 at once"),
        (quota("17"), "good", "17, for 2 at once"),
        (quota("-1"), "good", "unlimited"),
        (quota("7"), "unfit", "7, one job takes 8"),
        (quota(), "unfit", "0, one job takes 8"),
        (
            quota(
                "8", name="", metricDisplayName="Restricted Image Training Nvidia A100 80 GB GPUs"
            ),
            "good",
            "8, for 1 at once",
        ),
        (
            quota(
                "8",
                name="renamed",
                metric="aiplatform.googleapis.com/restricted_image_training_nvidia_a100_80gb_gpus",
            ),
            "good",
            "8, for 1 at once",
        ),
        (quota("8", name="another"), "unseen", "the service lists no quota of this name"),
        (quota(dimensionsInfos=[]), "unseen", "the quota is not told for us-central1"),
        (
            quota(
                dimensionsInfos=[
                    {"applicableLocations": ["us-central1", "us-east4"], "details": {"value": "9"}}
                ]
            ),
            "good",
            "9, for 1 at once",
        ),
    ],
)
def test_a_quota_is_found_by_its_documented_name_and_read_for_its_region(info, state, found):
    lines = quota_lines(SUBJECT, Facts({"quotas": Sight("seen", [info])}))
    line = line_of(lines, "quota.gpu.us-central1")

    assert (state, found) == (line.state, line.found)


def test_a_quota_is_needed_only_where_an_allowed_base_model_takes_from_it():
    only_gemini = subject(allowed_base_models=("gemini-3.5-flash",))
    lines = list(quota_lines(only_gemini, Facts({"quotas": Sight("seen", [])})))

    assert State.NOT_NEEDED == line_of(lines, "quota.gpu.us-central1").state
    assert State.UNSEEN == line_of(lines, "quota.jobs.global").state
    assert "quotas" in {look.key for look in looks(only_gemini)}
    assert "quotas" not in {look.key for look in looks(subject(allowed_base_models=()))}


def test_the_metrics_that_are_known_belong_to_quotas_of_the_catalog():
    from tunedrop.doctor.knowledge import _document

    assert _document()["quotas"].keys() <= {need.name for need in needed_quotas(SUBJECT)}
    assert "" == metric_of("another")


def test_every_look_says_which_role_lets_a_caller_look():
    everything = subject(
        encryption_key=KEY,
        tensorboard="projects/acme-ml/locations/us-central1/tensorboards/7",
        service_account="jobs@acme-ml.iam.gserviceaccount.com",
        extra_dataset_buckets=("lake",),
    )
    unknown = {look.permission for look in looks(everything) if not role_for(look.permission)}

    assert set() == unknown
    assert len({look.key for look in looks(everything)}) == len(looks(everything))


BUCKET = Resource(("storage", "buckets"), ("gs://b",), says_condition=True)
WANTED = Holding("serviceAccount:a@x", "roles/storage.objectCreator", "one || two", "in runs")


def policy(*conditions, role=WANTED.role):
    return {
        "bindings": [
            {"role": role, "members": [WANTED.member]} | ({"condition": each} if each else {})
            for each in conditions
        ]
    }


@pytest.mark.parametrize(
    ("own", "above", "state"),
    [
        (policy({"expression": "one  ||\n two", "title": "renamed"}), {}, "good"),
        (policy({"expression": "three"}), {}, "unfit"),
        (policy(None), {}, "unfit"),
        (policy({"expression": "one || two"}, role="roles/viewer"), {}, "missing"),
        ({}, policy(None), "unfit"),
        ({}, policy({"expression": "one || two"}), "missing"),
        ({}, None, "missing"),
    ],
)
def test_a_right_is_judged_with_its_condition(own, above, state):
    verdict = judge_holding(own, above, WANTED, BUCKET, "p")

    assert state == verdict.state
    assert (state == "good") == (verdict.mend == ())


def test_a_wider_right_is_replaced_by_the_expected_one():
    verdict = judge_holding(policy(None), {}, WANTED, BUCKET, "p")
    who = "--member=serviceAccount:a@x --role=roles/storage.objectCreator"

    assert (
        (
            "gcloud storage buckets add-iam-policy-binding gs://b"
            f" {who} '--condition=expression=one || two,title=in runs' --project=p"
        ),
        f"gcloud storage buckets remove-iam-policy-binding gs://b {who} --condition=None --project=p",
    ) == verdict.mend


def test_what_lines_come_to():
    need = Need("a.b", "x", "Y.")
    good, bad = need.is_(Verdict(State.GOOD)), need.is_(Verdict(State.UNFIT))
    unseen = need.is_(Verdict(State.UNSEEN))
    seen = Facts({"x": Sight("seen"), "y": Sight("unseen")})

    assert (0, 1) == (exit_code([good, unseen], seen), exit_code([good, bad], seen))
    assert 3 == exit_code([good, bad], Facts({"x": Sight("unseen"), "y": Sight("not_here")}))
    assert 0 == exit_code([good], Facts({"y": Sight("not_here")}))
    assert {"good": 2, "missing": 0, "unfit": 1, "unseen": 1, "not_needed": 0} == summary(
        [good, good, bad, unseen]
    )


def test_a_local_cloud_gets_the_same_lines_without_any_that_it_cannot_have():
    local = subject(vertex_emulator_host="127.0.0.1:1", vertex_emulator_rest_host="127.0.0.1:2")
    nothing = Facts({look.key: Sight("not_here", reason="no such thing") for look in looks(local)})
    unseen = [line.code for line in examine(local, nothing) if line.state == State.UNSEEN]
    real = {line.code for line in examine(SUBJECT, Facts({}))}

    assert ["project.credentials"] == unseen
    assert real <= {line.code for line in examine(local, nothing)}


@pytest.mark.parametrize("facts", [None, "absent"], ids=["unseen", "absent"])
def test_codes_are_unique_and_nothing_found_raises(facts):
    everything = subject(
        encryption_key=KEY,
        allowed_encryption_keys=(KEY.replace("/r/", "/s/"),),
        tensorboard="projects/acme-ml/locations/us-central1/tensorboards/7",
        service_account="jobs@acme-ml.iam.gserviceaccount.com",
        extra_dataset_buckets=("ledger",),
    )
    sights = {look.key: Sight("absent") for look in looks(everything)} if facts else {}
    codes = [line.code for line in examine(everything, Facts(sights))]

    assert sorted(set(codes)) == sorted(codes)


class Broken(Credentials):
    """Credentials whose refresh fails."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def refresh(self, request):
        raise self.error


@pytest.mark.parametrize(
    ("credentials", "outcome", "reason"),
    [
        (None, "absent", "there are none"),
        (Broken(RefreshError("invalid_grant: gone")), "absent", "refused: invalid_grant: gone"),
        (Broken(TransportError("no way")), "unseen", "no answer: TransportError"),
        (AnonymousCredentials(), "not_here", "nothing here asks who calls"),
    ],
)
def test_credentials_are_tried_before_anything_is_looked_at(credentials, outcome, reason):
    with GoogleProject(credentials, Doors.google(), SUBJECT) as project:
        sight = project.identity()
        blind = project.blind(looks(SUBJECT), sight)

    assert (outcome, reason) == (sight.outcome, sight.reason)
    assert {f"credentials: {reason}"} == {each.reason for each in blind.values()}


def test_each_service_is_asked_where_it_answers():
    look = Look(key="x", service="aiplatform", path="v1/x", permission="p", host="eu.example")

    assert "https://eu.example/v1/x" == Doors.google().address(look)
    assert "http://127.0.0.1:1/aiplatform/v1/x" == Doors.stand_in("127.0.0.1:1").address(look)
    assert "" == Doors({}).address(look)
    assert {look.service for look in looks(SUBJECT)} <= SERVICES.keys()


@pytest.mark.parametrize("host", ["googleapis.example.com:443", "127.0.0.1", "10.0.0.1:80"])
def test_a_stand_in_for_googles_apis_elsewhere_than_on_loopback_is_refused(host):
    with pytest.raises(ConfigError, match="google_apis_emulator_host: expected a loopback host"):
        Settings.from_mapping(SETTINGS.to_mapping() | {"TUNEDROP_GOOGLE_APIS_EMULATOR_HOST": host})
