"""Pages as a browser shows them, at three sizes, light and dark, with scripts switched off."""

from pathlib import Path

import pytest

from browser.devtools import find_browser, running_browser
from support import records
from support.world import World, settings
from tunedrop.catalog import load_catalog
from tunedrop.domain.curves import METRICS, Point, Series
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

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        find_browser() is None,
        reason="no Chromium or Chrome is installed; TUNEDROP_TEST_BROWSER can name one",
    ),
]

AUDIT = Path(__file__).with_name("audit.js").read_text()
SIZES = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1440, 900)}
SCHEMES = ("light", "dark")
CURVES = (
    Series(METRICS[0], tuple(Point(10 * n, 2.4 / n**0.5) for n in range(1, 13))),
    Series(METRICS[1], tuple(Point(10 * n, 1 - 0.7 / n**0.5) for n in range(1, 13))),
    Series(METRICS[3], tuple(Point(20 * n, 1.6 - 0.3 * n + 0.04 * n**2) for n in range(1, 7))),
    Series(METRICS[4], tuple(Point(20 * n, 0.4 + 0.05 * n) for n in range(1, 7))),
)
ROW_NOTES = [
    {"row": 17, "line": 19, "reason": "The example is longer than 131,072 tokens and was dropped."},
    {"row": 40, "line": 42, "reason": ""},
]
LINE_122 = {
    "code": "job_failed",
    "class": "data",
    "known": "example_of_another_kind",
    "message": "Dataset example 120 of 130 contains an unsupported modality.",
    "lines": [{"row": 120, "line": 122, "file": "training"}],
}
UNBROKEN = "x" * 300 + "</code><script>alert(1)</script>" + "ü" * 200


def examples():
    """The pages of the bad and of a good example, as the handlers write them, and as a check alone does."""
    world = World()
    world.drop("bad/recipe.toml", b'base_model = "code-bison@002"\n')
    for folder in ("bad", "tide-gemini"):
        outcome = world.drop_example(folder)
        (page,) = (
            name
            for name in world.store.names("test-reports", f"drops/{folder}-train-jsonl")
            if name.endswith("index.html")
        )
        result = world.record(f"verdicts/{outcome.drop_id}.json")["result"]
        view = check_page_view(result, name=f"examples/{folder}/train.jsonl")
        yield f"{folder}_drop", world.store.read("test-reports", page, max_bytes=10**7).decode()
        yield f"{folder}_check", render_check(view)


def made_up():
    """Pages with everything on them: many lines, all statistics, and names without a place to break."""
    for verdict in ("accepted", "rejected"):
        view = check_page_view(records.full_result(verdict), name="train.jsonl")
        yield f"full_{verdict}", render_check(view)
    yield from runs()
    catalog = load_catalog()
    yield "index", render_index(index_view(settings(), catalog, records.index()))
    yield "index_unbroken", render_index(index_view(settings(), catalog, records.index(UNBROKEN)))
    hostile = records.verdict(
        "accepted",
        recipe=records.recipe(name=UNBROKEN, source=UNBROKEN, effective={"note": UNBROKEN}),
        plan=records.plan(base_model=UNBROKEN, parameters={UNBROKEN: UNBROKEN}),
        result=records.full_result(found=[("unknown_key", 1, UNBROKEN)]),
    )
    receipt = records.receipt("accepted", name=f"{UNBROKEN}.jsonl")
    yield "hostile", render_drop(drop_view(settings(), receipt, hostile))


def runs():
    """Runs as they end: with a curve and an evaluation, kept, and failed at a line of the user's."""
    known = records.known(curves=CURVES)
    promoted = records.run(RunState.PROMOTED, told={RunState.SUCCEEDED: {"row_notes": ROW_NOTES}})
    yield "promoted", render_run(run_view(settings(), promoted, known))
    replaced = records.known(champion=records.other_champion(), evidence=None)
    yield "kept", render_run(run_view(settings(), records.run(RunState.KEPT), replaced))
    failed = records.run(RunState.FAILED, detail=LINE_122)
    yield "failed", render_run(run_view(settings(), failed, Known(check=records.full_result())))
    accepted = records.accepted_detail(recipe=records.recipe(name=UNBROKEN))
    unbroken = records.known(
        evidence=records.evidence(text=UNBROKEN),
        champion=records.champion(recipe=UNBROKEN, reason=UNBROKEN, claimed_by=UNBROKEN),
    )
    run = records.run(RunState.PROMOTED, accepted=accepted)
    yield "run_unbroken", render_run(run_view(settings(), run, unbroken))


NAMES = (
    "bad_drop",
    "bad_check",
    "tide-gemini_drop",
    "tide-gemini_check",
    "full_accepted",
    "full_rejected",
    "promoted",
    "kept",
    "failed",
    "run_unbroken",
    "index",
    "index_unbroken",
    "hostile",
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    paths = {}
    for name, html in (*examples(), *made_up()):
        paths[name] = folder / f"{name}.html"
        paths[name].write_text(html, encoding="utf-8")
    return paths


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with running_browser(find_browser(), tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def tab(browser):
    return browser.open_tab()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole_and_readable_at_every_size_light_and_dark(tab, pages, name):
    tab.open(pages[name])

    faults = {}
    for size, (width, height) in SIZES.items():
        for scheme in SCHEMES:
            tab.look(width, height, scheme)
            faults[size, scheme] = tab.evaluate(AUDIT)
    assert {look: [] for look in faults} == faults


@pytest.mark.parametrize("name", NAMES)
def test_what_is_folded_away_is_whole_and_readable_when_it_is_opened(tab, pages, name):
    tab.open(pages[name])
    tab.look(*SIZES["phone"], "light")

    tab.evaluate("document.querySelectorAll('details').forEach(found => { found.open = true })")

    assert [] == tab.evaluate(AUDIT)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_for_nothing_else_and_breaks_no_rule_of_its_own(tab, pages, name):
    asked, complaints = tab.open(pages[name])

    assert [pages[name].as_uri()] == asked
    assert [] == complaints


SPOILT = (
    ("the page is", "<pre>" + "x" * 200 + "</pre>"),
    ("runs out of its box", "<section>" + "x" * 200 + "</section>"),
    ("overlaps", "<p>under</p><p style='margin-top:-2rem'>over</p>"),
    ("too little contrast", "<p style='color:#888;background:rgb(200 200 200/.5)'>faint</p>"),
    ("too small", "<svg width='180' viewBox='0 0 360 90'><text y='20'>tiny</text></svg>"),
    ("skips a level", "<h3>deep</h3>"),
    ("not one h1", "<h1>again</h1>"),
    ("without a name", "<svg role='img'></svg>"),
    ("without a scope", "<table><tr><th>head</th></tr></table>"),
    ("hard to hit", "<details><summary style='font-size:11px'>more</summary></details>"),
    ("loads or runs", "<script>1</script>"),
)


@pytest.mark.parametrize(("fault", "html"), SPOILT, ids=[fault for fault, _ in SPOILT])
def test_a_fault_of_a_page_is_seen(tab, tmp_path, fault, html):
    page = tmp_path / "spoilt.html"
    page.write_text(f"<!doctype html><html lang='en'><body><h1>Head</h1>{html}</body></html>")
    tab.open(page)
    tab.look(*SIZES["phone"], "light")

    assert any(fault in found for found in tab.evaluate(AUDIT))


def test_light_and_dark_differ(tab, pages):
    tab.open(pages["bad_drop"])
    colours = []
    for scheme in SCHEMES:
        tab.look(*SIZES["desktop"], scheme)
        colours.append(tab.evaluate("getComputedStyle(document.body).backgroundColor"))

    assert 2 == len(set(colours))


def test_whoever_cannot_see_the_page_hears_its_verdict_its_sections_and_its_drawings(tab, pages):
    tab.open(pages["full_rejected"])

    nodes = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in tab.send("Accessibility.getFullAXTree")["nodes"]
        if not node["ignored"]
    ]

    headings = [name for role, name in nodes if role == "heading"]
    assert ["Rejected. It cannot be tuned on yet.", "What to do", "Line by line"] == headings[:3]
    assert "Findings" in [name for role, name in nodes if role == "region"]
    images = [name for role, name in nodes if role == "image"]
    assert all(images)
    assert 4 == len(images)
    assert "table" in {role for role, _ in nodes}


def test_a_finding_can_be_reached_from_the_list_of_contents(tab, pages):
    tab.open(pages["bad_drop"])
    tab.look(*SIZES["phone"], "light")

    target = tab.evaluate(
        "document.querySelector(document.querySelector('nav a[href=\"#findings\"]').hash).textContent"
    )

    assert "Findings" == target
