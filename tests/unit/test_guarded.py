"""Ports that begin nothing once a delivery's time is up, and hinder nobody before."""

import inspect
import itertools
from contextlib import suppress

import pytest

from support.launching import (
    LONG,
    bring,
    code,
    decide,
    drop,
    gemini_rows,
    launch,
    queue,
    slots,
    steps,
)
from support.memory import FixedClock
from support.world import World
from tunedrop import ai_ports, guarded, ports, time_left
from tunedrop.domain.runs import RunState
from tunedrop.errors import OutOfTimeError
from tunedrop.ports import ObjectInfo

CLOCK = FixedClock()
INFO = ObjectInfo("b", "n", 1, 1, CLOCK.now())
PAIRS = (
    (guarded.GuardedStore, ports.ObjectStore),
    (guarded.GuardedPublisher, ports.Publisher),
    (guarded.GuardedJobs, ai_ports.JobService),
    (guarded.GuardedModels, ai_ports.Models),
)
EFFECTS = (
    ("GuardedStore", "write", ("b", "n", b"x"), {"if_generation": 0}),
    ("GuardedStore", "upload", ("b", "n", [b"x"]), {}),
    ("GuardedStore", "copy", (INFO, "b", "m"), {"if_generation": 0}),
    ("GuardedStore", "delete", ("b", "n"), {}),
    ("GuardedPublisher", "publish", ("t", b"x", {}), {}),
    ("GuardedJobs", "create", (), {"region": "r", "job_id": "j", "body": {}}),
    ("GuardedJobs", "cancel", ("j",), {}),
    ("GuardedModels", "annotate", ("m",), {"labels": {}, "description": "d"}),
    ("GuardedModels", "move_alias", ("a",), {"to": "m", "away_from": ""}),
    (
        "GuardedModels",
        "ensure_endpoint",
        ("m",),
        {"endpoint_id": "e", "labels": {}, "may_deploy": bool},
    ),
)
READS = (
    ("GuardedStore", "stat", ("b", "n"), {}),
    ("GuardedStore", "read", ("b", "n"), {"max_bytes": 1}),
    ("GuardedStore", "stream", ("b", "n"), {"generation": 1}),
    ("GuardedStore", "list", ("b",), {"prefix": ""}),
    ("GuardedJobs", "get", ("j",), {}),
    ("GuardedJobs", "find", (), {"region": "r", "labels": {}}),
    ("GuardedJobs", "recent", (), {"region": "r", "labels": {}, "since": CLOCK.now()}),
    ("GuardedModels", "get", ("m",), {}),
    ("GuardedModels", "list_tuned", (), {"location": "l", "base_model_label": "m"}),
    ("GuardedModels", "list_endpoints", (), {"location": "l", "labels": {}}),
)


class Recorder:
    """A port whose methods answer with their own name."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        def call(*args, **kwargs):
            self.calls.append((name, args, kwargs))
            return name

        return call


def named(cases):
    return pytest.mark.parametrize(
        ("cls", "method", "args", "kwargs"), cases, ids=[f"{case[0]}.{case[1]}" for case in cases]
    )


def test_every_method_of_every_port_is_either_an_effect_or_a_read():
    known = {(cls, method) for cls, method, *_ in (*EFFECTS, *READS)}

    assert known == {
        (ours.__name__, name)
        for ours, port in PAIRS
        for name, _ in inspect.getmembers(port, inspect.isfunction)
        if not name.startswith("_")
    }


@named((*EFFECTS, *READS))
def test_before_the_time_is_up_every_call_goes_through_as_it_is(cls, method, args, kwargs):
    clock, inner = FixedClock(), Recorder()
    port = getattr(guarded, cls)(inner, clock)

    with time_left.limited(clock, 10):
        clock.skip(9)
        answer = getattr(port, method)(*args, **kwargs)

    ((name, given, named_given),) = inner.calls
    assert (method, args) == (name, given)
    assert answer == (None if method in {"delete", "cancel", "move_alias"} else method)
    assert kwargs.items() <= named_given.items()


@named(EFFECTS)
def test_once_the_time_is_up_nothing_with_an_effect_is_begun(cls, method, args, kwargs):
    clock, inner = FixedClock(), Recorder()
    port = getattr(guarded, cls)(inner, clock)

    with time_left.limited(clock, 10):
        clock.skip(10)
        with pytest.raises(OutOfTimeError):
            getattr(port, method)(*args, **kwargs)

    assert [] == inner.calls


@named(READS)
def test_once_the_time_is_up_reads_still_answer(cls, method, args, kwargs):
    clock, inner = FixedClock(), Recorder()
    port = getattr(guarded, cls)(inner, clock)

    with time_left.limited(clock, 10):
        clock.skip(10)
        assert method == getattr(port, method)(*args, **kwargs)


EFFECTS_OF = (
    ("store", ("write", "upload", "copy", "delete")),
    ("publisher", ("publish",)),
    ("tunings", ("create", "cancel")),
    ("models", ("annotate", "move_alias", "ensure_endpoint")),
)


class Watch:
    """Ends a delivery's time right after some number of effects, and counts what is begun under it."""

    def __init__(self, world, allowed):
        self.world, self.allowed, self.begun = world, allowed, []
        for port, methods in EFFECTS_OF:
            for method in methods:
                double = getattr(world, port)
                setattr(double, method, self._counted(method, getattr(double, method)))

    def _counted(self, method, call):
        def counted(*args, **kwargs):
            self.begun.append(method)
            answer = call(*args, **kwargs)
            if len(self.begun) == self.allowed:
                self.time_out()
            return answer

        return counted

    def time_out(self):
        self.world.clock.skip(self.world.settings.timings.handler_deadline_seconds)


def cut_short(allowed):
    """A priced run whose launch is given the time for so many effects, and how many it began."""
    world = World(max_usd_per_day=1)
    run_id = drop(world, data=gemini_rows())
    watch = Watch(world, allowed)
    with world.services.limited(), suppress(OutOfTimeError):
        if not allowed:
            watch.time_out()
        launch(world, run_id)
    return world, run_id, len(watch.begun)


def test_a_launch_that_runs_out_of_time_at_any_effect_is_finished_by_the_next_one():
    for allowed in itertools.count():
        world, run_id, begun = cut_short(allowed)
        if begun < allowed:  # it had all the time that it wanted
            break
        assert begun == allowed

        for _ in range(4):
            world.tick(seconds=1000)
            world.deliver()

        assert "launched" == steps(world, run_id)[-1]
        assert (1, {1: run_id}, []) == (len(world.tunings.created), slots(world), queue(world))

    assert 10 < begun


def test_a_launch_without_time_for_the_call_keeps_its_intent():
    world = World()
    run_id = drop(world)
    create = world.pipelines.create
    world.pipelines.create = None
    write = world.store.write

    def slow(bucket, name, *args, **kwargs):
        info = write(bucket, name, *args, **kwargs)
        if name.startswith("heads/slots/"):
            world.clock.skip(world.settings.timings.handler_deadline_seconds)
        return info

    world.store.write = slow
    with world.services.limited():
        assert "launch_unknown" == launch(world, run_id)
    world.store.write, world.pipelines.create = write, create

    assert RunState.LAUNCHING is world.run(run_id).state
    world.tick(seconds=LONG)
    assert "launched" in [outcome.code for outcome in world.deliver()]


@pytest.mark.parametrize("action", ["cancel", "pause"])
def test_a_decision_without_time_changes_nothing(action):
    world = World()
    run_id = bring(world, RunState.LAUNCHED)
    written = len(world.store.writes)

    with world.services.limited():
        world.clock.skip(world.settings.timings.handler_deadline_seconds)
        with pytest.raises(OutOfTimeError):
            decide(world, action, run_id if action == "cancel" else "")

    assert (written, []) == (len(world.store.writes), world.pipelines.cancelled)
    assert ("launched", "") == code(world, run_id)
