"""Pages hold what they are given and nothing more: no scripts, no resources, no hidden characters."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from support import records
from support.pages import Page
from support.world import settings
from tunedrop.catalog import load_catalog
from tunedrop.domain.runs import RunState
from tunedrop.reports.index_view import index_view
from tunedrop.reports.rendering import (
    check_page_view,
    drop_view,
    render_check,
    render_drop,
    render_index,
    render_run,
    run_view,
)
from tunedrop.reports.run_view import Known

HOSTILE = "</code><script>alert(1)</script>\"'><img src=x onerror=a>{{ 7*7 }}&amp;\x00\x1b[2J\u202eexe\u2066\u200b\ud800"
ALLOWED_TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "strong",
        "span",
        "main",
        "header",
        "svg",
        "path",
        "h1",
        "h2",
        "h3",
        "p",
        "code",
        "time",
        "section",
        "pre",
        "a",
        "rect",
        "ul",
        "li",
        "article",
        "dl",
        "dt",
        "dd",
        "ol",
        "br",
        "footer",
        "nav",
        "h4",
        "details",
        "summary",
        "figure",
        "figcaption",
        "line",
        "text",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
)


def hostile_drop():
    asked = {"requester": HOSTILE, "correlation_id": HOSTILE, "overrides": {HOSTILE: HOSTILE}}
    verdict = records.verdict(
        "accepted",
        recipe=records.recipe(name=HOSTILE, source=HOSTILE, effective={"description": HOSTILE}),
        plan=records.plan(
            base_model=HOSTILE,
            parameters={HOSTILE: HOSTILE},
            notes=[{"code": HOSTILE, "text": HOSTILE}],
        ),
        problems=[records.problem(where=HOSTILE, found=HOSTILE)],
        result=records.result(found=[("unknown_key", 1, HOSTILE)]),
    )
    receipt = records.receipt("accepted", name=f"{HOSTILE}.jsonl", asked=asked)
    return render_drop(drop_view(settings(), receipt, verdict))


def hostile_check():
    fences = {HOSTILE: 1, "python": 2}
    return render_check(
        check_page_view(
            records.result(
                "rejected",
                found=[("unknown_key", 1, HOSTILE)],
                statistics={**records.STATISTICS, "fences": fences},
                cost={"basis": HOSTILE},
                next=HOSTILE,
            ),
            name=HOSTILE,
        )
    )


def hostile_run():
    detail = {"code": HOSTILE, "message": HOSTILE, "task": HOSTILE, "reason": HOSTILE}
    accepted = records.accepted_detail(dataset_uri=f"gs://test-intake/{HOSTILE}.jsonl")
    run = records.run(RunState.FAILED, detail=detail, accepted=accepted)
    sample = dict.fromkeys(("question", "expected", "answer"), HOSTILE)
    return render_run(run_view(settings(), run, Known(sample=sample)))


def hostile_worth():
    answers = {name: {"text": HOSTILE, "code": ""} for name in ("tuned", "base", "champion")}
    row = {"hash": "00", "question": HOSTILE, "expected": HOSTILE, "answers": answers}
    champion = records.other_champion(reason=HOSTILE, claimed_by=HOSTILE)
    notes = [{"row": 7, "line": 9, "reason": HOSTILE}]
    accepted = records.accepted_detail(recipe=records.recipe(name=HOSTILE))
    told = {RunState.SUCCEEDED: {"row_notes": notes, "dropped_rows": 1}}
    run = records.run(RunState.PROMOTED, told=told, accepted=accepted, detail={"code": HOSTILE})
    known = records.known(champion=champion, evidence={"rows": [row]})
    return render_run(run_view(settings(), run, known))


def hostile_index():
    return render_index(index_view(settings(), load_catalog(), records.index(HOSTILE)))


def all_pages():
    judged = {"accepted", "rejected"}
    for outcome in records.OUTCOMES:
        verdict = records.verdict(outcome) if outcome in judged else None
        yield outcome, render_drop(drop_view(settings(), records.receipt(outcome), verdict))
    for verdict in ("accepted", "rejected"):
        result = records.full_result(verdict)
        yield f"check_{verdict}", render_check(check_page_view(result, name="train.jsonl"))
        judged = records.verdict(verdict, result=result)
        yield (
            f"full_{verdict}",
            render_drop(drop_view(settings(), records.receipt(verdict), judged)),
        )
    yield "index", render_index(index_view(settings(), load_catalog(), records.index()))
    yield "empty_index", render_index(index_view(settings(), load_catalog(), records.empty_index()))
    for state in RunState:
        yield (
            f"run_{state}",
            render_run(run_view(settings(), records.run(state), records.known())),
        )


PAGES = dict(all_pages())


@pytest.mark.parametrize(
    "make", [hostile_drop, hostile_check, hostile_run, hostile_worth, hostile_index]
)
def test_hostile_values_stay_text(make):
    html = make()

    page = Page(html)
    assert set(page.tags) <= ALLOWED_TAGS
    assert [] == page.faults
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text


@pytest.mark.parametrize(
    "make", [hostile_drop, hostile_check, hostile_run, hostile_worth, hostile_index]
)
def test_characters_that_hide_or_reorder_text_are_shown_as_code_points(make):
    html = make()

    assert not set("\x00\x1b\u202e\u2066\u200b\ud800") & set(html)
    assert "[U+0000][U+001B][2J[U+202E]exe[U+2066][U+200B][U+D800]" in html
    html.encode()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing_and_runs_nothing(name):
    html = PAGES[name]

    page = Page(html)
    assert [] == page.loads
    assert "url(" not in html
    assert "@import" not in html
    assert "script" not in page.tags
    assert 1 == page.tags.count("style")
    assert not [key for key, _ in page.attributes if key == "style" or key.startswith("on")]
    assert "default-src 'none'" in html


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_on_a_phone_and_in_the_dark(name):
    html = PAGES[name]

    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html
    assert "prefers-color-scheme: dark" in html
    assert html.startswith('<!doctype html>\n<html lang="en">')


@pytest.mark.parametrize("name", PAGES)
def test_every_heading_and_section_is_named_once(name):
    page = Page(PAGES[name])

    ids = [value for key, value in page.attributes if key == "id"]
    labels = [value for key, value in page.attributes if key == "aria-labelledby"]
    assert len(ids) == len(set(ids))
    assert labels == ids


@pytest.mark.parametrize("name", PAGES)
def test_every_link_within_a_page_leads_to_a_section_of_it(name):
    page = Page(PAGES[name])

    ids = {value for key, value in page.attributes if key == "id"}
    assert {link[1:] for link in page.links if link.startswith("#")} <= ids


def test_equal_records_make_equal_pages_in_any_process():
    program = "import test_reports_pages as t, hashlib; print(hashlib.sha256(repr(sorted(t.PAGES.items())).encode()).hexdigest())"
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parent)])

    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }

    assert 1 == len(digests)


def test_a_value_that_a_template_expects_and_a_view_lacks_is_an_error():
    view = drop_view(settings(), records.receipt("superseded"), None)
    del view["headline"]

    with pytest.raises(UndefinedError, match="headline"):
        render_drop(view)
