"""Plans: every rule broken is reported at once, nothing is allowed by silence, and identity is what is sent."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tunedrop.catalog import load_catalog
from tunedrop.domain.requests import pipeline_job_body, tuning_job_body
from tunedrop.errors import RecipeError
from tunedrop.planning import (
    OWN_PIPELINE,
    DatasetFacts,
    Place,
    RunPlan,
    context_for_conversion,
    plan_run,
    route_recipe,
)
from tunedrop.recipes import recipe_from_mapping

CATALOG = load_catalog()
TODAY = date(2026, 11, 23)
KEY = "projects/my-project/locations/us-central1/keyRings/r/cryptoKeys/k"
BOARD = "projects/my-project/locations/us-central1/tensorboards/1"
ACCOUNT = "tuner@my-project.iam.gserviceaccount.com"
OWN_TEMPLATE = "https://us-kfp.pkg.dev/my-project/templates/tune/v1"
FACTS = DatasetFacts(
    example_count=600, author_count=1200, evaluation_count=50, token_estimate=1_000_000
)
PLACE = Place(
    project="my-project",
    region="us-central1",
    allowed_base_models=CATALOG.names(),
    allowed_regions=frozenset({"us-central1", "europe-west4"}),
)
CODE = {"base_model": "code-bison@002", "on_retired": "try"}
CHAT = {"base_model": "codechat-bison@002", "on_retired": "try"}
GEMINI = {"base_model": "gemini-3.5-flash"}


def routed(mapping):
    recipe = recipe_from_mapping(mapping, source="r.toml")
    return recipe, route_recipe(recipe, CATALOG, today=TODAY, source="r.toml")


def plan(mapping, facts=FACTS, place=PLACE):
    recipe, route = routed(mapping)
    return plan_run(recipe, route, facts, place, source="r.toml")


def problems(mapping, facts=FACTS, place=PLACE):
    recipe, route = routed(mapping)
    with pytest.raises(RecipeError) as caught:
        plan_run(recipe, route, facts, place, source="r.toml")
    return [(problem.where, problem.code) for problem in caught.value.problems]


def note_codes(chosen):
    return {note.code for note in chosen.notes}


def own(**parameters):
    return {
        "pipeline": {
            "template_uri": OWN_TEMPLATE,
            "dataset_format": "code-generation",
            "parameters": {"train": "{dataset_uri}", **parameters},
        }
    }


def test_a_pipeline_run_is_planned_with_the_documented_defaults():
    chosen = plan(CODE)

    assert ("pipeline_job", "code-bison@002", "code-generation") == (
        chosen.backend,
        chosen.base_model,
        chosen.dataset_format,
    )
    assert ("us-central1",) * 4 == (
        chosen.region,
        chosen.upload_region,
        chosen.compute_region,
        chosen.serving_location,
    )
    assert (300, 4.0) == (chosen.train_steps, chosen.epochs)
    assert [("us-central1", 8)] == [(need.region, need.amount) for need in chosen.quota]
    assert chosen.cost.usd is None


def test_a_tuning_job_is_planned_with_epochs_and_a_price():
    chosen = plan(GEMINI)

    assert ("tuning_job", "gemini", None) == (
        chosen.backend,
        chosen.dataset_format,
        chosen.template_uri,
    )
    assert (3, None) == (chosen.epochs, chosen.train_steps)
    assert 30.0 == chosen.cost.usd
    assert "us" == chosen.serving_location
    assert ["Global concurrent tuning jobs"] == [need.name for need in chosen.quota]


@pytest.mark.parametrize(
    ("accelerator", "steps"), [("GPU", 150), ("TPU", 50)], ids=["batch of 8", "batch of 24"]
)
def test_epochs_become_steps_by_the_batch_size_of_the_accelerator(accelerator, steps):
    chosen = plan({**CODE, "tuning": {"epochs": 2, "accelerator_type": accelerator}})

    assert steps == chosen.train_steps == chosen.parameters["train_steps"]
    assert 2.0 == chosen.epochs


def test_a_base_model_without_a_known_price_has_no_estimate():
    assert plan({"base_model": "gemini-3.5-flash-lite"}).cost.usd is None


def test_all_broken_rules_are_reported_together():
    mapping = {
        "base_model": "gemini-3.5-flash",
        "tuning": {
            "epochs": 0.5,
            "region": "us-west1",
            "accelerator_type": "GPU",
            "adapter_size": 32,
            "encryption_key": KEY,
            "service_account": ACCOUNT,
        },
    }
    place = replace(PLACE, allowed_base_models=frozenset())
    facts = replace(FACTS, example_count=3, evaluation_count=0)

    assert {
        ("r.toml: base_model", "not_allowed"),
        ("r.toml: tuning.region", "not_allowed"),
        ("r.toml: tuning.service_account", "not_allowed"),
        ("r.toml: tuning.encryption_key", "not_allowed"),
        ("dataset", "too_few"),
        ("r.toml: evaluation", "evaluation_size"),
        ("r.toml: tuning.accelerator_type", "not_applicable"),
        ("r.toml: tuning.epochs", "invalid_value"),
        ("r.toml: tuning.adapter_size", "invalid_value"),
        ("r.toml: tuning.region", "region_unsupported"),
        ("r.toml: tuning.encryption_key", "encryption_unsupported"),
    } == set(problems(mapping, facts, place))


@pytest.mark.parametrize(
    ("tuning", "where"),
    [
        ({"region": "us-west1"}, "tuning.region"),
        ({"upload_region": "us-west1"}, "tuning.upload_region"),
        ({"service_account": ACCOUNT}, "tuning.service_account"),
        ({"encryption_key": KEY}, "tuning.encryption_key"),
        ({"tensorboard": BOARD.replace("my-project", "other-project")}, "tuning.tensorboard"),
    ],
)
def test_what_the_place_does_not_list_is_not_allowed(tuning, where):
    assert [(f"r.toml: {where}", "not_allowed")] == problems({**CODE, "tuning": tuning})


def test_a_place_that_lists_nothing_allows_no_base_model():
    bare = Place(project="my-project", region="us-central1")

    assert [("r.toml: base_model", "not_allowed")] == problems(GEMINI, place=bare)


def test_a_tuned_model_of_another_project_is_not_gone_on_from():
    tuning = {"pre_tuned_model": "projects/other-project/locations/us/models/1"}

    assert [("r.toml: tuning.pre_tuned_model", "not_allowed")] == problems(
        {**GEMINI, "tuning": tuning}
    )


def test_the_project_may_be_written_as_its_number():
    place = replace(PLACE, project_number="123456")
    name = "projects/123456/locations/us/models/1@2"

    assert (
        name == plan({**GEMINI, "tuning": {"pre_tuned_model": name}}, place=place).pre_tuned_model
    )


def test_the_places_own_account_and_key_need_no_listing_and_are_used_when_none_is_named():
    place = replace(PLACE, service_account=ACCOUNT, encryption_key=KEY, tensorboard=BOARD)
    named = {"service_account": ACCOUNT, "encryption_key": KEY, "tensorboard": BOARD}

    chosen = plan(CODE, place=place)

    assert (ACCOUNT, KEY) == (chosen.service_account, chosen.encryption_key)
    assert chosen == plan({**CODE, "tuning": named}, place=place)


def test_an_empty_setting_of_the_place_is_unset():
    place = replace(PLACE, service_account="", encryption_key="", tensorboard="")

    assert plan(CODE) == plan(CODE, place=place)


def test_a_listed_account_is_taken():
    place = replace(PLACE, allowed_service_accounts=frozenset({ACCOUNT}))

    chosen = plan({**GEMINI, "tuning": {"service_account": ACCOUNT}}, place=place)

    assert ACCOUNT == chosen.service_account


@pytest.mark.parametrize(
    ("mapping", "region"),
    [(GEMINI, "us-central1"), ({**CODE, "tuning": {"accelerator_type": "TPU"}}, "us-central1")],
    ids=["a base model without keys", "an accelerator without keys"],
)
def test_the_places_key_is_never_silently_left_out(mapping, region):
    place = replace(PLACE, region=region, encryption_key=KEY)

    assert [("r.toml: tuning.encryption_key", "encryption_unsupported")] == problems(
        mapping, place=place
    )


def test_the_places_tensorboard_is_left_out_where_its_region_does_not_fit():
    place = replace(PLACE, tensorboard=BOARD)

    chosen = plan({**CODE, "tuning": {"region": "europe-west4"}}, place=place)

    assert "tensorboard_resource_id" not in chosen.parameters


@pytest.mark.parametrize(
    ("mapping", "facts", "expected"),
    [
        (CODE, replace(FACTS, example_count=10_001), [("dataset", "too_many")]),
        (CHAT, replace(FACTS, author_count=10_001), [("dataset", "too_many")]),
        (CHAT, replace(FACTS, example_count=9), [("dataset", "too_few")]),
        (CODE, replace(FACTS, example_count=0), [("dataset", "too_few")]),
        (
            CODE,
            replace(FACTS, evaluation_count=251),
            [("r.toml: evaluation", "evaluation_size")],
        ),
        (
            GEMINI,
            replace(FACTS, evaluation_count=1001),
            [("r.toml: evaluation", "evaluation_share")],
        ),
    ],
    ids=["examples", "authors", "few chats", "no examples", "evaluation rows", "evaluation share"],
)
def test_a_dataset_outside_of_the_services_limits_is_refused(mapping, facts, expected):
    assert expected == problems(mapping, facts)


def test_a_chat_dataset_is_not_held_to_a_number_of_lines():
    assert plan(CHAT, replace(FACTS, example_count=10_001, author_count=10_000))


def test_chat_runs_keep_their_held_out_rows_to_themselves():
    chosen = plan(CHAT, replace(FACTS, evaluation_count=5000))

    assert not chosen.sends_evaluation
    assert "evaluation_not_sent" in note_codes(chosen)
    assert not [name for name in chosen.parameters if name.startswith(("evaluation", "enable"))]


def test_settings_of_an_evaluation_need_one():
    without = replace(FACTS, evaluation_count=None)

    assert [("r.toml: tuning.evaluation_interval", "needs_evaluation")] == problems(
        {**CODE, "tuning": {"evaluation_interval": 50}}, without
    )


def test_a_field_that_does_not_apply_is_reported_once():
    assert [("r.toml: tuning.evaluation_interval", "not_applicable")] == problems(
        {**CHAT, "tuning": {"evaluation_interval": 50}}
    )


def test_gemini_takes_no_train_steps():
    assert [("r.toml: tuning.train_steps", "not_applicable")] == problems(
        {**GEMINI, "tuning": {"train_steps": 300}}
    )


def test_a_rerouted_run_tunes_the_replacement_and_says_what_it_left_out():
    tuning = {"train_steps": 150, "accelerator_type": "GPU", "learning_rate_multiplier": 0.5}

    chosen = plan({**CODE, "on_retired": "reroute", "tuning": tuning})

    assert ("gemini-3.5-flash", "code-bison@002") == (
        chosen.base_model,
        chosen.requested_base_model,
    )
    assert {"epochCount": "2", "learningRateMultiplier": 0.5} == chosen.parameters[
        "hyperParameters"
    ]
    assert {"rerouted", "left_out", "epochs_converted"} == note_codes(chosen)


@pytest.mark.parametrize(
    ("tuning", "epochs"),
    [
        ({"train_steps": 1}, "1"),
        ({"train_steps": 75, "accelerator_type": "TPU"}, "3"),
        ({"train_steps": 100_000}, "100"),
        ({"epochs": 0.4}, "1"),
        ({"epochs": 2.6}, "3"),
        ({}, "3"),
    ],
    ids=[
        "a step",
        "by the batch of a TPU",
        "no more than a recipe may say",
        "a part",
        "parts",
        "none",
    ],
)
def test_a_rerouted_length_becomes_whole_epochs(tuning, epochs):
    chosen = plan({**CODE, "on_retired": "reroute", "tuning": tuning})

    assert epochs == chosen.parameters["hyperParameters"]["epochCount"]


def test_epochs_of_a_rerouted_gemini_model_stay_as_they_are():
    mapping = {
        "base_model": "gemini-2.5-flash",
        "on_retired": "reroute",
        "tuning": {"epochs": 2, "adapter_size": 4},
    }

    chosen = plan(mapping)

    assert {"epochCount": "2", "adapterSize": "ADAPTER_SIZE_FOUR"} == chosen.parameters[
        "hyperParameters"
    ]


def test_no_steps_are_advised_for_text_models():
    mapping = {"base_model": "text-bison@002", "on_retired": "try", "tuning": {"train_steps": 20}}

    assert "unusual_train_steps" not in note_codes(plan(mapping))


def test_a_default_context_is_the_converters_once_a_chat_is_rerouted():
    tuning = {"default_context": "You write Python."}
    rerouted = routed({**CHAT, "on_retired": "reroute", "tuning": tuning})
    tried = routed({**CHAT, "tuning": tuning})

    assert "You write Python." == context_for_conversion(*rerouted)
    assert context_for_conversion(*tried) is None


def test_a_template_of_ones_own_must_be_allowed():
    assert [("r.toml: pipeline.template_uri", "not_allowed")] == problems(own())


def test_an_allowed_template_of_ones_own_is_planned():
    place = replace(PLACE, allowed_templates=frozenset({OWN_TEMPLATE}))

    chosen = plan(own(name="{model_display_name}"), place=place)

    assert (OWN_PIPELINE, OWN_TEMPLATE, True) == (
        chosen.base_model,
        chosen.template_uri,
        chosen.own_template,
    )
    assert (None, None, ()) == (chosen.cost.usd, chosen.train_steps, chosen.quota)
    assert not chosen.sends_evaluation
    assert {"evaluation_not_sent"} == note_codes(chosen)


def test_a_template_that_the_cache_could_answer_is_noted():
    place = replace(PLACE, allowed_templates=frozenset({OWN_TEMPLATE}))

    assert "cache_may_answer" in note_codes(plan(own(), place=place))


def test_a_template_gets_an_evaluation_set_when_it_asks_for_one():
    place = replace(PLACE, allowed_templates=frozenset({OWN_TEMPLATE}))

    assert plan(own(eval="{evaluation_uri}"), place=place).sends_evaluation


def test_a_template_takes_no_hyperparameters_outside_of_its_parameters():
    place = replace(PLACE, allowed_templates=frozenset({OWN_TEMPLATE}))

    assert [("r.toml: tuning.epochs", "not_applicable")] == problems(
        {**own(), "tuning": {"epochs": 2}}, place=place
    )


def test_what_is_worth_knowing_is_noted():
    tuning = {
        "train_steps": 2000,
        "region": "europe-west4",
        "evaluation_interval": 1000,
        "enable_checkpoint_selection": "true",
    }
    place = replace(PLACE, allowed_regions=frozenset({"europe-west4"}))

    assert {
        "retired_base_model_tried",
        "unusual_train_steps",
        "few_evaluation_points",
        "computes_elsewhere",
    } == note_codes(plan({**CODE, "tuning": tuning}, place=place))


def test_a_small_dataset_without_an_evaluation_set_is_noted():
    tuning = {"enable_checkpoint_selection": "true", "tensorboard": BOARD}
    facts = replace(FACTS, example_count=20, evaluation_count=None)

    chosen = plan({**CODE, "tuning": tuning}, facts)

    assert {"few_examples", "no_evaluation_to_select_by", "tuning_metrics_only"} < note_codes(
        chosen
    )
    assert "true" == chosen.parameters["enable_checkpoint_selection"]


def test_a_longer_job_gets_a_later_deadline():
    short = plan(GEMINI)
    long = plan(GEMINI, replace(FACTS, token_estimate=100_000_000))

    assert short.expected_seconds < long.expected_seconds
    assert 6 * long.expected_seconds == long.deadline_seconds


@pytest.mark.parametrize("mapping", [CODE, CHAT, GEMINI], ids=["code", "chat", "gemini"])
def test_a_plan_survives_a_record(mapping):
    chosen = plan(mapping)

    again = RunPlan.from_record(json.loads(json.dumps(chosen.to_record())))

    assert chosen == again
    assert chosen.identity() == again.identity()


def test_a_plan_with_a_later_versions_field_is_still_read():
    chosen = plan(GEMINI)
    record = {**chosen.to_record(), "added_later": 1}

    assert chosen == RunPlan.from_record(json.loads(json.dumps(record)))


@pytest.mark.parametrize(
    "change",
    [
        {"budget": {"max_usd_per_run": 5.0}},
        {"promotion": {"policy": "always"}},
        {"description": "another"},
        {"datasets": "newest"},
        {"tolerate": 0.1},
        {"on_retired": "reroute"},
        {"evaluation": {"holdout": 0.2}},
        {"tuning": {"epochs": 3}},
        {"tuning": {"epochs": 3.0, "region": "us-central1"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_not_sent_or_only_spells_out_a_default_leaves_the_identity_alone(change):
    assert plan(GEMINI).identity() == plan({**GEMINI, **change}).identity()


TUNINGS = st.fixed_dictionaries(
    {},
    optional={
        "epochs": st.sampled_from([1, 2, 2.0]),
        "learning_rate_multiplier": st.sampled_from([1, 1.0, 0.5]),
        "region": st.sampled_from(["us-central1", "europe-west4"]),
        "tuned_model_display_name": st.sampled_from(["a", "b"]),
    },
)
OF_PIPELINES = st.fixed_dictionaries(
    {},
    optional={
        "accelerator_type": st.sampled_from(["GPU", "TPU"]),
        "upload_region": st.sampled_from(["us-central1", "europe-west4"]),
    },
)
OF_TUNING_JOBS = st.fixed_dictionaries(
    {},
    optional={
        "adapter_size": st.sampled_from([1, 4]),
        "export_last_checkpoint_only": st.booleans(),
        "pre_tuned_model": st.just("projects/my-project/locations/us/models/1"),
    },
)
MAPPINGS = st.one_of(
    st.tuples(TUNINGS, OF_PIPELINES).map(lambda t: {**CODE, "tuning": {**t[0], **t[1]}}),
    st.tuples(TUNINGS, OF_TUNING_JOBS).map(lambda t: {**GEMINI, "tuning": {**t[0], **t[1]}}),
)


def sent(chosen):
    files = {"dataset_uri": "gs://b/t.jsonl", "evaluation_uri": "gs://b/e.jsonl"}
    name = f"{chosen.tuned_model_display_name or 'recipe'} r1 a1"
    if chosen.backend == "tuning_job":
        body = tuning_job_body(chosen, model_display_name=name, labels={}, **files)
    else:
        body = pipeline_job_body(
            chosen,
            display_name="d",
            model_display_name=name,
            output_uri="gs://b/o",
            labels={},
            **files,
        )
    return json.dumps([chosen.region, body], sort_keys=True)


@given(one=MAPPINGS, other=MAPPINGS)
def test_plans_have_one_identity_exactly_when_they_send_one_request(one, other):
    first, second = plan(one), plan(other)
    identities = [json.dumps(chosen.identity(), sort_keys=True) for chosen in (first, second)]

    assert (sent(first) == sent(second)) == (identities[0] == identities[1])
