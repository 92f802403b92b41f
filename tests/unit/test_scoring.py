"""How answers are scored, and that the libraries for it are loaded only then."""

import subprocess
import sys

import pytest

from tunedrop.domain.scoring import (
    MEASURED_CHARACTERS,
    libraries,
    measured,
    normalised,
    scores_of,
)

GOOD = "Like so:\n```python\ntide = 1 + 2\n```\n"
BROKEN = "Like so:\n```python\ntide = (1 +\n```\n"


def test_equal_texts_have_full_points():
    scores = scores_of("the tide is high", "the tide is high")

    assert {
        "exact_match": 100.0,
        "chrf": 100.0,
        "edit_similarity": 100.0,
        "code_parses": None,
    } == scores


@pytest.mark.parametrize(
    "answer",
    ["caf\u00e9 au lait\n", "cafe\u0301 au lait", "caf\u00e9 au lait  \r\n\r\n"],
    ids=["line end", "decomposed", "white space at the ends"],
)
def test_what_nobody_sees_does_not_count(answer):
    assert 100.0 == scores_of("caf\u00e9 au lait", answer)["exact_match"]


@pytest.mark.parametrize("answer", ["Cafe", " cafe", "ca fe", "cafe!"])
def test_what_one_sees_counts(answer):
    scores = scores_of("cafe", answer)

    assert 0.0 == scores["exact_match"]
    assert 0 < scores["edit_similarity"] < 100


def test_white_space_goes_at_the_ends_of_lines_alone():
    assert "  a  b\nc" == normalised("  a  b \t\r\nc\n \n")


def test_an_answer_without_text_has_no_points():
    assert [0.0, 0.0, 0.0, None] == [*scores_of("the tide is high", "").values()]


def test_the_points_are_those_of_the_libraries():
    from rapidfuzz.distance import Levenshtein
    from sacrebleu.metrics import CHRF

    scores = scores_of("the tide is high", "the tides are high")

    chrf = CHRF().sentence_score("the tides are high", ["the tide is high"]).score
    edits = Levenshtein.normalized_similarity("the tide is high", "the tides are high")
    assert (round(chrf, 4), round(100 * edits, 4)) == (scores["chrf"], scores["edit_similarity"])


@pytest.mark.parametrize(
    ("expected", "answer", "points"),
    [
        (GOOD, GOOD, 100.0),
        (GOOD, BROKEN, 0.0),
        (GOOD, "tide = 1 + 2", 0.0),
        (GOOD, GOOD + BROKEN, 0.0),
        (GOOD, '```json\n{"tide": 3}\n```', 100.0),
        (BROKEN, GOOD, None),
        ("no code", GOOD, None),
        ("```cobol\nMOVE TIDE\n```", GOOD, None),
    ],
    ids=[
        "parses",
        "broken",
        "no code",
        "one of two broken",
        "another language",
        "expected code broken",
        "none expected",
        "a language without a parser",
    ],
)
def test_code_is_asked_to_parse_where_the_expected_code_does(expected, answer, points):
    assert points == scores_of(expected, answer)["code_parses"]


def test_long_texts_are_cut():
    assert MEASURED_CHARACTERS == len(measured("x" * (MEASURED_CHARACTERS + 1)))


def test_the_versions_that_scores_stand_on_are_named():
    assert {"python", "rapidfuzz", "sacrebleu"} == libraries().keys()


def test_the_libraries_are_loaded_at_the_first_score():
    program = (
        "import sys\n"
        "import tunedrop.handlers.evaluate_run\n"
        "from tunedrop.domain.scoring import scores_of\n"
        "late = {'sacrebleu', 'rapidfuzz'}\n"
        "assert not late & sys.modules.keys()\n"
        "scores_of('a', 'b')\n"
        "assert late <= sys.modules.keys()\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )

    assert (0, "") == (done.returncode, done.stderr)
