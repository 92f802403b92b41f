"""A tuned model held against its base and the champion: whom it asks what, in bounded looks that go on after anything."""

import json
from datetime import timedelta

import pytest

from support.evaluating import (
    BASE,
    CHAMPION,
    ENDPOINT,
    MODEL,
    RECIPE,
    WORK,
    comparison_files,
    crown,
    detail,
    evaluated,
    expected,
    knows,
    look,
    question_number,
    retire,
    rows,
    tuned,
)
from support.launching import A_DAY, at_the_next_write, steps
from support.launching import rows as code_rows
from support.world import World
from tunedrop.domain.formats import Format, content_hash, conversation_of, read_example
from tunedrop.domain.runs import RunState
from tunedrop.domain.split import hashes_to_bytes
from tunedrop.errors import (
    CorruptRecordError,
    InvalidRequestError,
    NotFoundError,
    UpstreamUnavailableError,
)
from tunedrop.handlers.evaluation_look import QUESTIONS_A_LOOK
from tunedrop.handlers.evaluation_rivals import Asked, Doorbell
from tunedrop.handlers.evaluation_rows import MOST_ROW_BYTES, draw
from tunedrop.handlers.evidence import replayed
from tunedrop.handlers.follow_run import follow

GOOD = {"tuned": expected, "base": lambda _: "I do not know.", "champion": lambda _: "High tide."}


@pytest.fixture
def world():
    world = World()
    world.predictor.answer = knows(**GOOD)
    return world


def once(world, run_id):
    """One look at the run; a sweep may take several."""
    return follow(world.services, world.vertex, run_id)


def verdict(world, run_id):
    return detail(world, run_id, RunState.EVALUATED)


def asked(world, target):
    """Which rows a model was asked about, in order."""
    return [question_number(instance) for to, instance, _ in world.predictor.asked if to == target]


def held_out(world, run_id):
    """The numbers of a run's held-out rows, and the content hash of each, lowest first."""
    path = world.run(run_id).accepted["evaluation"]["path"]
    lines = world.store.read(WORK, path, max_bytes=10**7).splitlines()
    hashes = {
        content_hash(conversation_of(example)): question_number(example.turns[-2].text)
        for line in lines
        if (example := read_example(line, Format.GEMINI))
    }
    return dict(sorted(hashes.items()))


def evidence(world, run_id):
    return json.loads(world.store.read(WORK, verdict(world, run_id)["evidence"], max_bytes=10**7))


def test_a_run_without_held_out_rows_asks_nothing(world):
    run_id = evaluated(world, recipe=RECIPE.partition("[evaluation]")[0])

    assert ["registered", "kept"] == steps(world, run_id)[-2:]


def test_every_model_is_asked_the_same_held_out_rows(world):
    run_id = evaluated(world)

    numbers = [*held_out(world, run_id).values()]
    # The one more is the call that registers, on a row it was trained on; the base is first asked whether it is there.
    assert numbers == asked(world, ENDPOINT)[1:]
    assert [numbers[0], *numbers] == asked(world, BASE)
    assert ["registered", "evaluating", "evaluated", "kept"] == steps(world, run_id)[-4:]


def test_the_verdict_says_how_much_better_and_on_how_many_rows(world):
    found = verdict(world, evaluated(world))

    assert 20 == found["rows"] == found["comparisons"][0]["rows"]
    assert ("base", "better") == (
        found["comparisons"][0]["rival"],
        found["comparisons"][0]["outcome"],
    )
    assert 100.0 == found["means"]["tuned"]["exact_match"]
    assert {"champion": "no_champion"} == found["skipped"]
    assert 1 + 2 * 20 == found["calls"]


def test_the_fact_names_the_evidence(world):
    run_id = evaluated(world)

    (said,) = [json.loads(body) for body in world.publisher.bodies("model-evaluated")]
    assert ("bot", 1, 20) == (said["recipe"], said["version"], said["rows"])
    assert ["better"] == [each["outcome"] for each in said["comparisons"]]
    assert f"gs://{WORK}/{verdict(world, run_id)['evidence']}" == said["evidence_uri"]


def test_the_rows_with_the_lowest_hashes_are_asked(world):
    run_id = evaluated(world, recipe=f"{RECIPE}max_questions = 12\n")

    lowest = held_out(world, run_id)
    assert [*lowest.values()][:12] == asked(world, ENDPOINT)[1:]
    assert [f"{number:016x}" for number in lowest][:12] == [
        row["hash"] for row in evidence(world, run_id)["rows"]
    ]


def test_how_many_are_asked_is_no_other_run():
    one, other = World(), World()

    assert tuned(one) == tuned(other, recipe=f"{RECIPE}max_questions = 12\nmax_usd = 0.5\n")


def test_no_more_is_asked_than_may_be_spent(world):
    run_id = evaluated(world, recipe=f"{RECIPE}max_usd = 0.006\n")

    found = verdict(world, run_id)
    assert 10 < found["rows"] < 20
    assert 0.0055 < found["estimated_usd"] <= 0.006


def test_nothing_is_asked_of_anybody_that_is_too_dear(world):
    run_id = evaluated(world, recipe=f"{RECIPE}max_usd = 0.00001\n")

    assert ["registered", "kept"] == steps(world, run_id)[-2:]
    assert [] == asked(world, ENDPOINT)[1:]


def test_without_a_price_the_number_alone_bounds(world):
    world.predictor.answer = "an answer"
    recipe = 'base_model = "code-bison@002"\n[evaluation]\nholdout = 0.5\nmax_usd = 0.00001\n'

    run_id = evaluated(world, recipe=recipe, data=code_rows(count=40))

    assert (20, None) == (verdict(world, run_id)["rows"], verdict(world, run_id)["estimated_usd"])
    assert all(["prefix"] == [*instance] for _, instance, _ in world.predictor.asked)


def test_rows_are_kept_in_bounds(world):
    long = json.loads(rows([1]))
    long["contents"][0]["parts"][0]["text"] += " " + "x" * MOST_ROW_BYTES
    silent = json.loads(rows([2]))
    silent["contents"][1]["parts"] = [{"functionCall": {"name": "tide", "args": {}}}]
    once = rows([3])
    run = tuned(world)
    accepted = world.run(run).accepted
    lines = [json.dumps(long), json.dumps(silent), once.strip(), once.strip()]
    world.store.put(WORK, accepted["evaluation"]["path"], "\n".join(lines))
    examples = (read_example(line.encode(), Format.GEMINI) for line in lines)
    hashes = (content_hash(conversation_of(example)) for example in examples)
    world.store.put(WORK, accepted["holdout_hashes"]["path"], hashes_to_bytes(hashes))

    drawn = draw(world.services, world.run(run), 50, None)

    assert [once.strip()] == [question.row for question in drawn.own]


# Whom it is held against


def test_a_retired_base_is_not_asked_and_the_model_measured_alone(world):
    run_id = tuned(world)
    retire(world, "gemini-3.5-flash")

    look(world).deliver()

    assert {"base": "base_retired", "champion": "no_champion"} == verdict(world, run_id)["skipped"]
    assert ["tuned"] == [*verdict(world, run_id)["means"]]
    assert [] == asked(world, BASE) == verdict(world, run_id)["comparisons"]


@pytest.mark.parametrize(
    ("error", "calls"), [(NotFoundError("404"), 1), (InvalidRequestError("refused"), 3)]
)
def test_a_base_that_is_not_served_is_not_asked_on(world, error, calls):
    world.predictor.answer = knows(**GOOD | {"base": lambda _: error})

    run_id = evaluated(world)

    assert "base_not_served" == verdict(world, run_id)["skipped"]["base"]
    assert calls == len(asked(world, BASE))
    assert calls + 20 == verdict(world, run_id)["calls"]


def test_a_base_that_finds_fault_with_one_question_is_asked_the_others(world):
    refused = []

    def base(number):
        refused[:] = refused or [number]
        return InvalidRequestError("blocked") if number == refused[0] else "I do not know."

    world.predictor.answer = knows(**GOOD | {"base": base})

    run_id = evaluated(world)

    (blocked,) = [
        row
        for row in evidence(world, run_id)["rows"]
        if row["answers"]["base"]["code"] == "invalid_request"
    ]
    assert refused[0] == question_number(blocked["question"])
    assert {"text": "", "code": "invalid_request"} == blocked["answers"]["base"]
    assert 0.0 == blocked["scores"]["base"]["chrf"]


def test_nobody_knows_the_base_of_a_pipeline_of_ones_own(world):
    model = Asked("tuned", ENDPOINT, "gemini", "own")

    code = Doorbell(world.services, world.vertex, ()).base(model, {"own_template": True}, [])

    assert "base_unknown" == code


def test_the_champion_is_held_against_on_rows_held_out_for_both(world):
    run_id = tuned(world, data=rows(range(60)))
    shared = [*held_out(world, run_id)][3:25]
    crown(world, hashes=hashes_to_bytes([*shared, 1, 2]))

    look(world).deliver()

    found = verdict(world, run_id)
    assert ({}, 1, 4) == (
        found["skipped"],
        found["champion_sequence"],
        found["champion_version"],
    )
    assert [22, 22] == [each["rows"] for each in found["comparisons"]]
    assert shared == [int(row["hash"], 16) for row in evidence(world, run_id)["rows"]]
    numbers = asked(world, ENDPOINT)[1:]
    assert numbers == asked(world, CHAMPION)[1:] == asked(world, BASE)[1:]


@pytest.mark.parametrize("known", [None, 0, 19])
def test_with_too_few_shared_rows_all_own_rows_are_used(world, known):
    run_id = tuned(world)
    shared = None if known is None else hashes_to_bytes([*held_out(world, run_id)][:known])
    crown(world, hashes=shared)

    look(world).deliver()

    found = verdict(world, run_id)
    assert "too_few_shared_rows" == found["skipped"]["champion"]
    assert (20, 1) == (found["rows"], found["champion_sequence"])
    assert [] == asked(world, CHAMPION)


def test_a_champion_that_is_gone_is_skipped_and_all_own_rows_are_used(world):
    run_id = tuned(world, data=rows(range(60)))
    crown(world, hashes=hashes_to_bytes([*held_out(world, run_id)][:20]))
    world.predictor.answer = knows(**GOOD | {"champion": lambda _: NotFoundError("404")})

    look(world).deliver()

    assert "champion_not_served" == verdict(world, run_id)["skipped"]["champion"]
    assert 30 == verdict(world, run_id)["rows"]


def test_a_champion_of_another_kind_is_asked_in_its_own_shape(world):
    run_id = tuned(world)
    crown(
        world,
        hashes=hashes_to_bytes([*held_out(world, run_id)]),
        dataset_format="code-generation",
        base_model="code-bison@002",
    )
    answer = world.predictor.answer
    world.predictor.answer = lambda target, instance: (
        "High tide." if "prefix" in instance else answer(target, instance)
    )

    look(world).deliver()

    assert {} == verdict(world, run_id)["skipped"]
    shapes = {(to, form) for to, _, form in world.predictor.asked}
    assert {(CHAMPION, "code-generation"), (ENDPOINT, "gemini"), (BASE, "gemini")} == shapes


def test_a_champion_whose_shape_has_no_place_for_the_questions_is_skipped(world):
    turns = json.loads(rows([1]))["contents"]
    lines = [
        json.dumps({"contents": [*turns, *json.loads(rows([number]))["contents"]]})
        for number in range(40)
    ]
    files = [json.loads(line) for line in lines]
    for row in files:
        row["tools"] = [{"functionDeclarations": [{"name": "tide", "description": "d"}]}]
    run_id = tuned(world, data="".join(f"{json.dumps(row)}\n" for row in files))
    crown(
        world,
        hashes=hashes_to_bytes([*held_out(world, run_id)]),
        dataset_format="code-generation",
    )

    look(world).deliver()

    assert "other_question_format" == verdict(world, run_id)["skipped"]["champion"]


REROUTED = """base_model = "codechat-bison@002"
on_retired = "reroute"
[tuning]
default_context = "You know tides."
[evaluation]
holdout = 0.5
"""


def chats(numbers):
    turns = [
        [
            {"author": "user", "content": f"What does function number {number} of tide do?"},
            {"author": "assistant", "content": expected(number)},
        ]
        for number in numbers
    ]
    return "".join(f"{json.dumps({'messages': each})}\n" for each in turns)


def questions(world, run_id):
    """The rows that would be asked, as they are staged or asked."""
    drawn = draw(world.services, world.run(run_id), 50, None)
    return [question.row for question in drawn.own]


def test_a_context_that_was_a_parameter_of_the_job_is_asked_under(world):
    run_id = tuned(world, data=chats(range(40)), recipe=REROUTED)

    assert all('"context":"You know tides."' in row for row in questions(world, run_id))


def test_rows_are_known_again_below_a_context_that_was_written_into_them(world):
    retire(world, "codechat-bison@002")
    run_id = tuned(world, data=chats(range(40)), recipe=REROUTED)
    assert "You know tides." in questions(world, run_id)[0]
    told = world.run(run_id).accepted["holdout_hashes"]
    crown(world, hashes=world.store.read(WORK, told["path"], max_bytes=10**6))

    look(world).deliver()

    assert {} == verdict(world, run_id)["skipped"]
    assert 20 == verdict(world, run_id)["rows"]


# Rows that somebody was trained on


def test_rows_of_an_evaluation_file_that_were_trained_on_are_not_asked(world):
    """Rows of the training file, one of its prompts with another answer, and rows of its own."""
    other_answer = rows([5]).replace("returns", "gives")
    world.store.put("test-intake", "bot/eval.jsonl", rows(range(20, 60)) + other_answer)
    recipe = RECIPE.replace("holdout = 0.5", 'dataset = "eval.jsonl"')

    run_id = evaluated(world, recipe=recipe)

    assert [*range(40, 60)] == sorted(asked(world, ENDPOINT)[1:])
    assert "better" == verdict(world, run_id)["comparisons"][0]["outcome"]


def tuned_on_from(parent):
    return RECIPE.replace("epochs = 2", f'epochs = 2\npre_tuned_model = "{parent}"')


@pytest.mark.parametrize(
    ("numbers", "skipped", "outcomes"),
    [
        (range(40), None, ["better"]),
        (range(20, 60), "too_few_shared_rows", []),
    ],
)
def test_rows_that_an_ancestor_was_trained_on_speak_for_nobody(world, numbers, skipped, outcomes):
    evaluated(world, folder="first")

    run_id = evaluated(world, recipe=tuned_on_from(MODEL), data=rows(numbers))

    found = verdict(world, run_id)
    assert skipped == found["skipped"].get("base")
    assert (20, outcomes) == (found["rows"], [each["outcome"] for each in found["comparisons"]])


def test_a_model_of_unknown_ancestors_is_measured_alone(world):
    run_id = evaluated(world, recipe=tuned_on_from(MODEL.replace("/7@", "/99@")))

    found = verdict(world, run_id)
    assert {"base": "ancestor_unknown", "champion": "no_champion"} == found["skipped"]
    assert (20, ["tuned"]) == (found["rows"], [*found["means"]])
    assert [] == asked(world, BASE)


def test_an_ancestor_that_held_nothing_out_is_unknown(world):
    evaluated(world, folder="first", recipe=RECIPE.partition("[evaluation]")[0])

    run_id = evaluated(world, recipe=tuned_on_from(MODEL))

    assert "ancestor_unknown" == verdict(world, run_id)["skipped"]["base"]


# In bounded looks, whatever happens between them


def test_each_look_asks_a_few_and_asks_for_the_next(world):
    run_id = tuned(world)

    once(world, run_id)

    assert "evaluating" == steps(world, run_id)[-1]
    assert QUESTIONS_A_LOOK == len(asked(world, ENDPOINT)[1:])
    (_, body, attributes) = world.publisher.sent[-1]
    assert {"kind": "run", "run_id": run_id, "schema_version": 1} == json.loads(body)
    assert f"evaluate/{run_id}/1/0/10" == attributes["ce-id"]


def test_a_lost_message_is_made_up_for_by_the_sweep(world):
    run_id = tuned(world)

    look(look(world))

    assert "kept" == steps(world, run_id)[-1]


@pytest.fixture(scope="module")
def right():
    """The verdict where nothing goes wrong."""
    world = World()
    world.predictor.answer = knows(**GOOD)
    return verdict(world, evaluated(world))


class Crash(BaseException):
    """A worker that dies."""


def crash():
    raise Crash


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "file", ["questions.json", "answers-0000.json", "answers-0010.json", "evidence.json"]
)
def test_a_crash_at_any_write_changes_nothing_about_the_verdict(world, file, after, right):
    run_id = tuned(world)
    prefix = f"evidence/{run_id}-a1/000000/{file}"
    at_the_next_write(world, prefix, crash, after=after)

    with pytest.raises(Crash):
        look(world).deliver()
    look(world).deliver()

    assert right == verdict(world, run_id)
    assert 1 == steps(world, run_id).count("evaluated")


def test_two_workers_at_once_come_to_one_verdict(world):
    run_id = tuned(world)
    answer, others = world.predictor.answer, []

    def and_another_worker(target, instance):
        if world.run(run_id).state is RunState.EVALUATING and not others:
            others.append(run_id)
            follow(world.services, world.vertex, run_id)
        return answer(target, instance)

    world.predictor.answer = and_another_worker
    look(world)
    world.deliver()

    assert [run_id] == others
    assert 1 == steps(world, run_id).count("evaluated")
    assert 20 == verdict(world, run_id)["rows"]
    assert 20 + QUESTIONS_A_LOOK == len(asked(world, ENDPOINT)[1:])


def test_what_was_answered_before_a_service_went_away_stands(world):
    run_id = tuned(world)
    calls = []

    def base(number):
        calls.append(number)
        return UpstreamUnavailableError("503") if len(calls) == 6 else "I do not know."

    world.predictor.answer = knows(**GOOD | {"base": base})

    with pytest.raises(UpstreamUnavailableError, match="503"):
        once(world, run_id)
    assert ["answers-0000.json", "questions.json"] == comparison_files(world, run_id)
    look(world).deliver()

    assert 20 == verdict(world, run_id)["rows"]
    # The first is the one that asks who is there; the sixth is asked again, and nothing else.
    assert 20 + 2 == len(calls)


def test_a_service_that_is_away_at_the_first_question_is_asked_again_later(world):
    run_id = tuned(world)
    world.predictor.answer = knows(**GOOD | {"base": lambda _: UpstreamUnavailableError("503")})

    look(world)
    assert "registered" == steps(world, run_id)[-1]
    world.predictor.answer = knows(**GOOD)
    look(world).deliver()

    assert "better" == verdict(world, run_id)["comparisons"][0]["outcome"]


def test_a_rival_that_disappears_makes_nobody_better(world):
    run_id = tuned(world)
    once(world, run_id)
    world.predictor.answer = knows(**GOOD | {"base": lambda _: NotFoundError("404")})

    with pytest.raises(UpstreamUnavailableError, match="base model's questions wait"):
        once(world, run_id)
    assert "evaluating" == steps(world, run_id)[-1]
    world.tick(seconds=A_DAY + 1)

    assert "kept" == steps(world, run_id)[-1]
    found = verdict(world, run_id)
    assert ("evaluation_timeout", 20, []) == (found["code"], found["rows"], found["comparisons"])
    assert "base_not_served" == found["skipped"]["base"]
    assert {"tuned"} == {name for row in evidence(world, run_id)["rows"] for name in row["answers"]}


# What refuses everything, or is away


POLICY = f'{RECIPE}[promotion]\npolicy = "%s"\n'
AWAY = UpstreamUnavailableError("503")
REFUSED = InvalidRequestError("400 FAILED_PRECONDITION: The endpoint has no deployed model.")


def after(count, then, first=expected):
    """An answer that is another one after so many."""
    asked = []

    def answer(number):
        asked.append(number)
        return first(number) if len(asked) <= count else then

    return answer


def stuck(world, run_id):
    """Look at a run until it waits for a model."""
    with pytest.raises(UpstreamUnavailableError):
        looks(world, run_id)


def looks(world, run_id):
    for _ in range(4):
        once(world, run_id)


@pytest.mark.parametrize("model", ["tuned", "base"])
@pytest.mark.parametrize("count", [8, 10, 15])
def test_a_model_that_refuses_everything_from_then_on_is_not_scored(world, model, count):
    """As an endpoint does from which a model was undeployed; each is called once before its questions."""
    run_id = tuned(world, recipe=POLICY % "better-than-base")
    world.predictor.answer = knows(**GOOD | {model: after(1 + count, REFUSED)})

    stuck(world, run_id)
    stuck(world, run_id)
    world.tick(seconds=A_DAY + 1)
    world.deliver()

    found = verdict(world, run_id)
    rows, outcomes = (count, ["too_few_rows"]) if model == "tuned" else (20, [])
    assert ("evaluation_timeout", rows) == (found["code"], found["rows"])
    assert outcomes == [each["outcome"] for each in found["comparisons"]]
    assert all(
        answer["text"]
        for row in evidence(world, run_id)["rows"]
        for answer in row["answers"].values()
    )


def test_a_model_that_refuses_the_last_rows_of_a_look_and_is_still_there_has_refused_them(world):
    run_id = tuned(world)
    last = [*held_out(world, run_id).values()][QUESTIONS_A_LOOK - 1]
    world.predictor.answer = knows(
        **GOOD | {"tuned": lambda number: REFUSED if number == last else expected(number)}
    )

    look(world).deliver()

    assert 95.0 == verdict(world, run_id)["means"]["tuned"]["exact_match"]


@pytest.mark.parametrize("error", [AWAY, NotFoundError("404"), REFUSED])
@pytest.mark.parametrize(
    ("policy", "away", "code"),
    [("always", "base", "always"), ("better-than-base", "champion", "better_than_base")],
)
def test_a_rival_that_the_policy_can_do_without_is_not_waited_for(world, policy, away, code, error):
    run_id = tuned(world, recipe=POLICY % policy)
    crown(world, hashes=hashes_to_bytes([*held_out(world, run_id)]), version=0)
    world.predictor.answer = knows(**GOOD | {away: after(5, error, GOOD[away])})

    look(world).deliver()

    assert code == detail(world, run_id, RunState.PROMOTED)["code"]
    found = verdict(world, run_id)
    assert (20, {away: f"{away}_not_served"}) == (found["rows"], found["skipped"])
    assert evidence(world, run_id) == replayed(evidence(world, run_id))


def test_a_rival_that_is_away_from_the_beginning_is_skipped_where_the_policy_can_do_without(world):
    run_id = tuned(world, recipe=POLICY % "always")
    world.predictor.answer = knows(**GOOD | {"base": lambda _: AWAY})

    look(world).deliver()

    assert "promoted" == steps(world, run_id)[-1]


@pytest.mark.parametrize(
    ("policy", "code"), [("manual", "manual"), ("better-than-base", "no_baseline")]
)
def test_a_rival_that_is_away_for_a_day_is_done_without(world, policy, code):
    run_id = tuned(world, recipe=POLICY % policy)
    world.predictor.answer = knows(**GOOD | {"base": lambda _: AWAY})
    look(world)
    assert "registered" == steps(world, run_id)[-1]

    world.tick(seconds=A_DAY + 1)
    world.deliver()

    assert code == detail(world, run_id, RunState.KEPT)["code"]
    assert "base_not_served" == verdict(world, run_id)["skipped"]["base"]
    assert 20 == verdict(world, run_id)["rows"]


@pytest.mark.parametrize("count", [0, 13])
def test_a_tuned_model_that_is_away_for_a_day_is_judged_by_what_it_answered(world, count):
    run_id = tuned(world, recipe=POLICY % "always")
    world.predictor.answer = knows(**GOOD | {"tuned": after(1 + count, AWAY)})
    stuck(world, run_id)

    world.tick(seconds=A_DAY + 1)

    assert "always" == detail(world, run_id, RunState.PROMOTED)["code"]
    found = verdict(world, run_id)
    assert ("evaluation_timeout", count) == (found["code"], found["rows"])


def test_a_look_ends_when_the_time_is_short(world):
    run_id = tuned(world)
    look_seconds = world.settings.timings.handler_deadline_seconds / 8
    answer = world.predictor.answer

    def slowly(target, instance):
        if target == ENDPOINT:
            world.clock.instant += timedelta(seconds=look_seconds)
        return answer(target, instance)

    world.predictor.answer = slowly
    with world.services.limited():
        follow(world.services, world.vertex, run_id)

    assert "evaluating" == steps(world, run_id)[-1]
    # One of six is the call that registers.
    assert 6 == len(asked(world, ENDPOINT))
    assert ["answers-0000.json", "questions.json"] == comparison_files(world, run_id)


def test_a_look_that_has_no_time_for_a_single_question_asks_for_the_next(world):
    run_id = tuned(world)
    almost_all = world.settings.timings.handler_deadline_seconds * 0.9
    answer = world.predictor.answer

    def slowly(target, instance):
        if target != ENDPOINT:
            world.clock.instant += timedelta(seconds=almost_all)
        return answer(target, instance)

    world.predictor.answer = slowly
    with world.services.limited():
        follow(world.services, world.vertex, run_id)
    world.predictor.answer = answer
    world.deliver()

    assert steps(world, run_id)[-1] in {"promoted", "kept"}


def test_questions_that_somebody_deleted_are_reported(world):
    run_id = tuned(world)
    once(world, run_id)
    world.store.delete(WORK, f"evidence/{run_id}-a1/000000/questions.json")

    with pytest.raises(CorruptRecordError, match="expected its questions"):
        once(world, run_id)


def test_an_evaluation_that_cannot_go_on_ends_all_the_same(world):
    run_id = tuned(world)
    once(world, run_id)
    world.store.delete(WORK, f"evidence/{run_id}-a1/000000/questions.json")

    world.tick(seconds=2 * A_DAY + 1)

    kept = detail(world, run_id, RunState.KEPT)
    assert ("evaluation_timeout", 1, 0) == (
        kept["code"],
        kept["version"],
        kept["champion_sequence"],
    )
    (said,) = [json.loads(body) for body in world.publisher.bodies("model-kept")]
    assert ("evaluation_timeout", "bot") == (said["code"], said["recipe"])


def test_a_newer_champion_is_held_against_in_a_comparison_of_its_own(world):
    run_id = tuned(world, recipe=f'{RECIPE}[promotion]\npolicy = "better-than-champion"\n')
    once(world, run_id)
    crown(world, hashes=hashes_to_bytes([*held_out(world, run_id)]))

    look(world).deliver()

    assert 2 == steps(world, run_id).count("evaluated")
    assert ["base", "champion"] == [each["rival"] for each in verdict(world, run_id)["comparisons"]]
    assert comparison_files(world, run_id, 0) == comparison_files(world, run_id, 1)


# The evidence


def test_the_evidence_holds_all_that_the_verdict_stands_on(world):
    run_id = evaluated(world)

    found = evidence(world, run_id)
    row = found["rows"][0]
    number = question_number(row["question"])
    assert expected(number) == row["expected"] == row["answers"]["tuned"]["text"]
    assert "I do not know." == row["answers"]["base"]["text"]
    assert {"tuned", "base"} == row["scores"].keys()
    assert found["verdict"] == {
        name: verdict(world, run_id)[name] for name in ("rows", "means", "comparisons")
    }
    assert found == replayed(found)


def test_no_text_of_the_dataset_gets_into_a_record_or_a_message_or_the_log(world, capfd):
    evaluated(world)

    ledger = [data for _, data in world.store.objects["test-ledger"].values()]
    messages = [data for _, data, _ in world.publisher.sent]
    told = b"\n".join([*ledger, *messages]).decode() + capfd.readouterr().out
    assert "What does function" not in told
    assert "I do not know" not in told
