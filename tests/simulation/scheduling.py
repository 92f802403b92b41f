"""Virtual time: what is due happens in order, and whoever waits is a greenlet that is gone on with later."""

import heapq
import itertools
from datetime import timedelta

from greenlet import GreenletExit, getcurrent, greenlet

from support.memory import START


class Crash(BaseException):
    """The end of a process: no handler catches it."""


class Scheduler:
    """One thread, one order, one clock in seconds since the start."""

    def __init__(self):
        self.now = 0.0
        self._due = []
        self._order = itertools.count()
        self._hub = getcurrent()
        self._waiting = set()

    def at(self, when, action):
        """Have something done at an instant."""
        heapq.heappush(self._due, (max(when, self.now), next(self._order), action))

    def after(self, seconds, action):
        self.at(self.now + seconds, action)

    def start(self, work):
        """Begin work that may pause."""
        greenlet(work, parent=self._hub).switch()

    def pause(self, seconds):
        """Let everything else that is due happen first; called by work that was started."""
        me = getcurrent()
        self.after(seconds, me.switch)
        self._waiting.add(me)
        self._hub.switch()
        self._waiting.discard(me)

    def run_until(self, end):
        """Do what is due up to an instant."""
        due = self._due
        while due and due[0][0] <= end:
            self.now, _, action = heapq.heappop(due)
            action()
        self.now = end

    def abandon(self):
        """End whoever still waits, so that no frame outlives its world."""
        for waiting in list(self._waiting):
            waiting.throw(GreenletExit)
        self._due.clear()


class WorldClock:
    """The time as a service stamps it, or as a worker with a skewed clock sees it."""

    def __init__(self, scheduler, skew_seconds=0.0):
        self._scheduler = scheduler
        self._offset = skew_seconds
        self._seen = None, None

    def now(self):
        seconds = self._scheduler.now
        if self._seen[0] != seconds:
            self._seen = seconds, START + timedelta(seconds=seconds + self._offset)
        return self._seen[1]
