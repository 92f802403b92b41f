"""Listings: order, prefixes, delimiters, globs and pages."""

import random

import pytest
from google.api_core import exceptions

from support.storage import running_storage, storage_client
from tunedrop.local.storage.listing import compile_glob

NAMES = ["a", "a/1", "a/2", "a/b/3", "a/b/4", "a/c/", "a/é", "b", "B", "z/\U0001f600", "z/\ufffd"]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    directory = tmp_path_factory.mktemp("storage")
    with running_storage(directory, buckets=["drops", "noise"]) as server:
        client = storage_client(server.url)
        for name in random.Random(1).sample(NAMES, len(NAMES)):
            client.bucket("drops").blob(name).upload_from_string("x")
            client.bucket("noise").blob(f"{name}-noise").upload_from_string("x")
        yield client


def names_and_prefixes(listing):
    names = [blob.name for blob in listing]
    return names, sorted(listing.prefixes)


def test_names_come_in_the_order_of_their_bytes(client):
    names, _ = names_and_prefixes(client.list_blobs("drops"))

    assert names == sorted(NAMES, key=str.encode)


@pytest.mark.parametrize("page_size", [1, 2, 3, 1000], ids=str)
@pytest.mark.parametrize(
    ("arguments", "names", "prefixes"),
    [
        ({"delimiter": "/"}, ["B", "a", "b"], ["a/", "z/"]),
        ({"prefix": "a"}, ["a", "a/1", "a/2", "a/b/3", "a/b/4", "a/c/", "a/é"], []),
        ({"prefix": "a", "delimiter": "/"}, ["a"], ["a/"]),
        ({"prefix": "a/", "delimiter": "/"}, ["a/1", "a/2", "a/é"], ["a/b/", "a/c/"]),
        (
            {"prefix": "a/", "delimiter": "/", "include_trailing_delimiter": True},
            ["a/1", "a/2", "a/c/", "a/é"],
            ["a/b/", "a/c/"],
        ),
        ({"prefix": "a/b/", "delimiter": "/"}, ["a/b/3", "a/b/4"], []),
        ({"prefix": "none"}, [], []),
        ({"start_offset": "a/b/4", "end_offset": "b"}, ["a/b/4", "a/c/", "a/é"], []),
        ({"match_glob": "a/*"}, ["a/1", "a/2", "a/é"], []),
        ({"match_glob": "a/**"}, ["a/1", "a/2", "a/b/3", "a/b/4", "a/c/", "a/é"], []),
        ({"match_glob": "**/{3,1}"}, ["a/1", "a/b/3"], []),
        ({"delimiter": "/b"}, ["B", "a", "a/1", "a/2", "a/c/", "a/é", "b", *NAMES[:-3:-1]], ["a/b"]),
    ],
    ids=[
        "top", "prefix", "prefix-top", "folder", "trailing", "leaf", "nothing", "offsets",
        "star", "double-star", "braces", "long-delimiter",
    ],
)  # fmt: skip
def test_every_page_size_lists_the_same(client, page_size, arguments, names, prefixes):
    listing = client.list_blobs("drops", page_size=page_size, **arguments)

    assert names_and_prefixes(listing) == (sorted(names, key=str.encode), prefixes)


def test_a_page_holds_no_more_than_was_asked_for(client):
    listing = client.list_blobs("drops", page_size=4, delimiter="/")

    sizes = [page.num_items + len(page.prefixes) for page in listing.pages if page.num_items]

    assert max(sizes) <= 4


def test_results_can_be_limited(client):
    assert len(list(client.list_blobs("drops", max_results=3))) == 3


def test_a_listing_needs_a_positive_page(client):
    with pytest.raises(exceptions.BadRequest, match="at least 1"):
        client._get_resource("/b/drops/o", query_params={"maxResults": "0"})


def test_versions_of_one_name_are_not_cut_by_a_page(client):
    bucket = client.bucket("paged-versions")
    bucket.versioning_enabled = True
    client.create_bucket(bucket)
    generations = []
    for _ in range(5):
        blob = bucket.blob("x")
        blob.upload_from_string("x")
        generations.append(blob.generation)

    listing = client.list_blobs("paged-versions", versions=True, page_size=2)

    assert [blob.generation for blob in listing] == generations


@pytest.mark.parametrize(
    ("glob", "matches", "misses"),
    [
        ("*.jsonl", ["a.jsonl", ".jsonl"], ["a/b.jsonl", "a.json"]),
        ("**.jsonl", ["a.jsonl", "a/b.jsonl"], ["a.json"]),
        ("a?c", ["abc"], ["a/c", "ac"]),
        ("[a-c]x", ["bx"], ["dx", "-x"]),
        ("[!a]x", ["bx"], ["ax", "/x"]),
        ("[^a]x", ["bx"], ["ax"]),
        ("[]]x", ["]x"], ["x"]),
        ("[[]x", ["[x"], ["x"]),
        ("{a,b{1,2}}", ["a", "b1", "b2"], ["b", "a,"]),
        ("a,b", ["a,b"], ["a"]),
        (r"a\*", ["a*"], ["ab"]),
        ("a+(b).", ["a+(b)."], ["aab."]),
        ("é\n*", ["é\nx"], ["é"]),
        ("}", ["}"], ["x"]),
    ],
    ids=repr,
)
def test_a_glob_matches_whole_names(glob, matches, misses):
    pattern = compile_glob(glob)

    assert [name for name in matches + misses if pattern.fullmatch(name)] == matches


def test_a_glob_that_is_not_well_formed_is_refused(client):
    with pytest.raises(exceptions.BadRequest, match="matchGlob"):
        list(client.list_blobs("drops", match_glob="{a,b"))
