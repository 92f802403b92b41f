"""Whether a run may start by itself, and whether it may start now.

Reads the run, the settings and what is taken already; launches nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tunedrop.domain.runs import Run
from tunedrop.handlers import bursts, money, slots, waiting
from tunedrop.handlers.pausing import is_paused
from tunedrop.handlers.steps import NOT_BEFORE
from tunedrop.services import Services

OVER_BUDGET = "over_budget"
OVER_DAILY_BUDGET = "over_daily_budget"
PRICE_UNKNOWN = "price_unknown"
BURST = "burst"
PAUSED = "paused"
BACKING_OFF = "backing_off"
NO_SLOT = "no_slot"
DAILY_BUDGET = "daily_budget"


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a run may not start now."""

    code: str
    not_before: datetime | None = None
    """When it is worth looking again; None where something has to happen first."""


def reason_to_hold(services: Services, run: Run) -> str:
    """Why somebody has to approve the run first; empty if nobody has to."""
    settings = services.settings
    usd = run.accepted["plan"]["cost"]["usd"]
    if usd is None and not settings.allow_unpriced:
        return PRICE_UNKNOWN
    own = run.accepted["recipe"]["effective"].get("budget", {}).get("max_usd_per_run")
    limits = [limit for limit in (own, settings.max_usd_per_run) if limit is not None]
    if usd is not None and limits and usd > min(limits):
        return OVER_BUDGET
    if money.exceeds_a_day(services, run):
        return OVER_DAILY_BUDGET
    return BURST if bursts.is_burst(services, run) else ""


def reason_to_wait(services: Services, run: Run) -> Wait | None:
    """Why the run, which nobody has to approve, has to wait; None if it may be launched now."""
    if is_paused(services):
        return Wait(PAUSED)
    not_before = run.last.detail.get(NOT_BEFORE)
    if not_before and datetime.fromisoformat(not_before) > services.clock.now():
        return Wait(BACKING_OFF, datetime.fromisoformat(not_before))
    if not money.fits_today(services, run):
        return Wait(DAILY_BUDGET, _tomorrow(services.clock.now()))
    free = slots.count_free(slots.survey(services), services.settings.max_concurrent_jobs)
    return None if waiting.is_turn(services, run, free) else Wait(NO_SLOT)


def _tomorrow(now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)
