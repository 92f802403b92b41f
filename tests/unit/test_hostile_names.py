"""Family 32 of the hostile inputs: names that objects may have, wherever a path, a page or a log could be made of them."""

import json
import re
import unicodedata

import pytest

from support.hostile_deliveries import Siege, code_rows

TWINS = [unicodedata.normalize(form, "Käse.jsonl") for form in ("NFC", "NFD")]
NAMES = {
    "../../x.jsonl": "waiting_for_recipe",
    "..": "ignored_not_a_dataset",
    "./x.jsonl": "waiting_for_recipe",
    "/abs.jsonl": "accepted",
    "a//b.jsonl": "waiting_for_recipe",
    "a#1.jsonl": "accepted",
    "a?x=1.jsonl": "accepted",
    "%2e%2e.jsonl": "accepted",
    "%2e%2e/%2e%2e/x.jsonl": "waiting_for_recipe",
    "n" * 1018 + ".jsonl": "accepted",
    "é" * 509 + ".jsonl": "accepted",
    "n" * 1019 + ".jsonl": "malformed_event",
    "a\nb.jsonl": "name_unusable",
    "a\r\n\x1b[31m.jsonl": "name_unusable",
    "a\0.jsonl": "name_unusable",
    "x\u202elnosj.jsonl": "accepted",
    "x\u2028{}.jsonl": "accepted",
    "x.jsonl ": "ignored_not_a_dataset",
    " x.jsonl": "accepted",
    "*.jsonl": "accepted",
    "**/x.jsonl": "waiting_for_recipe",
    "[a-z]?.jsonl": "accepted",
    "-rf.jsonl": "accepted",
    "$(id)`id`;id.jsonl": "accepted",
    "{{ 7 * 7 }}<script>.jsonl": "accepted",
    "'; drop table runs; --.jsonl": "accepted",
    "\\\\server\\share.jsonl": "accepted",
    "C:x.jsonl": "accepted",
    **dict.fromkeys(TWINS, "accepted"),
}
PARENT = "projects/test-project/locations/us-central1"
MODEL, ENDPOINT = f"{PARENT}/models/7@1", f"{PARENT}/endpoints/8"
PLAIN = re.compile(r"[a-zA-Z0-9._/-]+", re.ASCII)
"""What names of our own records and pages are made of."""


@pytest.fixture
def siege(capfd):
    return Siege(capfd)


def ours(siege):
    """The names of everything that the deployment has written."""
    buckets = ("test-ledger", "test-state", "test-reports", "test-work")
    return [path for bucket in buckets for path in siege.store.names(bucket)]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:40])
def test_family_32_a_name_of_any_form_is_answered_and_makes_no_path_of_ours(siege, name):
    info = siege.store.put("test-intake", name, code_rows())

    answer = siege.finalize(info)

    assert (200, NAMES[name]) == (answer.status, answer.code)
    assert ours(siege)
    assert all(PLAIN.fullmatch(path) and ".." not in path for path in ours(siege))
    siege.assert_silent()


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:40])
def test_family_32_a_request_for_a_name_says_the_same_as_its_event(siege, name):
    siege.store.put("test-intake", name, code_rows())
    unusable = NAMES[name] in {"malformed_event", "name_unusable"}

    answer = siege.push("requests", {"dataset_uri": f"gs://test-intake/{name}"})

    assert 200 == answer.status
    assert answer.code in ({"message_invalid", "uri_invalid"} if unusable else {NAMES[name]})
    siege.assert_silent()


def test_family_32_twins_that_look_alike_are_two_objects_with_an_answer_each(siege):
    outcomes = [siege.world.drop(name, code_rows(start=n)) for n, name in enumerate(TWINS)]

    assert 2 == len({outcome.record for outcome in outcomes})
    assert 2 == len({outcome.drop_id for outcome in outcomes})
    pages = siege.store.names("test-reports", "drops/")
    assert 2 == len({page.split("/")[1] for page in pages if page.endswith("/index.html")})


def test_family_32_a_wildcard_is_the_name_of_one_object(siege):
    siege.store.put("test-intake", "x.jsonl", code_rows())

    answer = siege.push("requests", {"dataset_uri": "gs://test-intake/*.jsonl"})

    assert "dataset_not_found" == answer.code


def test_family_32_a_name_is_quoted_on_the_page_and_in_the_attributes(siege):
    siege.world.drop("{{ 7 * 7 }}<script>alert(1)</script>.jsonl", code_rows())

    (page,) = [name for name in siege.store.names("test-reports") if name.endswith("index.html")]
    html = siege.store.read("test-reports", page, max_bytes=10**7).decode()
    assert "<script>alert(1)" not in html
    assert "49<" not in html
    subjects = [attributes["ce-subject"] for _, _, attributes in siege.world.publisher.sent]
    assert all(len(json.dumps(subject)) < 1024 for subject in subjects)


@pytest.mark.parametrize(
    "recipe",
    ["../../runs/x", "/", "//", "x" * 500, "*", "a#b?c", "{{ 7 }}<b>", "\u2028", "é\u202e"],
)
def test_family_32_a_recipes_name_of_any_form_makes_no_path_of_ours(siege, recipe):
    siege.store.put("test-intake", "x.jsonl", code_rows())
    inline = {"base_model": "code-bison@002"}

    answer = siege.push(
        "requests",
        {"dataset_uri": "gs://test-intake/x.jsonl", "recipe": recipe, "inline_recipe": inline},
    )
    siege.world.deliver()
    siege.world.pipelines.end("PIPELINE_STATE_SUCCEEDED", tuned_model=MODEL, endpoint=ENDPOINT)
    siege.world.tick()

    assert "accepted" == answer.code
    assert siege.store.names("test-ledger", "registry/")
    assert all(PLAIN.fullmatch(path) and ".." not in path for path in ours(siege))
    siege.assert_silent(jobs=1)
