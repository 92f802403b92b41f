"""The service's errors in the user's words: what is known of them, and that no dataset text gets out with them."""

import json
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import ValidationError, convert

from support.launching import code, drop, end_jobs, gemini_rows, launch, rows
from support.world import World
from tunedrop.ai_ports import JobError
from tunedrop.domain.job_errors import Explanation, JobErrors, KnownError, places_of
from tunedrop.domain.redaction import MAX_TEXT, redacted
from tunedrop.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    QuotaExhaustedError,
)
from tunedrop.job_errors import explanation_of, known_errors

METRIC = "aiplatform.googleapis.com/custom_model_training_nvidia_a100_80gb_gpus"
SEEN = {
    "example_of_another_kind": (
        "Dataset example 120 of 130 contains an unsupported modality [function call] in the 'parts' field",
        ("data", 120, 130, ""),
    ),
    "example_refused": (
        "Dataset example 4 of 6 is missing the 'contents' field. JSON: {}",
        ("data", 4, 6, ""),
    ),
    "chat_without_messages": ("ValueError: No messages present in row", ("data", None, None, "")),
    "chat_begins_wrongly": ("First author must be the user", ("data", None, None, "")),
    "chat_ends_wrongly": (
        "Last author in the supervised dataset must be the assistant",
        ("data", None, None, ""),
    ),
    "chat_message_incomplete": (
        "The `author` of each message needs to be from one of user, assistant",
        ("data", None, None, ""),
    ),
    "dataset_not_jsonl": (
        (
            "List of found errors:\t1.Field: tuning_job.supervised_tuning_spec.training_dataset_uri; "
            "Message: training_dataset_uri should be a GCS object of type JSONL.\t"
        ),
        ("data", None, None, ""),
    ),
    "adapter_size": (
        "The adapter size is not supported for this base model.",
        ("recipe", None, None, ""),
    ),
    "parameter_unknown": (
        "The pipeline parameter rounds is not found in the pipeline job input definitions.",
        ("recipe", None, None, ""),
    ),
    "output_uri": (
        "The output_uri field is required for this model.",
        ("recipe", None, None, ""),
    ),
    "location_global": (
        "Supervised tuning is not supported in location global.",
        ("region", None, None, ""),
    ),
    "key_in_region": (
        "encryption_spec_key_name (CMEK) is only supported for GPU training in us-central1.",
        ("region", None, None, ""),
    ),
    "region_unsupported": (
        "Unsupported pipeline region: us-west9. Must be one of us-central1",
        ("region", None, None, ""),
    ),
    "base_model_gone": (
        "Publisher Model `projects/p/locations/us/publishers/google/models/gemini-1` not found.",
        ("retired_base", None, None, ""),
    ),
    "accelerators_unavailable": (
        (
            "Field: job_spec.worker_pool_specs[0].machine_spec.accelerator_count; Message: Accelerators are"
            " not supported for this project."
        ),
        ("quota", None, None, ""),
    ),
    "quota_exceeded": (
        f"The following quota metrics exceed quota limits: {METRIC}, {METRIC}_more",
        ("quota", None, None, METRIC),
    ),
    "quotas_named_otherwise": (
        "The following quotas are exceeded: AutoMLImageClassificationDeployedModelNodes",
        ("quota", None, None, "AutoMLImageClassificationDeployedModelNodes"),
    ),
    "act_as": (
        "You do not have permission to act as service_account: 1-compute@developer.gserviceaccount.com.",
        ("permission", None, None, ""),
    ),
    "bucket_closed": (
        (
            "Service account `x@y.iam.gserviceaccount.com` does not have `[storage.objects.get]` IAM"
            " permission(s) to the bucket"
        ),
        ("permission", None, None, ""),
    ),
    "api_disabled": (
        "Vertex AI API has not been used in project 7 before or it is disabled.",
        ("permission", None, None, ""),
    ),
    "permission_denied": (
        "Permission 'aiplatform.models.upload' denied on resource '//aiplatform.googleapis.com/projects/p'",
        ("permission", None, None, ""),
    ),
    "no_endpoint": (
        "Failed to create endpoint. Tuned model is uploaded and can be accessed through Model Registry.",
        ("service", None, None, ""),
    ),
    "out_of_capacity": (
        "Unable to submit request because the service is temporarily out of capacity. Try again later.",
        ("service", None, None, ""),
    ),
    "internal_error": ("Internal error encountered.", ("service", None, None, "")),
}
FACTS = {
    "run": "bot-0123456789abcdef",
    "dataset": "gs://in/a b.jsonl",
    "region": "us-central1",
    "project": "p",
    "base_model": "code-bison@002",
    "metric": METRIC,
}


@pytest.mark.parametrize("known", SEEN)
def test_each_message_that_was_seen_is_known_for_what_it_is(known):
    message, expected = SEEN[known]

    found = known_errors().classify(message)

    assert (known, *expected) == (
        found.known,
        found.error_class,
        found.row,
        found.total,
        found.metric,
    )


def test_every_entry_has_a_message_that_was_seen_and_a_date_that_has_been():
    catalogue = known_errors()

    assert SEEN.keys() == catalogue.errors.keys()
    assert all(date(2022, 1, 1) < entry.as_of for entry in catalogue.errors.values())


@pytest.mark.parametrize("known", SEEN)
def test_every_entry_says_what_happened_and_what_to_do(known):
    said = known_errors().explanation(known, FACTS)

    assert said.words.endswith(".")
    assert said.next.endswith(".")
    assert not {"{", "}"} & set(said.words + said.next + said.command)


def test_a_command_can_be_pasted_into_a_shell():
    entry = KnownError(
        pattern="x",
        error_class="data",
        words="{dataset} of {project}.",
        next="Do.",
        source="us",
        as_of=date(2026, 11, 23),
        command="tunedrop drop {dataset}",
    )
    catalogue = JobErrors(errors={"one": entry}, codes={})

    assert Explanation(
        "gs://in/a b.jsonl of (not named).", "Do.", "tunedrop drop 'gs://in/a b.jsonl'"
    ) == catalogue.explanation("one", {"dataset": FACTS["dataset"]})
    assert catalogue.explanation("two", FACTS) is None


@pytest.mark.parametrize(
    "change",
    [
        {"pattern": "(?P<secret>.*)"},
        {"words": "{words}"},
        {"command": "{0.__class__}"},
        {"class": "weather"},
        {"more": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_entry_that_takes_out_or_names_anything_else_is_refused(change):
    entry = {
        "pattern": "x",
        "class": "data",
        "words": "w",
        "next": "n",
        "source": "s",
        "as_of": date(2026, 11, 23),
    }

    with pytest.raises(ValidationError):
        convert({"errors": {"one": entry | change}, "codes": {}}, JobErrors)


@pytest.mark.parametrize(
    ("number", "error_class"), [(3, ""), (7, "permission"), (8, "quota"), (13, "service")]
)
def test_of_a_message_that_nobody_knows_the_code_may_tell_the_class(number, error_class):
    found = known_errors().classify("something new", code=number)

    assert ("", error_class) == (found.known, found.error_class)


def test_what_the_details_say_counts_where_the_message_says_nothing():
    found = known_errors().classify("3 errors", said=["quota_metric: x", SEEN["act_as"][0]])

    assert "act_as" == found.known


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], ""),
        ([{"row": 120, "line": 122, "file": "training"}], "line 122 of your dataset"),
        ([{"row": 3, "line": 4, "file": "evaluation"}], "line 4 of your evaluation file"),
        (
            [{"row": 9, "line": None, "file": "training"}],
            "row 9 of what the job read, whose line in your dataset is not known",
        ),
    ],
)
def test_a_place_is_said_in_the_users_own_lines(lines, said):
    assert said == places_of(lines)


@pytest.fixture
def world():
    return World()


def failed(world, error, *, data=None):
    """The last step of a run whose pipeline job failed."""
    run_id = drop(world, data=data)
    launch(world, run_id)
    end_jobs(world, "FAILED", error=error)
    return world.run(run_id)


def test_a_failed_run_can_be_explained_down_to_the_users_line(world):
    message = 'Dataset example 4 of 20 is bad. JSON: {"input_text": "private words"}'
    run = failed(world, JobError(3, message, "dataset-encoder"), data="\n\n" + rows())

    detail = run.last.detail
    assert ("data", "example_refused", "dataset-encoder") == tuple(
        detail[key] for key in ("class", "known", "task")
    )
    assert "line 6 of your dataset" == places_of(detail["lines"])
    said = explanation_of(run)
    assert ("The service cannot train on an example of the dataset.", True) == (
        said.words,
        "code-bison@002" in said.command,
    )
    assert "private" not in json.dumps(detail)


def test_a_run_that_failed_for_no_known_reason_is_not_explained(world):
    assert explanation_of(failed(world, JobError(3, "something new"))) is None


def test_a_row_of_the_evaluation_file_is_a_line_of_that(world):
    recipe = 'base_model = "gemini-3.5-flash"\n[evaluation]\ndataset = "held.eval.jsonl"\n'
    world.drop("bot/recipe.toml", recipe)
    world.drop("bot/held.eval.jsonl", "\n" + gemini_rows("held", count=12))
    run_id = drop(world, data=gemini_rows(), folder="bot/")
    launch(world, run_id)
    world.tunings.end("JOB_STATE_FAILED", error=JobError(3, "Dataset example 3 of 12 is bad."))
    world.tick()

    assert [{"row": 3, "line": 4, "file": "evaluation"}] == world.run(run_id).last.detail["lines"]


@pytest.mark.parametrize("total", [21, 999])
def test_a_row_of_a_file_of_another_length_is_not_passed_off_as_a_line(world, total):
    run = failed(world, JobError(3, f"Dataset example 3 of {total} is bad."))

    assert [None] == [found["line"] for found in run.last.detail["lines"]]


@pytest.mark.parametrize(
    ("error", "unknown"),
    [
        (JobError(3, 'a new sort of error: {"input_text": "private"}', "tuner"), True),
        (None, True),
        (JobError(8, SEEN["quota_exceeded"][0]), False),
    ],
    ids=["new", "nothing-said", "known"],
)
def test_an_error_that_nobody_knows_is_counted_in_the_log(world, capsys, error, unknown):
    failed(world, error)

    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counted = [
        entry
        for entry in entries
        if entry["logging.googleapis.com/labels"].get("code") == "unknown_job_error"
    ]
    assert unknown is (1 == len(counted))
    assert "private" not in json.dumps(entries)


REFUSED = {
    "invalid": (
        InvalidRequestError(
            SEEN["dataset_not_jsonl"][0], violations=["a.training_dataset_uri: should be JSONL"]
        ),
        ("failed", "launch_refused"),
        ("data", "dataset_not_jsonl", ["a.training_dataset_uri: should be JSONL"], ""),
    ),
    "not-found": (
        NotFoundError(SEEN["base_model_gone"][0]),
        ("failed", "launch_not_found"),
        ("retired_base", "base_model_gone", [], ""),
    ),
    "quota": (
        QuotaExhaustedError(SEEN["quota_exceeded"][0]),
        ("queued", "quota_exhausted"),
        ("quota", "quota_exceeded", [], METRIC),
    ),
    "unknown-quota": (
        QuotaExhaustedError("one job"),
        ("queued", "quota_exhausted"),
        ("quota", "", [], ""),
    ),
    "permission": (
        AccessDeniedError(SEEN["act_as"][0]),
        ("queued", "access_denied"),
        ("permission", "act_as", [], ""),
    ),
}


@pytest.mark.parametrize(("error", "expected", "said"), REFUSED.values(), ids=REFUSED)
def test_a_refused_create_call_is_explained_as_a_failed_job_is(world, error, expected, said):
    run_id = drop(world)
    world.pipelines.refusals = [error]
    launch(world, run_id)

    detail = world.run(run_id).last.detail
    assert expected == code(world, run_id)
    assert said == tuple(detail[key] for key in ("class", "known", "violations", "metric"))


KEPT = [
    "Field: job_spec.worker_pool_specs[0].machine_spec; Message: Accelerators are not supported.",
    "Permission 'aiplatform.models.upload' denied on resource '//aiplatform.googleapis.com/projects/p'.",
    "Row 122 of 130 isn't the service's own.",
    "Row 12 of `gs://in/x.jsonl` is no JSON; row: 12.",
    "`x@y.iam.gserviceaccount.com` lacks `[storage.objects.get]` on 'models/7@1'.",
    "The pipeline: gone. Input was 5 tokens too long.",
]
CUT = {
    'JSON: {"a": "private"}': "JSON: [cut]",
    "is no JSON. JSON: private words": "is no JSON. JSON: [cut]",
    "example 12: private words": "example 12: [cut]",
    "unsupported modality [function call] in it": "unsupported modality [cut]",
    'he said "a \\"private\\" word" to us': "he said [cut]",
    "the value 'private words' and b'private words'": "the value [cut]",
    "“private words”": "[cut]",
    "key 'AKIAprivatekey0123456789' is wrong": "key [cut]",
    "'私の言葉' is wrong": "[cut]",
    "Failed to parse row 3: 1984 was private": "Failed to parse row 3: [cut]",
    "prompt: 5 reasons why private": "prompt: [cut]",
    "text: 4111 1111 1111 1111 exp 12/29": "text: [cut]",
    "row: 12 \u79c1": "row: [cut]",
    "Error at line 5: private words": "Error at line 5: [cut]",
    "row 3 of 20, column 7: private words": "row 3 of 20, column 7: [cut]",
    "Example 7 - private words": "Example 7 - [cut]",
    "row 3 (private words)": "row 3 ([cut]",
    "messages: private words": "messages: [cut]",
    "Field: contents[0]; Message: private words": "Field: contents[0]; Message: [cut]",
    "The response was: private words": "The response was: [cut]",
    "at contents[0].parts[0].text (private words)": "at contents[0].parts[0].text ([cut]",
    "a.contents[0].parts[0].text: private words": "a.contents[0].parts[0].text: [cut]",
    "instances[0]: private words": "instances[0]: [cut]",
    "utterance: private words": "utterance: [cut]",
    "sentence\x01= private words": "sentence = [cut]",
    "row\u00a03: private words": "row 3: [cut]",
    "content 'private@example.com' refused": "content [cut]",
    "content 'private words' refused": "content [cut]",
}


@pytest.mark.parametrize("message", KEPT)
def test_what_names_a_place_is_kept(message):
    assert message == redacted(message)


@pytest.mark.parametrize(("message", "left"), CUT.items())
def test_what_may_be_a_dataset_s_text_is_cut(message, left):
    assert left == redacted(message)


LOSES_ITS_END = {
    "example_of_another_kind": "Dataset example 120 of 130 contains an unsupported modality [cut]",
    "example_refused": "Dataset example 4 of 6 is missing the 'contents' field. JSON: [cut]",
}


@pytest.mark.parametrize("known", SEEN)
def test_a_known_message_stays_readable_and_known(known):
    message, _ = SEEN[known]

    left = redacted(message)

    assert LOSES_ITS_END.get(known, " ".join(message.split())) == left
    assert known == known_errors().classify(left).known


@pytest.mark.parametrize(
    "piece", ["row ", "text[0].", "row 1 of 1, ", "Field: job", '"a" ', "A1", "\x01"]
)
def test_a_message_of_any_length_is_redacted_in_no_time(piece):
    before = time.process_time()
    redacted((piece * 20_000)[:20_000])

    assert 0.2 > time.process_time() - before


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="#"), min_size=1, max_size=60).map(
    lambda text: f"# {text} #"
)
"""Anything that a row may say, between marks that no message of the service has."""
SHAPES = st.sampled_from(
    [
        lambda text: json.dumps({"input_text": text}),
        lambda text: json.dumps({"contents": [{"parts": [{"text": text}]}]}, ensure_ascii=False),
        lambda text: f"'parts' is bad. JSON: {text}",
        lambda text: f"invalid value {json.dumps(text)} for the field 'role'",
        lambda text: f"invalid value {text!r} for the field 'role'",
        lambda text: f"the user's row: {text}",
        lambda text: f"got: “{text}”",
        lambda text: f"line 5: 7 {text}",
        lambda text: f"contents[3].parts[0].text ({text})",
        lambda text: f"row 3 - {text}",
    ]
)


@settings(max_examples=150, deadline=None)
@given(TEXTS, SHAPES)
def test_no_row_gets_through_in_any_shape_that_services_give_it(text, shape):
    message = f"Dataset example 3 of 20 is refused: {shape(text)} and more"

    left = redacted(message)

    assert "#" not in left
    assert left.startswith("Dataset example 3 of 20 is refused")
    assert len(left) <= MAX_TEXT


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=900))
def test_what_was_redacted_is_not_redacted_again(text):
    assert redacted(text) == redacted(redacted(text))
