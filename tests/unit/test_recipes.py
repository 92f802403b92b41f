"""Recipes: strict fields, every problem at once with its place, and overrides that respect locks."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tunedrop.domain.finding_rules import RULES, Code, Severity
from tunedrop.errors import RecipeError
from tunedrop.recipes import (
    MAX_RECIPE_BYTES,
    Recipe,
    apply_overrides,
    leaf_fields,
    metadata_key,
    metadata_overrides,
    parse_overrides,
    parse_recipe,
    recipe_from_mapping,
)

DOCS = Path(__file__).parents[2] / "docs" / "recipes.md"
NO_LOCKS = frozenset()
FULL = b"""
base_model = "gemini-3.5-flash"
datasets = "newest"
on_retired = "reroute"
tolerate = 0.01
description = "answers of our support"
[tuning]
epochs = 3
learning_rate_multiplier = 1.0
adapter_size = 4
[evaluation]
holdout = 0.1
[budget]
max_usd_per_run = 25.0
[promotion]
policy = "better-than-champion"
"""
OWN_PIPELINE = {
    "template_uri": "https://us-kfp.pkg.dev/my-project/my-templates/tune/v1",
    "dataset_format": "code-chat",
    "parameters": {"train": "{dataset_uri}", "steps": 100, "nested": {"flags": [True, 0.5]}},
}


def recipe(**sections):
    return recipe_from_mapping({"base_model": "code-bison@002", **sections}, source="r.toml")


def problems_of(call, *args, **kwargs):
    with pytest.raises(RecipeError) as caught:
        call(*args, **kwargs)
    return [(problem.where, problem.code) for problem in caught.value.problems]


def test_a_full_recipe_is_read():
    read = parse_recipe(FULL, source="support/recipe.toml")

    assert "gemini-3.5-flash" == read.base_model
    assert ("newest", "reroute", 0.01) == (read.datasets, read.on_retired, read.tolerate)
    assert (3, 1.0, 4) == (
        read.tuning.epochs,
        read.tuning.learning_rate_multiplier,
        read.tuning.adapter_size,
    )
    assert (0.1, 25.0) == (read.evaluation.holdout, read.budget.max_usd_per_run)
    assert "better-than-champion" == read.promotion.policy


def test_a_recipe_needs_only_a_base_model():
    read = parse_recipe(b'base_model = "code-bison@002"', source="r.toml")

    assert ("each", "refuse", 0, "manual") == (
        read.datasets,
        read.on_retired,
        read.tolerate,
        read.promotion.policy,
    )


def test_a_byte_order_mark_is_allowed():
    assert "m" == parse_recipe(b'\xef\xbb\xbfbase_model = "m"', source="r.toml").base_model


def test_a_recipe_survives_json():
    read = parse_recipe(FULL, source="r.toml")

    assert read == Recipe.model_validate_json(read.model_dump_json(exclude_none=True))


def test_a_template_of_ones_own_stands_in_for_a_base_model():
    read = recipe_from_mapping({"pipeline": OWN_PIPELINE}, source="r.toml")

    assert read.base_model is None
    assert OWN_PIPELINE["parameters"] == read.pipeline.parameters


# `true` is not 1 and "3" is not 3: a slip in a recipe spends money.
@pytest.mark.parametrize("value", [True, "3", -1, 0, 10**9, 10**400, float("nan"), None, [3], {}])
@pytest.mark.parametrize(
    "field", ["epochs", "train_steps", "learning_rate_multiplier", "adapter_size"]
)
def test_no_hyperparameter_takes_what_is_not_a_number_in_its_bounds(field, value):
    assert [(f"r.toml: tuning.{field}", "invalid_value")] == problems_of(
        recipe, tuning={field: value}
    )


@pytest.mark.parametrize("field", ["train_steps", "adapter_size", "evaluation_interval"])
def test_a_whole_number_has_no_decimal_point(field):
    assert [(f"r.toml: tuning.{field}", "invalid_value")] == problems_of(
        recipe, tuning={field: 4.0}
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tuning.region", "us-central1\n"),
        ("tuning.region", "evil.example.com/us-central1"),
        ("tuning.upload_region", ""),
        ("tuning.accelerator_type", "CPU"),
        ("tuning.enable_early_stopping", "true"),
        ("tuning.enable_checkpoint_selection", True),
        ("tuning.tuned_model_display_name", "x" * 65),
        ("tuning.tuned_model_display_name", "a\x00b"),
        ("tuning.service_account", "root@example.com"),
        ("tuning.encryption_key", "projects/p/locations/l/keyRings/r"),
        ("tuning.tensorboard", "123"),
        ("tuning.pre_tuned_model", "projects/p/locations/l/models/../x"),
        ("tuning.default_context", ""),
        ("evaluation.holdout", 0.6),
        ("evaluation.holdout", float("inf")),
        ("evaluation.dataset", "../other/eval.jsonl"),
        ("evaluation.dataset", "gs://elsewhere/eval.jsonl"),
        ("evaluation.dataset", "/eval.jsonl"),
        ("evaluation.dataset", "eval.json"),
        ("budget.max_usd_per_run", 0),
        ("promotion.policy", "sometimes"),
        ("pipeline.template_uri", "http://localhost/template"),
        ("pipeline.parameters", {"train": "somewhere else"}),
        ("pipeline.parameters", {"train": "{dataset_uri}", "x": float("nan")}),
        ("pipeline.parameters", {"train": "{dataset_uri}", "x": [None]}),
        ("pipeline.parameters", {"train": "{dataset_uri}", "x": "\ud800"}),
        ("pipeline.parameters", {"train": "{dataset_uri}", "x": 2**60}),
        ("base_model", "../../secret"),
        ("base_model", "projects/other/locations/l/models/1"),
        ("description", "\ud800"),
        ("datasets", "both"),
        ("tolerate", -0.1),
        ("tolerate", 0.6),
    ],
)
def test_a_value_of_the_wrong_form_is_refused_at_its_field(field, value):
    section, _, leaf = field.rpartition(".")
    mapping = {"base_model": "code-bison@002"}
    if section == "pipeline":
        mapping = {"pipeline": {**OWN_PIPELINE, leaf: value}}
    elif section:
        mapping[section] = {leaf: value}
    else:
        mapping[leaf] = value

    assert [(f"r.toml: {field}", "invalid_value")] == problems_of(
        recipe_from_mapping, mapping, source="r.toml"
    )


def test_evaluation_files_may_lie_in_folders_below():
    assert "a/b.eval.jsonl" == recipe(evaluation={"dataset": "a/b.eval.jsonl"}).evaluation.dataset


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("[tunning]", "did you mean 'tuning'?"),
        ("[tuning]\nepoch = 3", "did you mean 'epochs'?"),
        ("[budget]\nusd = 3", "use one of max_usd_per_run"),
    ],
)
def test_an_unknown_key_is_refused_with_a_suggestion(line, meant):
    with pytest.raises(RecipeError, match=re.escape(meant)) as caught:
        parse_recipe(f'base_model = "m"\n{line}'.encode(), source="r.toml")

    assert ["unknown_field"] == [problem.code for problem in caught.value.problems]


def test_all_problems_are_reported_together():
    data = b'datasets = "all"\n[tuning]\nepochs = 3\ntrain_steps = 9\nadapter_size = 3\nepoch = 1\n'

    assert {
        ("r.toml", "missing_field"),
        ("r.toml: datasets", "invalid_value"),
        ("r.toml: tuning.train_steps", "exclusive"),
        ("r.toml: tuning.adapter_size", "invalid_value"),
        ("r.toml: tuning.epoch", "unknown_field"),
    } == set(problems_of(parse_recipe, data, source="r.toml"))


def test_a_message_nested_too_deep_is_refused():
    nested = {"base_model": "m", "tuning": []}
    inner = nested["tuning"]
    for _ in range(100_000):
        inner.append([])
        inner = inner[0]

    assert [("request", "invalid_value")] == problems_of(
        recipe_from_mapping, nested, source="request"
    )


@pytest.mark.parametrize(
    ("mapping", "where"),
    [
        ({"base_model": "m", "tuning": {"epochs": 1, "train_steps": 1}}, "r: tuning.train_steps"),
        (
            {"base_model": "m", "evaluation": {"holdout": 0.1, "dataset": "e.jsonl"}},
            "r: evaluation.dataset",
        ),
        ({"base_model": "m", "pipeline": OWN_PIPELINE}, "r: pipeline"),
    ],
)
def test_fields_that_exclude_each_other_are_not_both_taken(mapping, where):
    assert [(where, "exclusive")] == problems_of(recipe_from_mapping, mapping, source="r")


def test_the_model_itself_holds_exclusive_fields_apart():
    with pytest.raises(ValueError, match=r"tuning\.epochs or tuning\.train_steps"):
        Recipe.model_validate({"base_model": "m", "tuning": {"epochs": 1, "train_steps": 1}})


def test_a_recipe_without_anything_to_tune_is_refused():
    assert [("r.toml", "missing_field")] == problems_of(parse_recipe, b"", source="r.toml")


@pytest.mark.parametrize(
    ("data", "where"),
    [
        pytest.param(b'base_model = "m"\nx =\n', "r.toml line 2", id="a value missing"),
        pytest.param(b'a = "1"\n\xff', "r.toml line 2", id="no UTF-8"),
        pytest.param(b'a = 1\n\nb = """', "r.toml line 3", id="a text that never ends"),
        pytest.param(b"a = 1\na = 2", "r.toml line 2", id="a key twice"),
        pytest.param(b"a = " + b"9" * 5000, "r.toml", id="a number of 5000 digits"),
        pytest.param(b"a = " + b"[" * 30_000, "r.toml", id="nested arrays"),
        pytest.param(b"a" + b".a" * 30_000 + b" = 1", "r.toml line 1", id="a dotted key"),
        pytest.param(b"#\n[" + b"''." * 20_000 + b"a]", "r.toml line 2", id="a dotted table name"),
        pytest.param(b"a = " + b"{a=" * 500 + b"1" + b"}" * 500, "r.toml", id="nested tables"),
        pytest.param(b"#" * (MAX_RECIPE_BYTES + 1), "r.toml", id="too large"),
        pytest.param(b"--- &a [*a, *a]", "r.toml line 1", id="YAML"),
        pytest.param(b'{"input_text": "a"}', "r.toml line 1", id="a dataset"),
    ],
)
def test_what_is_no_recipe_file_is_refused_with_its_line(data, where):
    with pytest.raises(RecipeError) as caught:
        parse_recipe(data, source="r.toml")

    assert [where] == [problem.where for problem in caught.value.problems]


@pytest.mark.parametrize("filler", [b"a", b'"', b"' ", b"a.", b"a .\t", b"\n", b"[a]\n", b"\\"])
def test_no_filling_makes_reading_slow(filler):
    # The suite's time limit is the assertion: what is quadratic over 64 KiB does not come back.
    data = filler * (MAX_RECIPE_BYTES // len(filler))

    with pytest.raises(RecipeError):
        parse_recipe(data, source="r.toml")


def test_a_recipe_may_be_as_large_as_the_bound():
    data = b'base_model = "m"\n'

    assert parse_recipe(data + b"#" * (MAX_RECIPE_BYTES - len(data)), source="r.toml")


def test_texts_of_a_recipe_are_not_repeated_in_its_problems():
    with pytest.raises(RecipeError) as caught:
        recipe(tuning={"encryption_key": "hunter2 is my password"})

    assert "hunter2" not in str(caught.value)
    assert "a text of length 22" in str(caught.value)


def test_thousands_of_problems_make_a_report_of_fifty():
    data = "\n".join(f"key{n} = 1" for n in range(3000)).encode()

    with pytest.raises(RecipeError, match="many more problems") as caught:
        parse_recipe(data, source="r.toml")

    assert 51 == len(caught.value.problems)


@pytest.mark.parametrize(
    ("read", "prefix"),
    [(parse_overrides, ""), (metadata_overrides, "tunedrop-")],
    ids=["message", "metadata"],
)
def test_thousands_of_unknown_overrides_make_a_report_of_fifty(read, prefix):
    with pytest.raises(RecipeError) as caught:
        read({f"{prefix}key{n}": "1" for n in range(3000)}, source="request")

    assert 51 == len(caught.value.problems)


TOML_LIKE = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "[tuning]\n",
                "[pipeline]\n",
                "epochs",
                "base_model",
                " = ",
                "3",
                "nan",
                '"m"',
                "[",
                "]",
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=20,
).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass"))


@given(st.one_of(st.binary(max_size=300), TOML_LIKE))
@example(b"\x00")
@example(b'base_model = "\\ud800"')
@example(b"a = 1979-05-27T07:32:00Z\n")
def test_any_bytes_give_a_recipe_or_a_recipe_error(data):
    try:
        result = parse_recipe(data, source="r.toml")
    except RecipeError as error:
        result = error

    assert isinstance(result, Recipe) or all(p.remedy and p.where for p in result.problems)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(sorted({*leaf_fields(), *Recipe.model_fields})) | st.text(max_size=10)


@given(st.dictionaries(NAMES, JSON_VALUES, max_size=4))
def test_any_message_gives_a_recipe_or_a_recipe_error(mapping):
    base = recipe(tuning={"train_steps": 100})
    try:
        result = apply_overrides(base, mapping, locked=NO_LOCKS, source="request")
    except RecipeError as error:
        result = error

    assert isinstance(result, (Recipe, RecipeError))


@given(st.dictionaries(NAMES.map(metadata_key), st.text(max_size=20), max_size=4))
def test_any_metadata_gives_a_recipe_or_a_recipe_error(metadata):
    try:
        overrides = metadata_overrides(metadata)
        result = apply_overrides(recipe(), overrides, locked=NO_LOCKS, source="metadata")
    except RecipeError as error:
        result = error

    assert isinstance(result, (Recipe, RecipeError))


def test_overrides_come_as_dotted_names_or_as_tables():
    dotted = parse_overrides({"tuning.epochs": 3, "base_model": "m"}, source="request")
    nested = parse_overrides({"tuning": {"epochs": 3}, "base_model": "m"}, source="request")

    assert {"tuning.epochs": 3, "base_model": "m"} == dotted == nested


def test_the_parameters_of_a_template_are_one_field():
    overrides = parse_overrides({"pipeline.parameters": {"a": 1}}, source="request")

    assert {"pipeline.parameters": {"a": 1}} == overrides


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ({"tuning.epoch": 3}, "unknown_field"),
        ({"tuning": 3}, "unknown_field"),
        ({"pipeline.parameters.steps": 3}, "unknown_field"),
        ({"tuning.epochs": 3, "tuning": {"epochs": 4}}, "invalid_value"),
        ({"tuning": {"epochs": {"a": {}}}, "x": [[[[[[[[[[[[[1]]]]]]]]]]]]]}, "invalid_value"),
    ],
    ids=["misspelt", "a section as a value", "below a field", "twice", "too deep"],
)
def test_overrides_that_name_no_field_are_refused(overrides, code):
    with pytest.raises(RecipeError) as caught:
        parse_overrides(overrides, source="request")

    assert [code] == [problem.code for problem in caught.value.problems]


def test_a_recipe_sets_how_grave_findings_are():
    read = parse_recipe(
        b'base_model = "m"\nstrict = true\n[severities]\npersonal_data = "warning"\nlossy = "off"\n',
        source="r.toml",
    )

    assert read.strict
    assert {Code.PERSONAL_DATA: Severity.WARNING, Code.LOSSY: Severity.OFF} == (
        read.severities.chosen()
    )
    assert {} == recipe().severities.chosen()


def test_every_finding_has_a_severity_to_set():
    assert {f"severities.{code}" for code in Code} == {
        field for field in leaf_fields() if field.startswith("severities.")
    }


@pytest.mark.parametrize("severity", ["warning", "note", "off"])
@pytest.mark.parametrize("code", [code for code in Code if RULES[code].severity is Severity.ERROR])
def test_an_error_cannot_be_made_milder(code, severity):
    with pytest.raises(RecipeError, match=f"expected 'error'.*found '{severity}'") as caught:
        recipe(severities={code.value: severity})

    assert [f"r.toml: severities.{code}"] == [problem.where for problem in caught.value.problems]


@pytest.mark.parametrize("code", sorted(Code))
def test_any_finding_can_be_made_an_error(code):
    read = recipe(severities={code.value: "error"})

    assert {code: Severity.ERROR} == read.severities.chosen()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('personal_dat = "warning"', "did you mean 'personal_data'?"),
        ('lossy = "grave"', "expected 'error', 'warning', 'note' or 'off', found 'grave'"),
        ("lossy = 1", "expected 'error', 'warning', 'note' or 'off', found 1"),
    ],
    ids=["code", "severity", "number"],
)
def test_a_severity_that_does_not_exist_is_refused_with_those_that_do(line, problem):
    with pytest.raises(RecipeError, match=re.escape(problem)):
        parse_recipe(f'base_model = "m"\n[severities]\n{line}'.encode(), source="r.toml")


def test_metadata_and_requests_set_severities_one_by_one():
    base = recipe(severities={"lossy": "off"})
    overrides = {
        **metadata_overrides({"tunedrop-severities-personal-data": "warning"}),
        **parse_overrides({"severities": {"crlf": "off"}, "strict": True}, source="request"),
    }

    changed = apply_overrides(base, overrides, locked=NO_LOCKS, source="request")

    assert changed.strict
    assert {"lossy": "off", "personal_data": "warning", "crlf": "off"} == (
        changed.severities.model_dump(exclude_none=True)
    )


def test_severities_can_be_locked_as_a_whole():
    assert [("request: severities.lossy", "field_locked")] == problems_of(
        apply_overrides,
        recipe(),
        {"severities.lossy": "off"},
        locked=frozenset({"severities"}),
        source="request",
    )


def test_an_override_replaces_one_field_and_leaves_the_others():
    base = recipe(tuning={"epochs": 2, "learning_rate_multiplier": 0.5})

    changed = apply_overrides(base, {"tuning.epochs": 3}, locked=NO_LOCKS, source="request")

    assert recipe(tuning={"epochs": 3, "learning_rate_multiplier": 0.5}) == changed
    assert 2 == base.tuning.epochs


@pytest.mark.parametrize(
    ("base", "overrides", "expected"),
    [
        (
            {"tuning": {"train_steps": 300}},
            {"tuning.epochs": 3},
            {"base_model": "code-bison@002", "tuning": {"epochs": 3}},
        ),
        (
            {"evaluation": {"holdout": 0.1}},
            {"evaluation.dataset": "e.jsonl"},
            {"base_model": "code-bison@002", "evaluation": {"dataset": "e.jsonl"}},
        ),
        (
            {},
            {f"pipeline.{leaf}": value for leaf, value in OWN_PIPELINE.items()},
            {"pipeline": OWN_PIPELINE},
        ),
    ],
    ids=["epochs for steps", "a file for a share", "a template for a base model"],
)
def test_an_override_takes_the_place_of_the_field_that_excludes_it(base, overrides, expected):
    changed = apply_overrides(recipe(**base), overrides, locked=NO_LOCKS, source="request")

    assert recipe_from_mapping(expected, source="r.toml") == changed


def test_a_base_model_takes_the_place_of_a_template():
    own = recipe_from_mapping({"pipeline": OWN_PIPELINE}, source="r.toml")

    changed = apply_overrides(own, {"base_model": "m"}, locked=NO_LOCKS, source="request")

    assert ("m", None) == (changed.base_model, changed.pipeline)


def test_overrides_that_exclude_each_other_are_refused():
    overrides = {"tuning.epochs": 3, "tuning.train_steps": 9}

    assert [("request: tuning.train_steps", "exclusive")] == problems_of(
        apply_overrides, recipe(), overrides, locked=NO_LOCKS, source="request"
    )


def test_null_in_an_override_is_not_a_way_to_unset():
    assert [("request: tuning.epochs", "invalid_value")] == problems_of(
        apply_overrides, recipe(), {"tuning.epochs": None}, locked=NO_LOCKS, source="request"
    )


@pytest.mark.parametrize("locked", ["tuning.encryption_key", "tuning"])
def test_a_locked_field_cannot_be_overridden(locked):
    key = "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k"

    with pytest.raises(RecipeError, match="locked") as caught:
        apply_overrides(
            recipe(), {"tuning.encryption_key": key}, locked=frozenset({locked}), source="request"
        )

    assert "field_locked" == caught.value.code == caught.value.problems[0].code


def test_a_lock_cannot_be_passed_by_through_the_field_that_excludes_it():
    base = recipe(tuning={"train_steps": 10})

    assert [("request: tuning.train_steps", "field_locked")] == problems_of(
        apply_overrides,
        base,
        {"tuning.epochs": 100},
        locked=frozenset({"tuning.train_steps"}),
        source="request",
    )


def test_changing_the_result_of_an_override_leaves_the_message_alone():
    message = {f"pipeline.{leaf}": value for leaf, value in OWN_PIPELINE.items()}

    changed = apply_overrides(recipe(), message, locked=NO_LOCKS, source="request")
    changed.pipeline.parameters["steps"] = 0

    assert 100 == OWN_PIPELINE["parameters"]["steps"]


def test_metadata_keys_are_the_dotted_names_with_hyphens():
    metadata = {
        "tunedrop-tuning-epochs": "3",
        "Tunedrop-Base-Model": "gemini-3.5-flash",
        "tunedrop-tuning-learning-rate-multiplier": "0.5",
        "tunedrop-tuning-enable-early-stopping": "false",
        "tunedrop-description": "42",
        "tunedrop-datasets": '"newest"',
        "goog-reserved-file-mtime": "0",
    }

    assert {
        "tuning.epochs": 3,
        "base_model": "gemini-3.5-flash",
        "tuning.learning_rate_multiplier": 0.5,
        "tuning.enable_early_stopping": False,
        "description": "42",
        "datasets": "newest",
    } == metadata_overrides(metadata)


def test_no_two_fields_share_a_metadata_key():
    keys = [metadata_key(name) for name in leaf_fields()]

    assert len(keys) == len(set(keys))


def test_a_checkpoint_choice_needs_no_quotes_in_metadata():
    overrides = metadata_overrides({"tunedrop-tuning-enable-checkpoint-selection": "true"})

    assert {"tuning.enable_checkpoint_selection": "true"} == overrides


@pytest.mark.parametrize("text", ["3\nx = 1", "3 x = 1", "2026-11-23", "[" * 5000, "9" * 5000, ""])
def test_a_metadata_value_that_is_no_toml_value_is_a_text(text):
    assert {"tuning.epochs": text} == metadata_overrides({"tunedrop-tuning-epochs": text})


def test_an_unknown_metadata_key_is_refused_with_a_suggestion():
    with pytest.raises(RecipeError, match="did you mean 'tunedrop-tuning-epochs'"):
        metadata_overrides({"tunedrop-tuning-epoch": "3"})


# The severities have a field a code, which one row of the page stands for.
DOCUMENTED = sorted(
    {re.sub(r"^severities\..*", "severities.<code>", field) for field in leaf_fields()}
)


def test_the_documentation_lists_every_field_and_no_other():
    listed = re.findall(r"^\| `([a-z_.<>]+)` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(DOCUMENTED) == sorted(listed)


@pytest.mark.parametrize("field", DOCUMENTED)
def test_the_documentation_shows_each_field_with_a_value_that_is_taken(field):
    row = re.search(
        rf"^\| `{re.escape(field)}` \| `(?P<value>[^`]+)` \|", DOCS.read_text("utf-8"), re.MULTILINE
    )
    whole = dict(OWN_PIPELINE)
    key = metadata_key(field.replace("<code>", "lossy"))
    overrides = metadata_overrides({key: row["value"]})
    if field.startswith("pipeline."):
        overrides = {**{f"pipeline.{k}": v for k, v in whole.items()}, **overrides}

    assert apply_overrides(recipe(), overrides, locked=NO_LOCKS, source=field)


def test_every_example_in_the_documentation_is_a_recipe():
    examples = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)

    assert examples
    assert all(parse_recipe(text.encode(), source="docs/recipes.md") for text in examples)
