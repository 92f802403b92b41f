"""Mistyped names get the nearest known one."""

import pytest

from tunedrop.suggest import closest, did_you_mean, shown

NAMES = ("epochs", "train_steps", "accelerator_type")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("epoch", "epochs", id="a letter missing"),
        pytest.param("EPOCHS", "epochs", id="another case"),
        pytest.param("trainSteps", "train_steps", id="another spelling"),
        pytest.param("colour", None, id="nothing near"),
        pytest.param("", None, id="empty"),
    ],
)
def test_the_nearest_known_name_is_found(typed, meant):
    assert meant == closest(typed, NAMES)


def test_a_near_name_is_asked_about():
    assert "did you mean 'epochs'?" == did_you_mean("epoch", NAMES)


def test_without_a_near_name_all_are_listed():
    assert "use one of accelerator_type, epochs, train_steps" == did_you_mean("colour", NAMES)


def test_where_nothing_is_known_the_name_is_to_be_left_out():
    assert "leave it out" == did_you_mean("colour", [])


def test_a_very_long_name_is_compared_by_its_beginning():
    assert closest("x" * 1_000_000, NAMES) is None


def test_what_is_shown_is_cut_and_has_no_control_characters():
    assert r"'a\x1b\nb'" == shown("a\x1b\nb")
    assert 40 + len(r"'\u2026'") - 1 == len(shown("a" * 500))
