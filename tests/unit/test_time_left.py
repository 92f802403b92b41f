"""A delivery's time: nothing is begun once it is up, on every worker's own clock and for its own delivery."""

import threading

import pytest

from support.memory import FixedClock
from support.world import World
from tunedrop import time_left
from tunedrop.errors import OutOfTimeError, RetryableError


@pytest.fixture
def clock():
    return FixedClock()


def is_up(clock):
    try:
        time_left.check(clock)
    except OutOfTimeError:
        return True
    return False


def test_without_a_limit_time_is_never_up(clock):
    clock.skip(10**9)

    assert not is_up(clock)
    assert not time_left.is_short(clock)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, False), (9.9, False), (10, True), (99, True)]
)
def test_time_is_up_at_its_end_and_not_before(clock, seconds, expected):
    with time_left.limited(clock, 10):
        clock.skip(seconds)

        assert expected is is_up(clock)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, False), (7.4, False), (7.5, True), (99, True)]
)
def test_time_is_short_while_a_note_can_still_be_left(clock, seconds, expected):
    with time_left.limited(clock, 10):
        clock.skip(seconds)

        assert expected is time_left.is_short(clock)
    assert not time_left.is_short(clock)


def test_what_comes_too_late_may_come_again(clock):
    with time_left.limited(clock, 10):
        clock.skip(10)

        with pytest.raises(OutOfTimeError) as caught:
            time_left.check(clock)
    assert isinstance(caught.value, RetryableError)
    assert "out_of_time" == caught.value.code


def test_a_limit_ends_with_what_is_done_under_it(clock):
    with time_left.limited(clock, 10):
        clock.skip(20)

    assert not is_up(clock)


def test_a_limit_ends_with_an_error_as_well(clock):
    with pytest.raises(KeyError), time_left.limited(clock, 10):
        raise KeyError
    clock.skip(20)

    assert not is_up(clock)


def test_each_thread_has_its_own_limit(clock):
    elsewhere = []
    with time_left.limited(clock, 10):
        clock.skip(20)
        thread = threading.Thread(target=lambda: elsewhere.append(is_up(clock)))
        thread.start()
        thread.join()

    assert [False] == elsewhere


def test_a_delivery_is_given_the_deployments_time():
    world = World()
    seconds = world.settings.timings.handler_deadline_seconds

    with world.services.limited():
        world.clock.skip(seconds - 1)
        assert not is_up(world.clock)
        world.clock.skip(1)
        assert is_up(world.clock)
