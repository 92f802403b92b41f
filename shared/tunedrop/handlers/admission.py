"""Whether a run may start by itself: what it costs against what it may cost.

Reads the run and the settings; launches nothing.
"""

from tunedrop.config import Settings
from tunedrop.domain.runs import Run

OVER_BUDGET = "over_budget"
PRICE_UNKNOWN = "price_unknown"


def reason_to_hold(settings: Settings, run: Run) -> str:
    """Why somebody has to approve the run first; empty if nobody has to."""
    usd = run.accepted["plan"]["cost"]["usd"]
    own = run.accepted["recipe"]["effective"].get("budget", {}).get("max_usd_per_run")
    limits = [limit for limit in (own, settings.max_usd_per_run) if limit is not None]
    if usd is None:
        return "" if settings.allow_unpriced else PRICE_UNKNOWN
    return OVER_BUDGET if limits and usd > min(limits) else ""
