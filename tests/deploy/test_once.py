"""What is made once for all workers of a session: by the first, and by the next where that failed."""

from functools import partial

import pytest

from support.once import once


def broken():
    raise ValueError("no")


def test_the_first_caller_makes_it_and_the_others_are_given_the_same(tmp_path):
    made = []

    def make():
        made.append(1)
        return {"a": [b"b"]}

    given = [once(tmp_path / "thing", make) for _ in range(3)]

    assert ([1], [{"a": [b"b"]}] * 3) == (made, given)


def test_where_making_it_fails_the_next_caller_tries(tmp_path):
    with pytest.raises(ValueError, match="no"):
        once(tmp_path / "thing", broken)

    assert 5 == once(tmp_path / "thing", partial(int, "5"))
