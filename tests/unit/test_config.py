"""Settings come from variables, and every fault is named at once."""

import pytest

from tunedrop.config import Settings
from tunedrop.errors import ConfigError
from tunedrop.timings import ORDER, Timings

GOOD = {
    "TUNEDROP_PROJECT": "test-project",
    "TUNEDROP_INTAKE_BUCKET": "t-intake",
    "TUNEDROP_WORK_BUCKET": "t-work",
    "TUNEDROP_LEDGER_BUCKET": "t-ledger",
    "TUNEDROP_STATE_BUCKET": "t-state",
    "TUNEDROP_REPORTS_BUCKET": "t-reports",
}


def test_lists_pairs_numbers_and_timings_are_read():
    settings = Settings.from_mapping(
        {
            **GOOD,
            "TUNEDROP_ALLOWED_BASE_MODELS": "a, b,",
            "TUNEDROP_DEFAULT_BASE_MODELS": "gemini=g, code-chat=c",
            "TUNEDROP_MAX_USD_PER_RUN": "12.5",
            "TUNEDROP_ALLOW_UNPRICED": "true",
            "TUNEDROP_TIMINGS": "lease_seconds=1000,call_timeout_seconds=5",
            "HOME": "/ignored",
        }
    )

    assert ("a", "b") == settings.allowed_base_models
    assert {"gemini": "g", "code-chat": "c"} == settings.default_base_models
    assert 12.5 == settings.max_usd_per_run
    assert settings.allow_unpriced
    assert (1000, 5) == (settings.timings.lease_seconds, settings.timings.call_timeout_seconds)


def test_what_is_not_listed_is_not_allowed():
    settings = Settings.from_mapping(GOOD)

    assert (
        ()
        == settings.allowed_base_models
        == settings.allowed_service_accounts
        == settings.allowed_encryption_keys
    )
    assert {"t-intake"} == settings.dataset_buckets
    assert not settings.allow_unpriced


def test_settings_survive_a_round_trip_through_variables():
    settings = Settings.from_mapping(
        {
            **GOOD,
            "TUNEDROP_ALLOWED_REGIONS": "us-central1,europe-west4",
            "TUNEDROP_TIMINGS": "list_lag_seconds=1",
        }
    )

    assert settings == Settings.from_mapping(settings.to_mapping())


def test_all_faults_are_named_together():
    variables = {
        **GOOD,
        "TUNEDROP_PROJECT": "",
        "TUNEDROP_REGION": "Mars",
        "TUNEDROP_INTAKE_BUKET": "x",
    }

    with pytest.raises(ConfigError) as caught:
        Settings.from_mapping(variables)

    assert all(
        name in str(caught.value)
        for name in ("TUNEDROP_PROJECT", "TUNEDROP_REGION", "TUNEDROP_INTAKE_BUKET")
    )
    assert "Mars" not in str(caught.value)


def test_one_bucket_for_two_purposes_is_refused():
    with pytest.raises(ConfigError, match="five different buckets"):
        Settings.from_mapping({**GOOD, "TUNEDROP_WORK_BUCKET": "t-intake"})


@pytest.mark.parametrize(
    "host", ["aiplatform.example.com:443", "10.0.0.1:80", "127.0.0.1", "localhost:x"]
)
def test_an_emulator_elsewhere_than_on_loopback_is_refused(host):
    with pytest.raises(ConfigError, match="loopback"):
        Settings.from_mapping({**GOOD, "TUNEDROP_VERTEX_EMULATOR_HOST": host})


def test_leases_and_deadlines_keep_their_order():
    times = [getattr(Timings(), name) for name in ORDER]

    assert sorted(times) == times
    assert len(set(times)) == len(times)
    with pytest.raises(ConfigError, match=" < ".join(ORDER)):
        Settings.from_mapping({**GOOD, "TUNEDROP_TIMINGS": "lease_seconds=10"})


def test_a_lease_outlasts_a_handler_its_create_call_and_two_skewed_clocks():
    exactly = Timings().handler_deadline_seconds + Timings().create_timeout_seconds + 2 * 60

    assert exactly == Timings().lease_seconds
    with pytest.raises(ConfigError, match=r"\+ 2 \* clock_skew_seconds"):
        Settings.from_mapping({**GOOD, "TUNEDROP_TIMINGS": "clock_skew_seconds=61"})


@pytest.mark.parametrize("name", ["TUNEDROP_TIMINGS", "TUNEDROP_DEFAULT_BASE_MODELS"])
def test_a_pair_without_an_equals_sign_is_a_fault(name):
    with pytest.raises(ConfigError, match=f"{name}: .*name=value"):
        Settings.from_mapping({**GOOD, name: "lease_seconds:60"})


def test_a_bucket_of_ours_cannot_hold_datasets_as_well():
    with pytest.raises(ConfigError, match="none of them an extra dataset bucket"):
        Settings.from_mapping({**GOOD, "TUNEDROP_EXTRA_DATASET_BUCKETS": "t-lake,t-ledger"})
