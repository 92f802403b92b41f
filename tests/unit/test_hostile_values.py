"""Family 41 of the hostile inputs: settings of every wrong type, size and owner, on every way that settings come."""

import json

import pytest

from support.hostile_deliveries import SECRET, Siege, code_rows, gemini_rows

CODE, GEMINI = "code-bison@002", "gemini-3.5-flash"
OTHER = "projects/somebody-else/locations/us-central1"
KEY = f"{OTHER}/keyRings/ring/cryptoKeys/key"
NUMBERS = [True, "3", 3.5, -1, 0, 10**9, float("nan"), float("inf"), None, [3], {"a": 3}]
TEXTS = [True, 3, "", "../../", "a\nb", "\x1b[31m", "\u202e", "é", [], {}]
VALUES = {
    "tuning.train_steps": (CODE, [*NUMBERS, 3.0]),
    "tuning.learning_rate_multiplier": (CODE, [value for value in NUMBERS if value != 3.5]),
    "tuning.epochs": (GEMINI, NUMBERS),
    "tuning.adapter_size": (GEMINI, [*NUMBERS, 3, 64, "ADAPTER_SIZE_FOUR"]),
    "tuning.export_last_checkpoint_only": (GEMINI, [1, 0, "true", "yes", None, []]),
    "tuning.accelerator_type": (CODE, [*TEXTS, "CPU", "tpu", "GPU\0"]),
    "tuning.region": (CODE, [*TEXTS, "mars-central1", "us-east4", "US-CENTRAL1", "us-central1/x"]),
    "tuning.upload_region": (CODE, [*TEXTS, "us-east4", "us-central1.evil.com"]),
    "tuning.service_account": (
        CODE,
        [*TEXTS, "a@b.com", "a@p.iam.gserviceaccount.com", "a@p.iam.gserviceaccount.com.evil.com"],
    ),
    "tuning.encryption_key": (CODE, [*TEXTS, KEY, KEY.replace("somebody-else", "test-project")]),
    "tuning.tensorboard": (CODE, [*TEXTS, f"{OTHER}/tensorboards/7"]),
    "tuning.pre_tuned_model": (GEMINI, [*TEXTS, f"{OTHER}/models/7", "models/7", "7@1"]),
    "tuning.tuned_model_display_name": (CODE, [5, "", "x" * 129, "a\nb", "\x1b[31m", "a\0", []]),
    "tuning.labels": (CODE, [{"OWNER": "é" * 64}, "a", None]),
    "tuning.hyperParameters": (GEMINI, [{"epochCount": 3}]),
    "base_model": (CODE, [*TEXTS, "code-bison", "gpt-9", f"{OTHER}/models/7", f"{CODE}\n"]),
    "labels": (CODE, [{"a": "b"}, {"A" * 64: "é"}]),
    "budget.max_usd_per_run": (CODE, [True, "3", -1, 0, float("inf"), [3]]),
    "__proto__": (CODE, [{"base_model": CODE}]),
    "": (CODE, [1]),
    "tuning": (CODE, [5, "x", [], {"epoch": 1}]),
    "tuning.": (CODE, [1]),
    "tuning.train_steps.x": (CODE, [1]),
}
CASES = [
    pytest.param(field, base, value, id=f"{field}-{ascii(value)[:24]}")
    for field, (base, values) in VALUES.items()
    for value in values
]
HEXADECIMAL = "0x" + "f" * 4000
"""Longer in decimal digits than Python writes down."""
REFUSED = {"rejected", "message_invalid"}


@pytest.fixture
def siege(capfd):
    return Siege(capfd)


def asked(siege, base, **fields):
    rows = gemini_rows() if base == GEMINI else code_rows()
    siege.store.put("test-intake", "x.jsonl", rows)
    answer = siege.push("requests", {"dataset_uri": "gs://test-intake/x.jsonl", **fields})
    siege.world.deliver()
    return answer


def nested(base, field, value):
    section, _, leaf = field.rpartition(".")
    return {"base_model": base, **({section: {leaf: value}} if section else {leaf: value})}


@pytest.mark.parametrize(("field", "base", "value"), CASES)
def test_family_41_an_override_of_any_value_is_refused(siege, field, base, value):
    overrides = {"base_model": base} if field != "base_model" else {}

    answer = asked(siege, base, overrides={**overrides, field: value})

    assert 200 == answer.status
    assert answer.code in REFUSED
    siege.assert_silent()


@pytest.mark.parametrize(("field", "base", "value"), CASES)
def test_family_41_an_inline_recipe_of_any_value_is_refused(siege, field, base, value):
    answer = asked(siege, base, inline_recipe=nested(base, field, value))

    assert 200 == answer.status
    assert answer.code in REFUSED
    siege.assert_silent()


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=True).replace("\x7f", "\\u007F")


@pytest.mark.parametrize(("field", "base", "value"), CASES)
def test_family_41_a_recipes_file_of_any_value_is_refused(siege, field, base, value):
    recipe = nested(base, field, value)
    text = "".join(f"{json.dumps(key)} = {toml(inner)}\n" for key, inner in recipe.items())
    rows = gemini_rows() if base == GEMINI else code_rows()

    first = siege.world.drop("bot/recipe.toml", text)
    second = siege.world.drop("bot/x.jsonl", rows)
    siege.world.deliver()

    assert (first.code, second.code) in {
        ("recipe_rejected", "waiting_for_recipe"),
        ("recipe_accepted", "rejected"),
    }
    siege.assert_silent()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(
            ("tunedrop-tuning-train-steps", value)
            for value in ("true", "3.0", "-1", "0", "1000000000", "[3]", "", "x", '"3"')
        ),
        *(
            ("tunedrop-tuning-train-steps", value)
            for value in ("nan", "-inf", "1e400", "[nan]", "1979-05-27", "[07:32:00]", HEXADECIMAL)
        ),
        ("tunedrop-tuning-service-account", "a@p.iam.gserviceaccount.com"),
        ("tunedrop-tuning-encryption-key", KEY),
        ("tunedrop-base-model", "../../"),
        ("tunedrop-tuning-train-step", "3"),
        ("tunedrop-\u202e", SECRET),
    ],
)
def test_family_41_metadata_of_any_value_is_refused(siege, key, value):
    info = siege.store.put("test-intake", "x.jsonl", code_rows(), **{key: value})

    answer = siege.finalize(info)
    siege.world.deliver()

    assert (200, "rejected") == (answer.status, answer.code)
    siege.assert_silent()


def test_family_41_what_a_good_message_asks_is_done(siege):
    """The counterpart of all refusals above: the way that they go does lead to a job."""
    answer = asked(siege, CODE, overrides={"base_model": CODE, "tuning.train_steps": 30})

    assert (200, "done", "accepted") == answer[:3]
    siege.assert_silent(jobs=1)
