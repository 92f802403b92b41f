"""The sentences of Google's "Tune code models" and of Gemini's tuning pages, one test each.

Figures come from the catalog, so these tests hold the rule and its figure together.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunedrop.catalog import load_catalog
from tunedrop.domain import tuning as rules
from tunedrop.domain.hosts import location_in

CATALOG = load_catalog()
CODE = CATALOG.find("code-bison@002")
CODE_32K = CATALOG.find("code-bison-32k")
CHAT = CATALOG.find("codechat-bison@002")
GEMINI = CATALOG.find("gemini-3.5-flash")
THIRTEEN = [
    "us-central1",
    "europe-west4",
    "asia-southeast1",
    "us-west1",
    "europe-west3",
    "europe-west2",
    "asia-northeast1",
    "us-east4",
    "us-west4",
    "northamerica-northeast1",
    "europe-west9",
    "europe-west1",
    "asia-northeast3",
]
KEY = "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k"


def codes(found):
    return [item.code for item in found]


def wheres(problems):
    return [problem.where for problem in problems]


@pytest.mark.parametrize("entry", [CODE, CODE_32K, CHAT], ids=lambda entry: entry.name)
@pytest.mark.parametrize("field", ["region", "upload_region"])
@pytest.mark.parametrize("region", THIRTEEN)
def test_thirteen_regions_can_run_the_pipeline_and_take_the_upload(entry, field, region):
    assert [] == rules.region_problems(field, region, entry.regions.tuning)


def test_the_catalog_knows_these_thirteen_regions_and_no_more():
    assert set(THIRTEEN) == set(CODE.regions.tuning) == set(CHAT.regions.tuning)


@pytest.mark.parametrize("region", ["us-east1", "us-centra1", "global", ""])
def test_any_other_region_is_refused(region):
    problems = rules.region_problems("upload_region", region, CODE.regions.tuning)

    assert ["region_unsupported"] == codes(problems)
    assert ["tuning.upload_region"] == wheres(problems)


def test_a_template_of_ones_own_knows_no_regions():
    assert [] == rules.region_problems("region", "africa-south1", ())


@pytest.mark.parametrize(
    ("accelerator", "region"), [("GPU", "us-central1"), ("TPU", "europe-west4")]
)
def test_the_accelerator_decides_where_the_tuning_computes(accelerator, region):
    assert region == CODE.compute.accelerators[accelerator].compute_region
    assert [] == rules.compute_region_notes(accelerator, region, region)
    assert ["computes_elsewhere"] == codes(rules.compute_region_notes(accelerator, region, "x"))


@pytest.mark.parametrize(
    ("entry", "accelerator", "batch"),
    [(CODE, "GPU", 8), (CODE, "TPU", 24), (CODE_32K, "GPU", 8), (CODE_32K, "TPU", 8)],
    ids=["8k in us-central1", "8k in europe-west4", "32k in us-central1", "32k in europe-west4"],
)
def test_the_batch_size_varies_by_tuning_location_and_size(entry, accelerator, batch):
    assert batch == entry.compute.accelerators[accelerator].batch_size


def test_gpu_is_the_default_accelerator_and_others_than_gpu_and_tpu_are_refused():
    assert "GPU" == CODE.compute.default_accelerator
    assert [] == rules.accelerator_problems("TPU", CODE.compute.accelerators)
    assert ["tuning.accelerator_type"] == wheres(
        rules.accelerator_problems("CPU", CODE.compute.accelerators)
    )


@pytest.mark.parametrize(
    ("accelerator", "hardware", "quota", "multiple"),
    [
        (
            "GPU",
            "8 x A100 80 GB",
            "Restricted image training Nvidia A100 80 GB GPUs per region",
            8,
        ),
        (
            "TPU",
            "64 cores of a TPU v3 pod",
            "Restricted image training TPU V3 pod cores per region",
            64,
        ),
    ],
)
def test_quota_is_asked_for_in_multiples_of_the_hardware(accelerator, hardware, quota, multiple):
    found = CODE.compute.accelerators[accelerator]

    assert (hardware, quota, multiple) == (
        found.hardware,
        found.quota_name,
        found.quota_multiple,
    )


def test_the_defaults_are_300_steps_a_multiplier_of_1_and_an_interval_of_20():
    defaults = CODE.defaults

    assert (300, 1, 20) == (
        defaults.train_steps,
        defaults.learning_rate_multiplier,
        defaults.evaluation_interval,
    )
    assert defaults.enable_early_stopping is True
    assert "default" == defaults.enable_checkpoint_selection


def test_twenty_steps_on_240_examples_in_europe_west4_are_two_epochs():
    assert 2.0 == rules.epoch_count(20, 240, CODE.compute.accelerators["TPU"].batch_size)
    assert 20 == rules.step_count(2, 240, CODE.compute.accelerators["TPU"].batch_size)


def test_fifteen_steps_on_240_examples_in_us_central1_are_half_an_epoch():
    assert 0.5 == rules.epoch_count(15, 240, CODE.compute.accelerators["GPU"].batch_size)
    assert 15 == rules.step_count(0.5, 240, CODE.compute.accelerators["GPU"].batch_size)


def test_a_step_that_binary_fractions_invent_is_not_taken():
    assert 1.1 * 400 / 8 > 55

    assert 55 == rules.step_count(1.1, 400, 8)


def test_there_is_always_one_step():
    assert 1 == rules.step_count(0.001, 10, 24)


@given(
    steps=st.integers(1, 100_000), examples=st.integers(10, 10_000), batch=st.sampled_from([8, 24])
)
def test_steps_to_epochs_and_back_are_the_same_steps(steps, examples, batch):
    assert steps == rules.step_count(rules.epoch_count(steps, examples, batch), examples, batch)


@given(
    epochs=st.floats(0.01, 100), examples=st.integers(10, 10_000), batch=st.sampled_from([8, 24])
)
def test_the_steps_cover_the_epochs_and_no_step_more(epochs, examples, batch):
    steps = rules.step_count(epochs, examples, batch)

    assert rules.epoch_count(steps, examples, batch) >= epochs - 1e-6
    assert steps == 1 or rules.epoch_count(steps - 1, examples, batch) < epochs


@pytest.mark.parametrize(
    ("count", "code"), [(9, ["too_few"]), (10, []), (10_000, []), (10_001, ["too_many"])]
)
def test_a_dataset_holds_10_to_10_000_examples(count, code):
    limits = CODE.dataset

    assert code == codes(
        rules.size_problems(
            count,
            minimum=limits.min_examples,
            maximum=limits.max_examples,
            counted=limits.counted,
        )
    )


def test_for_chat_the_maximum_is_the_sum_of_all_author_fields():
    assert "authors" == CHAT.dataset.counted
    assert 10_000 == CHAT.dataset.max_examples


@pytest.mark.parametrize(("count", "code"), [(499, ["few_examples"]), (500, [])])
def test_500_examples_are_recommended_for_good_results(count, code):
    recommended = CODE.dataset.recommended_examples

    assert code == codes(rules.size_notes(count, recommended=recommended))


@pytest.mark.parametrize(
    ("count", "code"),
    [(9, ["evaluation_size"]), (10, []), (250, []), (251, ["evaluation_size"])],
)
def test_an_evaluation_set_holds_10_to_250_examples(count, code):
    limits = CODE.evaluation

    assert code == codes(
        rules.evaluation_size_problems(
            count, minimum=limits.min_examples, maximum=limits.max_examples
        )
    )


@pytest.mark.parametrize(
    "field", ["evaluation_interval", "enable_early_stopping", "enable_checkpoint_selection"]
)
def test_chat_models_take_no_evaluation_settings(field):
    problems = rules.applicability_problems([field], CHAT.interface.parameters, CHAT.name)

    assert [f"tuning.{field}"] == wheres(problems)
    assert not CHAT.evaluation.accepted
    assert [] == rules.applicability_problems([field], CODE.interface.parameters, CODE.name)


def test_a_default_context_is_for_chat_models_only():
    fields = ["default_context"]

    assert [] == rules.applicability_problems(fields, CHAT.interface.parameters, CHAT.name)
    assert ["not_applicable"] == codes(
        rules.applicability_problems(fields, CODE.interface.parameters, CODE.name)
    )


@pytest.mark.parametrize("field", ["evaluation_interval", "enable_early_stopping"])
def test_interval_and_early_stopping_require_an_evaluation_set(field):
    assert ["needs_evaluation"] == codes(
        rules.needs_evaluation_problems([field], has_evaluation=False)
    )
    assert [] == rules.needs_evaluation_problems([field], has_evaluation=True)


def test_the_best_checkpoint_is_chosen_by_evaluation():
    notes = rules.checkpoint_selection_notes("true", has_evaluation=False)

    assert ["no_evaluation_to_select_by"] == codes(notes)
    assert [] == rules.checkpoint_selection_notes("true", has_evaluation=True)
    assert [] == rules.checkpoint_selection_notes("false", has_evaluation=False)


def test_200_steps_at_an_interval_of_100_give_only_two_points():
    assert ["few_evaluation_points"] == codes(rules.evaluation_points_notes(200, 100))
    assert [] == rules.evaluation_points_notes(300, 20)


@pytest.mark.parametrize(
    ("accelerator", "code"), [("GPU", []), ("TPU", ["encryption_unsupported"])]
)
def test_a_customer_managed_key_is_supported_on_gpu_only(accelerator, code):
    problems = rules.encryption_support_problems(
        supported=CODE.encryption.supported,
        accelerator=accelerator,
        accelerators=CODE.encryption.accelerators,
        base_model=CODE.name,
    )

    assert code == codes(problems)


@pytest.mark.parametrize(
    ("region", "upload_region", "fields"),
    [
        ("us-central1", "us-central1", []),
        ("us-central1", "us-west1", ["tuning.upload_region"]),
        (
            "us-west1",
            "us-west1",
            ["tuning.region", "tuning.upload_region", "tuning.encryption_key"],
        ),
    ],
)
def test_a_customer_managed_key_needs_pipeline_and_upload_in_us_central1(
    region, upload_region, fields
):
    problems = rules.encryption_region_problems(
        KEY, region=region, upload_region=upload_region, regions=CODE.encryption.regions
    )

    assert fields == wheres(problems)


def test_a_key_stands_in_the_region_of_the_job():
    problems = rules.encryption_region_problems(
        KEY, region="europe-west4", upload_region="europe-west4", regions=()
    )

    assert ["us-central1"] == [problem.found for problem in problems]


@pytest.mark.parametrize(
    ("region", "fields"), [("us-central1", []), ("us-west1", ["tuning.tensorboard"])]
)
def test_the_tensorboard_is_in_the_region_of_the_pipeline(region, fields):
    name = "projects/p/locations/us-central1/tensorboards/1"

    assert fields == wheres(rules.tensorboard_problems(name, region))


def test_without_an_evaluation_set_the_tensorboard_shows_tuning_metrics_only():
    assert ["tuning_metrics_only"] == codes(rules.tensorboard_notes(has_evaluation=False))
    assert [] == rules.tensorboard_notes(has_evaluation=True)


@pytest.mark.parametrize(
    ("steps", "examples", "code"),
    [
        (199, 500, ["unusual_train_steps"]),
        (200, 500, []),
        (1000, 500, []),
        (1001, 500, ["unusual_train_steps"]),
        (20, 499, []),
    ],
)
@pytest.mark.parametrize("entry", [CODE, CHAT], ids=["code", "chat"])
def test_200_to_1000_steps_are_recommended_from_500_examples(entry, steps, examples, code):
    advised = entry.recommended_steps

    notes = rules.recommended_steps_notes(
        steps,
        examples,
        from_examples=advised.from_examples,
        low=advised.min_steps,
        high=advised.max_steps,
    )

    assert code == codes(notes)


@pytest.mark.parametrize(("size", "code"), [(4, []), (32, ["invalid_value"])])
def test_gemini_has_its_own_adapter_sizes(size, code):
    assert code == codes(rules.adapter_size_problems(size, GEMINI.adapters.sizes))


@pytest.mark.parametrize(
    ("epochs", "found"), [(1, []), (3.0, []), (0.5, ["use 1"]), (2.7, ["use 3"])]
)
def test_gemini_counts_whole_epochs(epochs, found):
    assert found == [problem.remedy for problem in rules.whole_epochs_problems(epochs)]


def test_gemini_takes_no_train_steps_and_says_what_it_takes():
    (problem,) = rules.applicability_problems(
        ["train_steps"], GEMINI.interface.parameters, GEMINI.name
    )

    assert "tuning.epochs" in problem.remedy


def test_gemini_3_takes_no_customer_managed_key():
    problems = rules.encryption_support_problems(
        supported=GEMINI.encryption.supported,
        accelerator=None,
        accelerators=(),
        base_model=GEMINI.name,
    )

    assert ["encryption_unsupported"] == codes(problems)


@pytest.mark.parametrize(
    ("count", "training", "code"),
    [
        (1000, 1000, []),
        (1001, 3337, []),
        (1001, 3336, ["evaluation_share"]),
    ],
)
def test_above_1000_rows_geminis_validation_set_is_at_most_30_percent(count, training, code):
    limits = GEMINI.evaluation

    assert code == codes(
        rules.evaluation_share_problems(
            count,
            training,
            max_share=limits.max_share_of_training,
            applies_above=limits.share_applies_above,
        )
    )


def test_without_a_share_any_evaluation_set_passes():
    assert [] == rules.evaluation_share_problems(9, 1, max_share=None, applies_above=0)


def test_a_least_size_alone_has_no_upper_bound_in_words():
    (problem,) = rules.evaluation_size_problems(0, minimum=1, maximum=None)

    assert "at least 1 rows" == problem.expected


@pytest.mark.parametrize(
    ("serving", "expected"),
    [("multi_region", "eu"), ("upload_region", "us-west1"), ("tuning_region", "europe-west4")],
)
def test_the_tuned_model_comes_back_where_its_base_model_serves(serving, expected):
    assert expected == rules.serving_location("europe-west4", "us-west1", serving)


def test_gemini_3_tuned_in_the_us_is_served_from_us():
    assert "us" == rules.serving_location("us-central1", "us-central1", GEMINI.regions.serving)


@pytest.mark.parametrize(("name", "location"), [(KEY, "us-central1"), ("nothing", "")])
def test_the_location_is_read_from_a_resource_name(name, location):
    assert location == location_in(name)
