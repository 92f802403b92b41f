"""Things that a process builds once: at their first use, without the collector, and again once forgotten."""

import gc

import pytest

from tunedrop import first_use
from tunedrop.first_use import once, put


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch):
    monkeypatch.setattr(first_use, "_built", {})


def test_a_thing_is_built_once_and_again_after_everything_was_dropped():
    made = []
    thing = once(lambda: made.append(1) or len(made))

    assert [1, 1] == [thing(), thing()]

    put({})

    assert 2 == thing()


def test_what_was_put_stands_in_for_what_would_be_built():
    @once
    def first():
        raise AssertionError

    @once
    def second():
        return "built"

    second()
    put({first: "given"})

    assert ("given", False) == (first(), "second" in first_use._built)


def test_what_fails_is_built_again_and_the_collector_is_back():
    answers = iter([ValueError("no"), "built"])

    @once
    def thing():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(ValueError, match="no"):
        thing()

    assert gc.isenabled()
    assert "built" == thing()


def test_one_thing_built_for_another_leaves_the_collector_off_until_both_are():
    seen = []

    @once
    def inner():
        seen.append(gc.isenabled())

    @once
    def outer():
        inner()
        seen.append(gc.isenabled())

    outer()

    assert ([False, False], True) == (seen, gc.isenabled())
