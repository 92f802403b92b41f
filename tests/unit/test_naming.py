"""Names are derived, never invented: the same facts give the same name anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunedrop.domain import naming, places
from tunedrop.domain.naming import GsUri, ObjectRole


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("", ObjectRole.PLACEHOLDER),
        ("dir/", ObjectRole.PLACEHOLDER),
        (".keep", ObjectRole.PLACEHOLDER),
        ("a/_SUCCESS", ObjectRole.PLACEHOLDER),
        ("x_$folder$", ObjectRole.PLACEHOLDER),
        (
            "gcloud/tmp/parallel_composite_uploads/see_gcloud_storage_cp_help_for_details/1.jsonl",
            ObjectRole.UPLOAD_PART,
        ),
        ("bot/recipe.toml", ObjectRole.RECIPE),
        ("recipe.toml", ObjectRole.RECIPE),
        ("bot/x.eval.jsonl", ObjectRole.EVALUATION),
        ("bot/eval.jsonl", ObjectRole.EVALUATION),
        ("bot/x.jsonl", ObjectRole.DATASET),
        ("bot/X.JSONL", ObjectRole.DATASET),
        ("bot/x.json", ObjectRole.DATASET),
        ("bot/readme.md", ObjectRole.OTHER),
        ("bot/my-recipe.toml", ObjectRole.OTHER),
    ],
)
def test_an_objects_name_tells_what_it_is_for(name, role):
    assert role == naming.object_role(name)


@pytest.mark.parametrize(
    "name",
    ["a.jsonl", "../../x", "/abs", "a//b", "a#1", "a?x=1", "%2e%2e", "ü ber/日本.jsonl", "x "],
)
def test_any_object_name_without_control_characters_is_an_address(name):
    uri = GsUri.parse(f"gs://some-bucket/{name}")

    assert GsUri("some-bucket", name) == uri


@pytest.mark.parametrize(
    "text",
    [
        "gs:/b/o",
        "gs:///o",
        "GS://bucket/o",
        "gs://bucket",
        "gs://bucket/",
        "gs://user@bucket/o",
        "gs://bucket:80/o",
        "gs://buc\nket/o",
        "gs://bucket/o\n",
        " gs://bucket/o",
        "gs://bucket\\o",
        "gs://bücket/o",
        "https://storage.googleapis.com/bucket/o",
        "gs://bucket/" + "é" * 513,
        "gs://bucket/a\x7fb",
    ],
)
def test_what_is_not_an_address_is_refused_without_being_repeated(text):
    with pytest.raises(
        ValueError, match=r"^expected gs://bucket/object, without control characters$"
    ):
        GsUri.parse(text)


def test_folders_are_tried_from_the_nearest_to_the_root():
    assert ["a/b/c", "a/b", "a", ""] == naming.folders_upwards("a/b/c/x.jsonl")


@pytest.mark.parametrize(
    ("recipe", "rehearsed"),
    [
        ("tunedrop-selftest", True),
        ("tunedrop-selftest/7f3a", True),
        ("tunedrop-selftest/7f3a/deeper", True),
        ("tunedrop-selftests", False),
        ("tunedrop-selftest-bot", False),
        ("a/tunedrop-selftest", False),
        ("Tunedrop-selftest", False),
        ("/tunedrop-selftest", False),
        ("default", False),
        ("", False),
    ],
)
def test_only_recipes_in_the_reserved_folder_are_rehearsed(recipe, rehearsed):
    assert rehearsed is naming.is_rehearsal(recipe)
    if rehearsed:
        assert naming.may_be_rehearsal(naming.run_id(recipe, "ab" * 32))


def test_only_ids_that_begin_as_the_reserved_folder_does_may_be_rehearsals():
    ids = [
        naming.run_id(recipe, "ab" * 32)
        for recipe in ("tunedrop-selftest-bot", "tunedrop-selftests", "bot", "a/tunedrop-selftest")
    ]

    assert [True, False, False, False] == [naming.may_be_rehearsal(each) for each in ids]


def test_a_job_id_gives_back_its_run_and_attempt():
    run = naming.run_id("Support Bot", "ab" * 32)

    assert (run, 12) == naming.run_of_job(naming.job_id(run, 12))


@pytest.mark.parametrize(
    "job",
    [
        "",
        "tunedrop-x",
        "other-bot-0123456789abcdef-a1",
        "tunedrop-bot-0123456789abcdef-a0",
        "tunedrop-bot-0123456789abcdef-a1/x",
    ],
)
def test_a_foreign_job_id_is_no_run_of_ours(job):
    assert naming.run_of_job(job) is None


@given(st.text(max_size=200))
def test_any_recipe_name_gives_an_id_that_services_take(name):
    run = naming.run_id(name, "0123456789abcdef" * 4)
    job = naming.job_id(run, 9999)

    assert (run, 9999) == naming.run_of_job(job)
    assert 63 >= len(naming.job_id(run, 1))


def test_an_event_and_a_bare_request_about_the_same_bytes_are_one_question():
    assert naming.drop_id("b", "n", 1) == naming.drop_id("b", "n", 1, request={})
    assert naming.drop_id("b", "n", 1) != naming.drop_id("b", "n", 1, request={"recipe": "r"})
    assert naming.drop_id("b", "n", 1) != naming.drop_id("b", "n", 2)


def test_parts_of_a_digest_cannot_run_into_each_other():
    assert naming.digest("ab", "c") != naming.digest("a", "bc")


def key(**changes):
    facts = {
        "deployment": "d",
        "recipe": "r",
        "training_digest": "t",
        "evaluation_digest": "e",
        "identity": {"a": 1},
    }
    return naming.run_key(**{**facts, **changes})


@pytest.mark.parametrize("field", ["deployment", "recipe", "training_digest", "evaluation_digest"])
def test_each_part_of_a_run_makes_another_run(field):
    assert key() != key(**{field: "other"})
    assert key() == key()


def test_a_rehearsed_run_is_never_the_same_run_as_a_real_one():
    assert key(recipe="tunedrop-selftest/x") != key(recipe="x")


def test_the_order_of_settings_makes_no_other_run():
    assert key(identity={"a": 1, "b": [1, 2]}) == key(identity={"b": [1, 2], "a": 1})


def test_a_hostile_message_id_still_has_one_place():
    assert "messages/requests/123.json" == places.message_path("requests", "123")
    assert "/../" not in places.message_path("requests", "../../x")
