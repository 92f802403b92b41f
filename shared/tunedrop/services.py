"""What a handler is given: the ports, and the records built on them, for one deployment.

Holds no rule; `bootstrap` assembles it over real clients and the tests over doubles.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date

from msgspec import Struct

from tunedrop import time_left
from tunedrop.ai_ports import Curves, JobService, Models, Predictor
from tunedrop.catalog import Catalog
from tunedrop.config import Settings
from tunedrop.delivery import Outcome
from tunedrop.domain import places
from tunedrop.errors import PermanentError
from tunedrop.guarded import GuardedJobs, GuardedModels, GuardedPublisher, GuardedStore
from tunedrop.ledger import Ledger
from tunedrop.ports import Clock, Nonces, Notices, ObjectStore, Publisher
from tunedrop.post import SILENCE, Post
from tunedrop.runbook import Runbook


class Services(Struct, frozen=True):
    """Storage, messages, time and records of one deployment."""

    settings: Settings
    catalog: Catalog
    store: ObjectStore
    ledger: Ledger
    runbook: Runbook
    post: Post
    clock: Clock
    nonces: Nonces

    @classmethod
    def assemble(
        cls,
        *,
        settings: Settings,
        catalog: Catalog,
        store: ObjectStore,
        publisher: Publisher,
        clock: Clock,
        nonces: Nonces,
        notices: Notices = SILENCE,
    ) -> "Services":
        """Build the records on the ports, which start nothing once a handler's time is up."""
        store, publisher = GuardedStore(store, clock), GuardedPublisher(publisher, clock)
        ledger = Ledger(store=store, bucket=settings.ledger_bucket, clock=clock, nonces=nonces)
        post = Post(publisher=publisher, settings=settings, clock=clock, notices=notices)
        runbook = Runbook(ledger=ledger, store=store, state_bucket=settings.state_bucket, post=post)
        return cls(
            settings=settings,
            catalog=catalog,
            store=store,
            ledger=ledger,
            runbook=runbook,
            post=post,
            clock=clock,
            nonces=nonces,
        )

    def limited(self) -> AbstractContextManager[None]:
        """Give the handling of one delivery its time."""
        return time_left.limited(self.clock, self.settings.timings.handler_deadline_seconds)

    def today(self) -> date:
        """The current day in UTC."""
        return self.clock.now().date()

    def refusal(self, role: str, delivery: str, error: PermanentError) -> Outcome:
        """Record a delivery that led to nothing, and why."""
        path = places.message_path(role, delivery)
        record = {
            "kind": "refused_delivery",
            "role": role,
            "delivery": delivery[:200],
            "code": error.code,
        }
        problems = getattr(error, "problems", ())
        detail = {
            "reason": str(error)[:2000],
            "problems": [
                {
                    "where": p.where,
                    "expected": p.expected,
                    "found": p.found,
                    "remedy": p.remedy,
                    "code": p.code,
                }
                for p in problems
            ],
        }
        standing = self.ledger.create(path, record | detail).record
        return Outcome(code=str(standing["code"]), record=path)


class Vertex(Struct, frozen=True):
    """The AI side of one deployment."""

    jobs: Mapping[str, JobService]
    """By backend, as the catalog names it."""
    models: Models
    predictor: Predictor
    curves: Curves

    @classmethod
    def assemble(
        cls,
        *,
        jobs: Mapping[str, JobService],
        models: Models,
        predictor: Predictor,
        curves: Curves,
        clock: Clock,
    ) -> "Vertex":
        """Have the ports start nothing once a handler's time is up."""
        guarded = {backend: GuardedJobs(service, clock) for backend, service in jobs.items()}
        return cls(
            jobs=guarded,
            models=GuardedModels(models, clock),
            predictor=predictor,
            curves=curves,
        )
