"""Every arrival gets an answer on record; only datasets that pass get any further."""

import hashlib
import json

import pytest
from msgspec import structs

from support.world import World
from tunedrop.catalog import load_catalog
from tunedrop.errors import PermanentError, RefusedError, UpstreamUnavailableError
from tunedrop.handlers import receive
from tunedrop.wire import MessageInvalidError

CODE_RECIPE = 'base_model = "code-bison@002"\n[tuning]\ntrain_steps = 20\n'


def code_rows(count=20, start=0):
    rows = (
        {"input_text": f"How is tide {n} read?", "output_text": f"Call read_tide({n})."}
        for n in range(start, start + count)
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def world():
    return World()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("bot/.keep", b"", "ignored_placeholder"),
        ("bot/", b"", "ignored_placeholder"),
        ("gcloud/tmp/parallel_composite_uploads/x/1.jsonl", b"{}", "ignored_upload_part"),
        ("bot/readme.md", b"hello", "ignored_not_a_dataset"),
        ("bot/x.jsonl", code_rows(), "waiting_for_recipe"),
        ("bot/recipe.toml", b'base_modell = "code-bison@002"\n', "recipe_rejected"),
        ("bot/recipe.toml", CODE_RECIPE, "recipe_accepted"),
        ("bot/x.eval.jsonl", code_rows(), "evaluation_file"),
        ("x.jsonl", b"", "rejected"),
        ("x.jsonl", b"not json\n" * 20, "rejected"),
    ],
    ids=[
        "keep",
        "folder",
        "part",
        "other",
        "no-recipe",
        "bad-recipe",
        "recipe",
        "evaluation",
        "empty",
        "bad",
    ],
)
def test_every_object_gets_a_receipt(world, name, data, code):
    outcome = world.drop(name, data)

    assert (code, code) == (outcome.code, world.record(outcome.record)["outcome"])
    assert [] == world.runs()


def test_a_good_dataset_in_the_root_needs_no_recipe(world):
    outcome = world.drop("x.jsonl", code_rows())

    assert "accepted" == outcome.code
    assert (
        "code-bison@002" == world.record(f"verdicts/{outcome.drop_id}.json")["plan"]["base_model"]
    )
    assert ["dataset-accepted", "launch-requested"] == world.publisher.kinds()


def test_a_format_without_a_default_is_refused_with_what_to_do(world):
    rows = (
        b'{"messages":[{"author":"user","content":"a"},{"author":"assistant","content":"b"}]}\n'
        * 12
    )

    outcome = world.drop("x.jsonl", rows)

    verdict = world.record(f"verdicts/{outcome.drop_id}.json")
    assert "no_default_base_model" == verdict["code"]
    assert "recipe.toml" in verdict["problems"][0]["remedy"]


@pytest.mark.parametrize("order", ["dataset-first", "recipe-first"])
def test_files_of_a_folder_may_arrive_in_any_order(world, order):
    recipe = CODE_RECIPE + '[evaluation]\ndataset = "held/e.jsonl"\n'
    files = [
        ("bot/x.jsonl", code_rows()),
        ("bot/held/e.jsonl", code_rows(12, 100)),
        ("bot/recipe.toml", recipe),
    ]
    for name, data in files if order == "dataset-first" else reversed(files):
        world.drop(name, data)
    world.deliver()

    (run,) = world.runs()
    assert "test-work/staged/" in str(world.run(run).accepted["evaluation"]) or world.run(
        run
    ).accepted["evaluation"]["path"].startswith("staged/")


def test_a_file_that_arrives_between_the_look_and_the_receipt_wakes_the_drop(world):
    """Without a second look the recipe's event finds nobody waiting, and the drop waits for ever."""
    create = world.services.ledger.create

    def create_late(path, record, **kwargs):
        if path.endswith("waiting_for_recipe.json"):
            world.store.put("test-intake", "bot/recipe.toml", CODE_RECIPE)
        return create(path, record, **kwargs)

    world.services.ledger.create = create_late
    outcome = world.drop("bot/x.jsonl", code_rows())

    assert "accepted" == outcome.code


def test_the_nearest_recipe_upwards_wins(world):
    world.drop("a/recipe.toml", CODE_RECIPE)
    world.drop("a/b/recipe.toml", CODE_RECIPE.replace("20", "40"))

    outcome = world.drop("a/b/c/x.jsonl", code_rows())

    assert ("a/b", 40) == (
        world.record(f"verdicts/{outcome.drop_id}.json")["recipe"]["name"],
        world.record(f"verdicts/{outcome.drop_id}.json")["plan"]["train_steps"],
    )


def test_metadata_overrides_the_recipe(world):
    world.drop("bot/recipe.toml", CODE_RECIPE)

    outcome = world.drop("bot/x.jsonl", code_rows(), **{"tunedrop-tuning-train-steps": "33"})

    assert 33 == world.record(f"verdicts/{outcome.drop_id}.json")["plan"]["train_steps"]


def test_a_locked_field_cannot_be_overridden():
    world = World(locked_fields=("tuning.train_steps",))
    world.drop("bot/recipe.toml", CODE_RECIPE)

    outcome = world.drop("bot/x.jsonl", code_rows(), **{"tunedrop-tuning-train-steps": "33"})

    assert "field_locked" == world.record(f"verdicts/{outcome.drop_id}.json")["code"]


def test_misspelt_metadata_is_refused_with_a_suggestion(world):
    world.drop("bot/recipe.toml", CODE_RECIPE)

    outcome = world.drop("bot/x.jsonl", code_rows(), **{"tunedrop-tuning-train-step": "33"})

    assert (
        "tunedrop-tuning-train-steps"
        in world.record(f"verdicts/{outcome.drop_id}.json")["problems"][0]["remedy"]
    )


def test_the_same_event_again_changes_nothing(world):
    world.drop("x.jsonl", code_rows())
    (info,) = world.store.list("test-intake", prefix="x")
    before = len(world.publisher.sent), len(world.store.writes)

    outcome = world.finalize(info)

    assert "answered_before" == outcome.code
    assert before == (len(world.publisher.sent), len(world.store.writes))


def test_a_crash_before_the_receipt_says_everything_again_without_a_second_check(world):
    outcome = world.drop("x.jsonl", code_rows())
    del world.store.objects["test-ledger"][outcome.record]
    (info,) = world.store.list("test-intake", prefix="x")
    verdict = world.store.read("test-ledger", f"verdicts/{outcome.drop_id}.json", max_bytes=10**6)

    world.finalize(info)

    assert verdict == world.store.read(
        "test-ledger", f"verdicts/{outcome.drop_id}.json", max_bytes=10**6
    )
    assert ["dataset-accepted", "launch-requested"] * 2 == world.publisher.kinds()


@pytest.mark.parametrize("change", ["overwritten", "deleted"])
def test_an_object_that_changed_before_it_was_looked_at_is_superseded(world, change):
    info = world.store.put("test-intake", "x.jsonl", code_rows())
    if change == "deleted":
        world.store.delete("test-intake", "x.jsonl")
    else:
        world.store.put("test-intake", "x.jsonl", "other")

    assert "superseded" == world.finalize(info).code


def test_an_object_overwritten_during_the_check_is_superseded(world):
    stream = world.store.stream

    def overwritten(bucket, name, *, generation):
        world.store.put(bucket, name, "other")
        return stream(bucket, name, generation=generation)

    world.store.stream = overwritten

    assert "superseded" == world.drop("x.jsonl", code_rows()).code
    assert [] == world.publisher.kinds()


def test_an_event_of_a_foreign_bucket_is_refused(world):
    info = world.store.put("test-work", "x.jsonl", code_rows())

    with pytest.raises(RefusedError) as caught:
        world.finalize(info)

    assert "foreign_bucket" == caught.value.code


def test_a_request_launches_with_everything_it_carries(world):
    info = world.store.put("test-intake", "data/x.jsonl", code_rows())

    outcome = world.request(
        dataset_uri="gs://test-intake/data/x.jsonl",
        dataset_generation=str(info.generation),
        recipe="nightly",
        inline_recipe={"base_model": "code-bison@002", "tuning": {"train_steps": 50}},
        overrides={"tuning.learning_rate_multiplier": 2},
        priority=1,
        requester="export",
        correlation_id="c-1",
    )

    verdict = world.record(f"verdicts/{outcome.drop_id}.json")
    assert ("nightly", 50, 2) == (
        verdict["recipe"]["name"],
        verdict["plan"]["train_steps"],
        verdict["plan"]["parameters"]["learning_rate_multiplier"],
    )
    assert {"priority": 1, "requester": "export", "correlation_id": "c-1"} == verdict["asked"]
    assert "c-1" == json.loads(world.publisher.bodies("dataset-accepted")[0])["correlation_id"]


def test_somebody_else_asking_the_same_gets_the_standing_answer(world):
    world.drop("x.jsonl", code_rows())

    outcome = world.request(dataset_uri="gs://test-intake/x.jsonl", correlation_id="c-2")

    assert "answered_before" == outcome.code
    assert "c-2" == json.loads(world.publisher.bodies("dataset-accepted")[-1])["correlation_id"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"dataset_uri": "gs://other-bucket/x.jsonl"}, "bucket_not_allowed"),
        ({"dataset_uri": "gs://test-ledger/x.jsonl"}, "bucket_not_allowed"),
        ({"dataset_uri": "gs://test-intake/a\nb"}, None),
        ({"dataset_uri": "gs://test-intake/none.jsonl"}, "dataset_not_found"),
        (
            {"dataset_uri": "gs://test-intake/x.jsonl", "dataset_generation": "5"},
            "dataset_not_found",
        ),
    ],
    ids=["foreign-bucket", "our-ledger", "control-character", "absent", "absent-generation"],
)
def test_a_request_for_what_may_not_or_cannot_be_read_is_refused(world, fields, code):
    with pytest.raises(PermanentError) as caught:
        world.request(**fields)

    assert caught.value.code == code or (
        code is None and isinstance(caught.value, MessageInvalidError)
    )


def test_a_request_for_an_unknown_recipe_is_answered(world):
    world.store.put("test-intake", "x.jsonl", code_rows())

    outcome = world.request(dataset_uri="gs://test-intake/x.jsonl", recipe="no-such")

    assert ("rejected", "recipe_not_found") == (
        outcome.code,
        world.record(f"verdicts/{outcome.drop_id}.json")["code"],
    )


def test_an_editing_of_a_recipe_starts_nothing(world):
    world.drop("bot/recipe.toml", CODE_RECIPE)
    world.drop("bot/x.jsonl", code_rows())
    said = len(world.publisher.sent)

    world.drop("bot/recipe.toml", CODE_RECIPE.replace("20", "40"))

    assert said == len(world.publisher.sent)


def test_no_record_and_no_message_holds_dataset_text(world):
    secret = "xyzzy-plugh"
    rows = (
        code_rows()
        + json.dumps({"input_text": secret, "output_text": secret})
        + "\n"
        + f'{{"{secret}": "{secret}"}}\n'
    )

    world.drop("bot/recipe.toml", CODE_RECIPE)
    world.drop("bot/x.jsonl", rows)
    world.drop("good.jsonl", rows.rsplit("{", 1)[0])

    written = [
        data
        for bucket in ("test-ledger", "test-state")
        for _, data in world.store.objects[bucket].values()
    ]
    assert not [
        data
        for data in (*written, *(body for _, body, _ in world.publisher.sent))
        if secret.encode() in data
    ]


RETIRED = 'base_model = "code-bison@002"\n[tuning]\ntrain_steps = 20\n'


def retired_world():
    """A deployment whose catalog knows that the bison models are gone."""
    world = World()
    world.services = structs.replace(world.services, catalog=load_catalog())
    return world


def verdict_of(world, recipe):
    world.drop("bot/recipe.toml", recipe)
    outcome = world.drop("bot/x.jsonl", code_rows())
    return world.record(f"verdicts/{outcome.drop_id}.json")


def test_a_retired_base_model_is_refused_with_its_replacement_named():
    verdict = verdict_of(retired_world(), RETIRED)

    assert ("rejected", "base_model_retired") == (verdict["outcome"], verdict["code"])
    assert "gemini-3.5-flash" in verdict["problems"][0]["remedy"]


def test_a_retired_base_model_is_tried_if_the_recipe_says_so():
    verdict = verdict_of(retired_world(), 'on_retired = "try"\n' + RETIRED)

    assert ("accepted", "code-bison@002") == (verdict["outcome"], verdict["plan"]["base_model"])


def test_a_rerouted_dataset_is_converted_line_by_line_for_the_replacement():
    world = retired_world()
    verdict = verdict_of(world, 'on_retired = "reroute"\n' + RETIRED)

    staged = world.store.read(
        "test-work", verdict["training"]["path"], max_bytes=10**6
    ).splitlines()
    assert ("code-bison@002", "gemini-3.5-flash") == (
        verdict["plan"]["requested_base_model"],
        verdict["plan"]["base_model"],
    )
    assert 20 == len(staged) == verdict["training"]["rows"]
    assert {"role": "user", "parts": [{"text": "How is tide 0 read?"}]} == json.loads(staged[0])[
        "contents"
    ][0]
    assert world.store.names("test-work", "line-maps/") == [verdict["training"]["line_map"]]


def test_held_out_rows_are_staged_apart_and_never_trained_on(world):
    world.drop("bot/recipe.toml", CODE_RECIPE + "[evaluation]\nholdout = 0.25\n")
    outcome = world.drop("bot/x.jsonl", code_rows(60))
    verdict = world.record(f"verdicts/{outcome.drop_id}.json")

    parts = [
        set(world.store.read("test-work", verdict[part]["path"], max_bytes=10**6).splitlines())
        for part in ("training", "evaluation")
    ]
    assert (45, 15) == (len(parts[0]), len(parts[1]))
    assert not parts[0] & parts[1]
    assert code_rows(60).encode().splitlines() == sorted(
        parts[0] | parts[1], key=lambda line: int(json.loads(line)["input_text"].split()[3])
    )


def test_bytes_that_need_no_change_are_staged_as_they_are(world):
    outcome = world.drop("x.jsonl", code_rows())
    verdict = world.record(f"verdicts/{outcome.drop_id}.json")

    assert code_rows().encode() == world.store.read(
        "test-work", verdict["training"]["path"], max_bytes=10**6
    )
    assert hashlib.sha256(code_rows().encode()).hexdigest() == verdict["training"]["digest"]


def test_a_mended_file_is_staged_mended(world):
    outcome = world.drop("x.jsonl", "\ufeff" + code_rows().replace("\n", "\r\n"))
    verdict = world.record(f"verdicts/{outcome.drop_id}.json")

    assert {"used": 0, "fixed": 20} == {
        key: verdict["result"]["lines"][key] for key in ("used", "fixed")
    }
    assert code_rows().encode() == world.store.read(
        "test-work", verdict["training"]["path"], max_bytes=10**6
    )


def test_a_chat_model_takes_no_evaluation_file_from_its_recipe(world):
    recipe = 'base_model = "codechat-bison@002"\n[tuning]\nevaluation_interval = 20\n'
    rows = (
        b'{"messages":[{"author":"user","content":"a"},{"author":"assistant","content":"b"}]}\n'
        * 12
    )
    world.drop("bot/recipe.toml", recipe)
    outcome = world.drop("bot/x.jsonl", rows)

    assert "rejected" == outcome.code
    assert (
        "evaluation_interval"
        in world.record(f"verdicts/{outcome.drop_id}.json")["problems"][0]["where"]
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('service_account = "other@test-project.iam.gserviceaccount.com"', "not_allowed"),
        ('region = "asia-southeast1"', "not_allowed"),
    ],
    ids=["service-account", "region"],
)
def test_what_the_deployment_does_not_list_is_refused(world, line, code):
    world.drop("bot/recipe.toml", CODE_RECIPE + line + "\n")
    outcome = world.drop("bot/x.jsonl", code_rows())

    assert code == world.record(f"verdicts/{outcome.drop_id}.json")["code"]


def test_a_base_model_that_is_not_listed_is_refused():
    world = World(allowed_base_models=())
    world.drop("bot/recipe.toml", CODE_RECIPE)
    outcome = world.drop("bot/x.jsonl", code_rows())

    assert "not_allowed" == world.record(f"verdicts/{outcome.drop_id}.json")["code"]


def test_a_page_that_a_crash_left_out_is_written_when_the_event_comes_again(world):
    info = world.store.put("test-intake", "x.jsonl", code_rows())
    world.finalize(info)
    pages = dict(world.store.objects["test-reports"])
    world.store.objects["test-reports"].clear()

    world.finalize(info)

    assert {name: data for name, (_, data) in pages.items()} == {
        name: data for name, (_, data) in world.store.objects["test-reports"].items()
    }


def test_a_request_whose_evaluation_file_is_missing_is_answered_at_once(world):
    world.store.put("test-intake", "x.jsonl", code_rows())
    recipe = {"base_model": "code-bison@002", "evaluation": {"dataset": "none.jsonl"}}

    outcome = world.request(dataset_uri="gs://test-intake/x.jsonl", inline_recipe=recipe)

    assert ("rejected", "file_missing") == (
        outcome.code,
        world.record(f"verdicts/{outcome.drop_id}.json")["code"],
    )


def test_a_crash_while_waking_is_made_good_when_the_recipes_event_comes_again(world):
    world.drop("bot/x.jsonl", code_rows())
    recipe = world.store.put("test-intake", "bot/recipe.toml", CODE_RECIPE)
    publish = world.publisher.publish

    def down(*_):
        raise UpstreamUnavailableError("broker")

    world.publisher.publish = down
    with pytest.raises(UpstreamUnavailableError):
        world.finalize(recipe)
    world.publisher.publish = publish
    world.finalize(recipe)

    assert "accepted" in [outcome.code for outcome in world.deliver()]


def test_an_evaluation_file_lies_beside_the_recipe_even_for_a_dataset_elsewhere():
    world = World(extra_dataset_buckets=("test-lake",))
    world.store.objects["test-lake"] = {}
    world.store.put("test-lake", "deep/x.jsonl", code_rows())
    world.drop("bot/e.jsonl", code_rows(12, 100))
    world.drop("bot/recipe.toml", CODE_RECIPE + '[evaluation]\ndataset = "e.jsonl"\n')

    outcome = world.request(dataset_uri="gs://test-lake/deep/x.jsonl", recipe="bot")

    assert "accepted" == outcome.code
    assert 12 == world.record(f"verdicts/{outcome.drop_id}.json")["evaluation"]["rows"]


def test_an_empty_inline_recipe_is_a_recipe_without_a_base_model(world):
    world.store.put("test-intake", "x.jsonl", code_rows())

    outcome = world.request(dataset_uri="gs://test-intake/x.jsonl", inline_recipe={})

    assert "rejected" == outcome.code
    assert (
        "base_model" in world.record(f"verdicts/{outcome.drop_id}.json")["problems"][0]["expected"]
    )


def test_an_evaluation_file_below_its_recipes_folder_wakes_the_dataset(world):
    world.drop("bot/recipe.toml", CODE_RECIPE + '[evaluation]\ndataset = "held/rows.jsonl"\n')
    assert "waiting_for_evaluation" == world.drop("bot/x.jsonl", code_rows()).code

    world.drop("bot/held/rows.jsonl", code_rows(12, 100))

    assert "accepted" in [outcome.code for outcome in world.deliver()]


def test_an_evaluation_file_overwritten_during_the_check_is_tried_again(world):
    world.drop("bot/e.eval.jsonl", code_rows(12, 100))
    world.drop("bot/recipe.toml", CODE_RECIPE + '[evaluation]\ndataset = "e.eval.jsonl"\n')
    stream = world.store.stream

    def overwriting(bucket, name, *, generation):
        if name.endswith("e.eval.jsonl"):
            world.store.put(bucket, name, code_rows(13, 200))
        return stream(bucket, name, generation=generation)

    world.store.stream = overwriting
    info = world.store.put("test-intake", "bot/x.jsonl", code_rows())
    with pytest.raises(UpstreamUnavailableError):
        world.finalize(info)
    world.store.stream = stream

    assert "accepted" == world.finalize(info).code


def test_a_redelivered_request_asks_no_other_question_after_an_edit(world):
    world.drop("bot/recipe.toml", CODE_RECIPE)
    world.drop("bot/x.jsonl", code_rows())
    message = world.message({"dataset_uri": "gs://test-intake/bot/x.jsonl"})
    receive.receive_request(world.services, message)
    world.drop("bot/recipe.toml", CODE_RECIPE.replace("20", "40"))

    assert "answered_before" == receive.receive_request(world.services, message).code
    assert "accepted" == world.request(dataset_uri="gs://test-intake/bot/x.jsonl").code


def test_a_request_after_an_edit_of_the_evaluation_file_is_another_question(world):
    world.drop("bot/e.eval.jsonl", code_rows(12, 100))
    world.drop("bot/recipe.toml", CODE_RECIPE + '[evaluation]\ndataset = "e.eval.jsonl"\n')
    first = world.drop("bot/x.jsonl", code_rows())
    assert "answered_before" == world.request(dataset_uri="gs://test-intake/bot/x.jsonl").code

    world.drop("bot/e.eval.jsonl", code_rows(15, 300))
    second = world.request(dataset_uri="gs://test-intake/bot/x.jsonl")

    assert "accepted" == second.code
    assert first.run_id != second.run_id


def test_a_request_that_is_refused_is_answered_to_whoever_sent_it(world):
    with pytest.raises(RefusedError):
        world.request(dataset_uri="gs://other-bucket/x.jsonl", correlation_id="c-9")

    (fact,) = map(json.loads, world.publisher.bodies("dataset-rejected"))
    assert ("bucket_not_allowed", "c-9") == (fact["code"], fact["correlation_id"])


def test_answers_to_different_askers_are_different_events(world):
    world.drop("x.jsonl", code_rows())
    for asker in ("c-1", "c-2"):
        world.request(dataset_uri="gs://test-intake/x.jsonl", correlation_id=asker)

    ids = [
        attributes["ce-id"]
        for _, _, attributes in world.publisher.sent
        if "dataset-accepted" in attributes["ce-type"]
    ]
    assert 3 == len(ids) == len(set(ids))


def test_a_name_that_no_address_can_hold_is_answered_at_once(world):
    outcome = world.drop("bot/a\tb.jsonl", code_rows())

    assert "name_unusable" == outcome.code == world.record(outcome.record)["outcome"]


def test_a_long_name_fits_into_the_events_attributes(world):
    world.drop("n" * 1010 + ".jsonl", code_rows())

    assert all(
        len(value.encode()) <= 1024
        for _, _, attributes in world.publisher.sent
        for value in attributes.values()
    )


def test_a_dataset_that_is_too_long_is_refused_unread():
    world = World(max_dataset_bytes=100)
    world.store.stream = None

    outcome = world.drop("x.jsonl", code_rows())

    assert "too_large" == world.record(f"verdicts/{outcome.drop_id}.json")["code"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"overrides": {"tuning.epochs": NaN}',
        b'{"overrides": {"tuning.epochs": 1e999}',
        b'{"inline_recipe": {"x": [-Infinity]}',
    ],
)
def test_numbers_that_json_does_not_have_are_refused(world, body):
    message = world.message(body + b', "dataset_uri": "gs://test-intake/x.jsonl"}')

    with pytest.raises(MessageInvalidError):
        receive.receive_request(world.services, message)


def test_a_message_of_a_thousand_unknown_keys_has_a_short_answer(world):
    body = json.dumps({f"key{n}": n for n in range(10_000)}).encode()

    with pytest.raises(MessageInvalidError) as caught:
        receive.receive_request(world.services, world.message(body))

    assert 20 == len(caught.value.problems)


def test_overrides_alone_are_laid_on_the_default_recipe(world):
    world.store.put("test-intake", "x.jsonl", code_rows())

    outcome = world.request(
        dataset_uri="gs://test-intake/x.jsonl", overrides={"tuning.train_steps": 31}
    )

    verdict = world.record(f"verdicts/{outcome.drop_id}.json")
    assert ("code-bison@002", 31) == (verdict["plan"]["base_model"], verdict["plan"]["train_steps"])
