"""What is shown of a run, state by state."""

import json

import pytest

from support import records
from support.pages import Page
from support.world import settings
from tunedrop.domain import promotion
from tunedrop.domain.runs import ENDED, RETRYABLE, RunState
from tunedrop.handlers import evaluation_rivals
from tunedrop.job_errors import known_errors
from tunedrop.reports.evaluation_view import MAX_TEXT, MOST_QUESTIONS
from tunedrop.reports.model_words import KEPT, PROMOTED, SKIPPED
from tunedrop.reports.rendering import render_run, run_view
from tunedrop.reports.run_view import NOTHING, Known

FAILED = {
    "code": "job_failed",
    "class": "data",
    "known": next(
        name for name, each in known_errors().errors.items() if each.error_class == "data"
    ),
    "lines": [{"row": 120, "line": 122, "file": "training"}],
    "violations": [],
    "metric": "",
}


def view_of(state, *, known=NOTHING, deployment=None, **parts):
    return run_view(deployment or settings(), records.run(state, **parts), known)


def text_of(state, **parts):
    return Page(render_run(view_of(state, **parts))).text


@pytest.mark.parametrize("state", list(RunState), ids=str)
def test_every_state_has_a_page_that_begins_with_it(state):
    view = view_of(state)

    page = Page(render_run(view))

    assert [] == page.faults
    assert (state.value, state in ENDED) == (view["state"], view["ended"])
    assert page.text.startswith(f"{view['headline']} {records.RUN_ID}")
    assert view["next"]["text"] in page.text


@pytest.mark.parametrize("state", list(RunState), ids=str)
def test_the_data_of_every_state_makes_the_same_page_when_it_is_read_back(state):
    view = view_of(state, known=records.known())

    read_back = json.loads(json.dumps(view, allow_nan=False))

    assert view == read_back
    assert render_run(view) == render_run(read_back)


def test_every_state_has_a_headline_of_its_own():
    assert len(RunState) == len({view_of(state)["headline"] for state in RunState})


def test_the_timeline_has_every_step_with_its_time_and_how_long_it_lasted():
    timeline = view_of(RunState.LAUNCHED)["timeline"]

    steps = [(step["state"], step["at"], step["seconds"]) for step in timeline]
    assert [
        ("accepted", "2026-11-23T12:00:00+00:00", 60.0),
        ("launching", "2026-11-23T12:01:00+00:00", 60.0),
        ("launched", "2026-11-23T12:02:00+00:00", None),
    ] == steps


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (RunState.LAUNCHING, None),
        (RunState.LAUNCHED, "2026-11-23T13:10:12+00:00"),
        (RunState.RUNNING, "2026-11-23T13:10:12+00:00"),
        (RunState.SUCCEEDED, None),
    ],
    ids=str,
)
def test_an_end_is_foretold_only_while_a_job_is_under_way(state, expected):
    assert expected == view_of(state)["expected_end"]


def test_a_failed_run_says_what_the_service_said_and_what_to_do():
    text = text_of(RunState.FAILED)

    assert "The tuning job failed." in text
    assert "Failed task large-language-model-tuner" in text
    assert "The replica workerpool0-0 exited" in text
    assert "Read the message and the job's own log" in text


def test_a_rehearsed_run_shows_the_request_and_neither_model_nor_fault():
    view = view_of(RunState.REHEARSED)

    page = Page(render_run(view))

    assert ("plain", None, None, []) == (
        view["tone"],
        view["problem"],
        view["model"],
        view["next"]["commands"],
    )
    assert "no job exists, and nothing was spent" in page.text
    assert "would be launched without an approval" in page.text
    assert f'"displayName": "{records.JOB_ID}"' in page.text


def test_a_rehearsed_run_says_why_a_real_one_would_wait():
    text = text_of(RunState.REHEARSED, detail={"would_hold": "price_unknown"})

    assert "would first wait for an approval" in text
    assert "Its price is not known, and unknown is not zero." in text


def test_a_rehearsed_run_says_that_the_service_did_not_answer_and_why():
    detail = {"service": "access_denied", "message": "aiplatform.tuningJobs.list denied"}

    text = text_of(RunState.REHEARSED, detail=detail)

    assert "a real run would not get through" in text
    assert "Its error access_denied" in text
    assert "aiplatform.tuningJobs.list denied" in text


def test_a_run_that_is_yet_to_be_rehearsed_says_so():
    accepted = records.accepted_detail(recipe=records.recipe(name=records.REHEARSAL))

    assert "A rehearsal:" in text_of(RunState.ACCEPTED, accepted=accepted)


CODES = (
    "launch_refused",
    "job_id_taken",
    "launch_not_found",
    "job_failed",
    "no_tuned_model",
    "job_expired",
    "job_deleted",
    "deadline_exceeded",
    "launch_timeout",
    "waited_too_long",
    "hold_expired",
)
WAITS = ("no_slot", "daily_budget", "paused", "backing_off", "quota_exhausted", "access_denied")
HOLDS = ("over_budget", "over_daily_budget", "price_unknown", "burst")


@pytest.mark.parametrize("code", CODES)
def test_every_way_to_fail_has_words_of_its_own(code):
    problem = view_of(RunState.FAILED, detail={"code": code})["problem"]

    unknown = view_of(RunState.FAILED, detail={"code": "of_a_later_version"})["problem"]
    assert problem["meaning"] != unknown["meaning"]
    assert problem["remedy"] != unknown["remedy"]


@pytest.mark.parametrize("code", WAITS)
def test_every_reason_to_wait_has_words_of_its_own(code):
    view = view_of(RunState.QUEUED, detail={"code": code})

    unknown = view_of(RunState.QUEUED, detail={"code": "of_a_later_version"})
    assert view["problem"]["meaning"] != unknown["problem"]["meaning"]
    assert view["next"]["text"] != unknown["next"]["text"]
    assert [f"tunedrop {word} {records.RUN_ID}" for word in ("show", "cancel")] == (
        view["next"]["commands"]
    )


def test_every_reason_to_hold_has_words_of_its_own():
    said = {view_of(RunState.HELD, detail={"code": code})["summary"] for code in (*HOLDS, "new")}

    assert len(HOLDS) + 1 == len(said)


def test_a_code_without_words_is_shown_as_it_is():
    assert "of_a_later_version" in text_of(RunState.FAILED, detail={"code": "of_a_later_version"})


def test_what_the_service_found_wrong_with_a_request_is_listed():
    violations = ["parameter train_steps: must be positive"]

    text = text_of(RunState.FAILED, detail={"code": "launch_refused", "violations": violations})

    assert violations[0] in text


def test_a_queued_run_says_what_it_waits_for_and_that_nothing_is_to_do():
    text = text_of(RunState.QUEUED)

    assert "Why it waits" in text
    assert "A quota of the service is used up." in text
    assert "Nothing to do: the launch is tried again by itself" in text


@pytest.mark.parametrize("code", ["approved", "retried"])
def test_a_run_that_somebody_let_go_on_waits_for_no_fault(code):
    view = view_of(RunState.QUEUED, detail={"code": code})

    assert view["problem"] is None
    assert view["next"]["text"].startswith("Somebody let it go on: it is launched")


def test_a_refused_launch_says_when_it_is_tried_again():
    text = text_of(RunState.QUEUED, detail={"not_before": "2026-11-23T12:30:00+00:00"})

    assert "Not tried again before 23 Nov 2026, 12:30:00 UTC" in text


def test_a_held_run_says_until_when_it_waits_for_a_decision():
    text = text_of(RunState.HELD)

    assert "Without a decision it is refused on 30 Nov 2026, 12:01:00 UTC" in text


@pytest.mark.parametrize("state", sorted(RETRYABLE))
def test_a_run_that_ended_without_a_model_names_the_command_for_another_attempt(state):
    view = view_of(state)

    assert [f"tunedrop retry {records.RUN_ID}"] == view["next"]["commands"]
    says = "no new job" if state is RunState.LOAD_FAILED else "attempt 2 of the same run, estimated"
    assert says in view["next"]["text"]


def test_the_cost_of_another_attempt_is_not_said_to_be_nothing_where_it_is_not_known():
    accepted = records.accepted_detail(plan=records.plan(cost={"usd": None}))

    view = run_view(settings(), records.run(RunState.FAILED, accepted=accepted))

    assert "whose cost is not known" in view["next"]["text"]


def test_a_superseded_run_leads_to_the_one_in_its_place():
    page = Page(render_run(view_of(RunState.SUPERSEDED)))

    assert "Why it ended" in page.text
    assert "its recipe keeps the newest only" in page.text
    newer = f"test-reports/runs/{records.NEWER_RUN_ID}/index.html"
    assert f"https://storage.cloud.google.com/{newer}" in page.links


def test_attempts_are_told_apart_in_the_timeline_and_the_newest_one_s_job_is_named():
    second = "projects/test-project/locations/us-central1/pipelineJobs/second"
    run = records.retried(
        RunState.FAILED, (RunState.LAUNCHING, {}), (RunState.LAUNCHED, {"job_name": second})
    )
    view = run_view(settings(), run)

    text = Page(render_run(view)).text

    assert [1, 1, 1, 1, 1, 2, 2, 2] == [step["attempt"] for step in view["timeline"]]
    assert second == view["job"]["name"]
    first, _, rest = text.partition("Attempt 2")
    assert "Attempt 1" in first
    assert records.JOB in first
    assert "the quota was raised (claimed by ada)" in rest


def test_a_run_of_one_attempt_does_not_count_them():
    assert "Attempt 1 Accepted" not in text_of(RunState.FAILED)


def test_a_run_whose_model_is_loaded_again_stays_in_its_attempt():
    view = run_view(settings(), records.retried(RunState.LOAD_FAILED))

    assert (1, None, records.JOB) == (view["attempt"], view["problem"], view["job"]["name"])


def test_a_new_attempt_has_no_job_before_one_is_recorded():
    assert run_view(settings(), records.retried(RunState.FAILED))["job"] is None


def test_a_held_run_names_the_limit_and_both_decisions():
    view = view_of(RunState.HELD, deployment=settings(max_usd_per_run=10))

    text = Page(render_run(view)).text

    decisions = [f"tunedrop {word} {records.RUN_ID} --reason why" for word in ("approve", "refuse")]
    assert decisions == view["next"]["commands"]
    assert "above what a run may cost" in text
    assert "a run may cost $10.00 by the deployment" in text


def test_a_decision_is_shown_with_its_reason_and_who_claims_it():
    text = text_of(RunState.REFUSED)

    assert "too dear (claimed by ada)" in text


def test_a_registered_run_names_model_endpoint_and_version_and_how_to_call_them():
    view = view_of(RunState.REGISTERED)

    page = Page(render_run(view))

    assert {
        "tuned_model": records.MODEL,
        "endpoint": records.ENDPOINT,
        "version": 2,
        "dropped_rows": 0,
        "row_notes": [],
        "adopted": False,
        "notes": [],
    } == view["model"]
    assert 3 == len(view["calling"])
    assert all(" ".join(way["text"].split()) in page.text for way in view["calling"])
    assert page.text.index("How to call it") < page.text.index("Step by step")


@pytest.mark.parametrize("state", [RunState.SUCCEEDED, RunState.LOAD_FAILED], ids=str)
def test_a_model_that_has_not_answered_is_not_said_to_be_callable(state):
    view = view_of(state)

    assert records.MODEL == view["model"]["tuned_model"]
    assert [] == view["calling"]


def test_a_sample_is_shown_only_when_it_is_given():
    view = view_of(RunState.REGISTERED, known=Known(sample=records.SAMPLE))
    shown = Page(render_run(view)).text

    assert "Write a function that adds two tides." in shown
    assert "return a + b" in shown
    assert "tides" not in render_run(view_of(RunState.REGISTERED))


def test_rows_that_the_service_left_out_are_reported():
    detail = {"dropped_rows": 1200, "adopted": True}

    text = text_of(RunState.SUCCEEDED, detail=detail)

    assert "Rows that the service left out 1,200" in text
    assert "only its endpoint could not be made" in text


@pytest.mark.parametrize(
    ("job", "address"),
    [
        (
            "projects/p/locations/europe-west4/pipelineJobs/j1",
            "https://console.cloud.google.com/vertex-ai/locations/europe-west4/pipelines/runs/j1?project=p",
        ),
        (
            "projects/p/locations/us-central1/tuningJobs/42",
            "https://console.cloud.google.com/vertex-ai/generative/language/locations/us-central1/tuning/tuningJob/42?project=p",
        ),
        ("something else", ""),
    ],
    ids=["pipeline", "tuning", "unknown"],
)
def test_a_job_is_linked_to_the_console(job, address):
    view = view_of(RunState.LAUNCHED, detail={"job_name": job})

    assert {"name": job, "console": address} == view["job"]


def test_the_local_cloud_s_jobs_are_not_linked_to_google_s_console():
    local = settings(
        vertex_emulator_host="127.0.0.1:8085", vertex_emulator_rest_host="127.0.0.1:8086"
    )

    assert "" == view_of(RunState.LAUNCHED, deployment=local)["job"]["console"]


def test_a_run_links_back_to_the_page_of_its_upload():
    page = Page(render_run(view_of(RunState.ACCEPTED)))

    drop = "test-reports/drops/support-bot-train-jsonl-4710904e57ea/index.html"
    assert f"https://storage.cloud.google.com/{drop}" in page.links


def test_a_promoted_run_is_the_champion_and_says_how_to_ask_and_to_go_back():
    view = view_of(RunState.PROMOTED, known=Known(champion=records.champion()))

    page = Page(render_run(view))

    assert "It works, and it is the champion. Call it like this." == view["headline"]
    assert [
        "tunedrop ask support-bot 'Your question'",
        "tunedrop rollback support-bot --reason why",
    ] == view["next"]["commands"]
    assert "It is better than the champion before it, by more than the noise." in page.text
    assert "Champion of its recipe this model" in page.text


def test_a_run_that_is_champion_no_more_leads_to_the_one_that_is():
    view = view_of(RunState.PROMOTED, known=Known(champion=records.other_champion()))

    page = Page(render_run(view))

    assert "It works. Call it like this." == view["headline"]
    assert "It was the champion. The recipe's champion is version 3" in page.text
    newer = f"test-reports/runs/{records.NEWER_RUN_ID}/index.html"
    assert f"https://storage.cloud.google.com/{newer}" in page.links


def test_a_kept_run_says_why_and_names_the_command_that_promotes_it():
    view = view_of(RunState.KEPT, known=Known(champion=records.other_champion()))

    page = Page(render_run(view))

    assert "It works. Call it like this." == view["headline"]
    assert "Its recipe leaves it to a person who becomes champion." in view["summary"]
    assert f"tunedrop promote {records.RUN_ID} --reason why" in page.text


def test_a_kept_run_that_somebody_promoted_later_is_the_champion():
    champion = records.champion(code="by_hand", reason="asked for", claimed_by="ada")

    view = view_of(RunState.KEPT, known=Known(champion=champion))

    assert "It works, and it is the champion. Call it like this." == view["headline"]
    assert "tunedrop rollback support-bot --reason why" in view["next"]["commands"]
    assert "Reason given: asked for. Claimed by ada." in Page(render_run(view)).text


@pytest.mark.parametrize("code", [*KEPT, *PROMOTED])
def test_every_reason_to_promote_or_to_keep_has_words(code):
    state = RunState.KEPT if code in KEPT else RunState.PROMOTED

    assert {**KEPT, **PROMOTED}[code] in text_of(state, detail={"code": code})


def test_the_words_cover_every_code_that_is_recorded():
    decided = {
        value
        for name, value in vars(promotion).items()
        if name.isupper() and not name.startswith("_") and isinstance(value, str)
    }
    asked = {
        value
        for name, value in vars(evaluation_rivals).items()
        if name.isupper()
        and isinstance(value, str)
        and not name.startswith(("TUNED", "BASE", "CHAMPION"))
    }

    assert decided - {"rolled_back"} <= KEPT.keys() | PROMOTED.keys()
    assert asked <= SKIPPED.keys()


def test_an_evaluation_shows_means_and_comparisons_with_their_noise():
    text = text_of(RunState.PROMOTED)

    assert "+13.2 points of chrF , most likely between +8.1 and +18.3" in text
    assert "up to 5.1 either way would be noise" in text
    assert "Mean of 40 rows Tuned model Base model Champion then" in text
    assert "chrF 61.2 40.0 48.0" in text


def test_a_rival_that_was_not_asked_is_named_with_the_reason():
    changed = {"skipped": {"champion": "champion_not_served"}}

    text = text_of(RunState.PROMOTED, told={RunState.EVALUATED: changed})

    assert "Champion then was not asked: it answers no call any more" in text


def test_three_answers_stand_side_by_side_for_the_first_questions_and_are_cut():
    evidence = records.evidence(text="y" * (MAX_TEXT + 1), questions=5)

    view = view_of(RunState.PROMOTED, known=Known(evidence=evidence))

    assert MOST_QUESTIONS == len(view["answers"])
    first = view["answers"][0]
    assert ["Base model", "Champion then", "Tuned model"] == [
        each["title"] for each in first["answers"]
    ]
    assert "y" * MAX_TEXT + "…" == first["answers"][0]["text"]


def test_what_was_billed_stands_beside_what_was_estimated():
    text = Page(render_run(view_of(RunState.KEPT, known=records.known()))).text

    assert "Estimated cost $12.50" in text
    assert "Billed $11.87" in text


def test_lineage_leads_from_the_object_to_the_endpoint():
    lineage = view_of(RunState.PROMOTED)["lineage"]

    assert "gs://test-intake/support-bot/train.jsonl#1700000000000005" == lineage["dataset"]
    assert f"gs://test-ledger/verdicts/{records.DROP_ID}.json" == lineage["verdict"]
    assert f"gs://test-work/{records.EVIDENCE_PATH}" == lineage["evidence"]
    assert (records.JOB, records.MODEL, records.ENDPOINT, 2) == tuple(
        lineage[key] for key in ("job", "tuned_model", "endpoint", "version")
    )


def test_rows_that_the_service_left_out_are_named_by_the_users_lines():
    notes = [{"row": 7, "line": 9, "reason": "too long"}, {"row": 8, "line": None, "reason": ""}]

    text = text_of(RunState.PROMOTED, told={RunState.SUCCEEDED: {"row_notes": notes}})

    assert "9 7 too long not known 8 not said" in text


def test_a_known_failure_is_explained_with_the_users_line_and_the_next_command():
    view = view_of(RunState.FAILED, detail=FAILED)

    text = Page(render_run(view)).text

    known = known_errors().errors[FAILED["known"]]
    assert known.words.split("{")[0] in view["summary"]
    assert "Where line 122 of your dataset" in text
    assert "Kind the dataset" in text


def test_a_paused_job_says_so_in_the_timeline_and_as_a_reason_to_wait():
    text = text_of(RunState.RUNNING, detail={"code": "job_paused", "job_state": "JOB_STATE_PAUSED"})

    assert 2 == text.count("Somebody or something paused the job.")
    assert "Why it waits" in text


def test_a_page_tells_the_account_of_its_dataset_and_leads_to_the_index():
    page = Page(render_run(view_of(RunState.KEPT, known=records.known())))

    assert "120 lines in the file; every one is in this account." in page.text
    assert "https://storage.cloud.google.com/test-reports/index.html" in page.links
