"""Bad weather over a local cloud: functions killed in the middle of their work, and servers that fail; all from a seed."""

import logging
import random
import threading
from collections import Counter

from tunedrop.local.pubsub.faults import RandomMishaps
from tunedrop.local.storage.faults import RandomFaults as StorageFaults
from tunedrop.local.vertex.faults import RandomFaults as VertexFaults
from tunedrop.local.vertex.script import CREATES as CREATE_METHODS
from tunedrop.local.vertex.script import Rule
from tunedrop.local.wiring import subscription_name

LONGEST_WORK_SECONDS = 0.4
"""A kill comes at most this long after a delivery has begun; most take less than half of it."""
FINALIZED, LAUNCHES, CREATES = "validator-finalized", "launcher-launches", "create calls"
_DIED_BEFORE = Rule("refuse", code="UNAVAILABLE", message="Nobody is left to hear this.")


class Killer:
    """Kills processes so and so long after a delivery has reached them; the supervisor starts them again.

    Args:
        expected: By process, and for `CREATES`, how often it is sure to be reached.
        kills: The same, how often it is killed of these times; half of the launchers that die at a create call do so
            before it is carried out.
    """

    def __init__(self, cloud, seed, *, expected, kills):
        chance = random.Random(seed)
        self._cloud, self._lock = cloud, threading.Lock()
        self._plans = {
            name: [
                (number, chance.uniform(0, LONGEST_WORK_SECONDS), bool(order % 2))
                for order, number in enumerate(
                    sorted(chance.sample(range(1, times + 1), kills[name]))
                )
            ]
            for name, times in expected.items()
        }
        self._reached = Counter()
        self._dying = set()
        self.killed = Counter()

    @property
    def is_done(self):
        """Whether everybody has died as often as was planned."""
        return not (any(self._plans.values()) or self._dying)

    def reached(self, name):
        """Tell that a delivery is about to reach a process."""
        if planned := self._due(name, name):
            _, after, _ = planned
            threading.Timer(after, self._kill, [name, name]).start()

    def creating(self):
        """Tell that a launcher asks for a job; kills it, perhaps, and says what becomes of the call."""
        planned = self._due(CREATES, LAUNCHES)
        if planned is None:
            return None
        self._kill(LAUNCHES, CREATES)
        _, _, before = planned
        return _DIED_BEFORE if before else None

    def _due(self, what, name):
        """Take the next death of a plan, if its time has come and nobody else is about to kill the process."""
        is_up = any(p.name == name and p.is_running() for p in self._cloud.functions)
        with self._lock:
            self._reached[what] += 1
            plan = self._plans[what]
            if not plan or plan[0][0] > self._reached[what] or name in self._dying or not is_up:
                return None
            self._dying.add(name)
            return plan.pop(0)

    def _kill(self, name, what):
        self._cloud.kill(name)
        with self._lock:
            self._dying.discard(name)
            self.killed[what] += 1


class _Cuts(logging.Handler):
    """Counts the deliveries whose process went away before it had answered."""

    loggers = ("tunedrop.local.pubsub.push", "tunedrop.local.finalize")

    def __init__(self, met):
        super().__init__(logging.INFO)
        self._met = met

    def emit(self, record):
        if "ProtocolError" in record.getMessage():
            self._met["deliveries cut off"] += 1

    def listen(self):
        for logger in map(logging.getLogger, self.loggers):
            logger.addHandler(self)
            logger.setLevel(logging.INFO)
            logger.propagate = False  # thousands of lines, of which a failure would show all

    def stop(self):
        for logger in map(logging.getLogger, self.loggers):
            logger.removeHandler(self)
            logger.setLevel(logging.NOTSET)
            logger.propagate = True


class Weather:
    """The killer, and what the three servers do by themselves; over when `clear` is called."""

    def __init__(self, cloud, seed, **kills):
        self._cloud = cloud
        self.killer = Killer(cloud, seed, **kills)
        self.met = Counter()
        self._processes = {
            subscription_name(cloud.settings, function.launch.entry_point): function.name
            for function in cloud.functions
            if function.name != FINALIZED
        }
        self._intake = f"/b/{cloud.settings.intake_bucket}/o/"
        self._storage = StorageFaults(seed, failing=0.01, dropping=0.01)
        self._pushes = RandomMishaps(
            seed, duplicating=0.15, delaying=0.15, longest_delay_seconds=1.0
        )
        self._creates = VertexFaults(seed, over_quota=0.1, unavailable=0.1, losing=0.1)
        self._other_calls = VertexFaults(seed, over_quota=0.01, unavailable=0.02, losing=0.02)
        self._cuts = _Cuts(self.met)
        self._cuts.listen()
        cloud.storage.faults.draw_from(self._on_request)
        cloud.pubsub.faults.draw_from(self._on_push)
        cloud.vertex.faults.draw_from(self._on_call)

    def clear(self):
        """End it: nothing is killed and nothing fails any more."""
        for server in (self._cloud.storage, self._cloud.pubsub, self._cloud.vertex):
            server.faults.draw_from(None)
        self._cuts.stop()

    def _on_request(self, request):
        if request.method == "GET" and self._intake in request.path:
            self.killer.reached(FINALIZED)
        fault = self._storage(request)
        if fault:
            self.met[f"storage {type(fault).__name__}"] += 1
        return fault

    def _on_push(self, subscription, delivery):
        self.killer.reached(self._processes[subscription.name])
        mishap = self._pushes(subscription, delivery)
        self.met["pushes doubled"] += mishap.copies
        self.met["pushes delayed"] += mishap.delay_seconds > 0
        return mishap

    def _on_call(self, subject):
        is_create = subject.method in CREATE_METHODS
        if is_create and (killed := self.killer.creating()):
            return killed
        rule = (self._creates if is_create else self._other_calls)(subject)
        if rule:
            what = rule.code if rule.act == "refuse" else "lost"
            self.met[f"{'create' if is_create else 'call'} {what}"] += 1
        return rule
