"""The fields of the configuration that keep a deployment within bounds: money, jobs, instances.

Reads nothing; knows no gcloud.
"""

from dataclasses import dataclass

from tunedrop_deploy_lib.fields import choice, number, setting, text, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How much may be spent and how much may run at once."""

    max_usd_per_run: float | None = setting(
        "caps.max_usd_per_run",
        number(0, 1_000_000),
        expected="an amount of US dollars, 0 or more",
        remedy="a run that costs more is held until somebody approves it",
        default=None,
    )
    max_usd_per_day: float | None = setting(
        "caps.max_usd_per_day",
        number(0, 10_000_000),
        expected="an amount of US dollars, 0 or more",
        remedy="a run that would go beyond it waits for the next day, in UTC",
        default=None,
    )
    max_concurrent_jobs: int = setting(
        "caps.max_concurrent_jobs",
        whole(1, 1000),
        expected="1 to 1000",
        remedy="say how many jobs may be open at once; the service's own quota is 1 unless it was raised",
        default=1,
    )
    max_new_runs_per_hour: int = setting(
        "caps.max_new_runs_per_hour",
        whole(1, 1000),
        expected="1 to 1000",
        remedy="say beyond how many new runs of a recipe within an hour further ones are held",
        default=20,
    )
    allow_unpriced: bool = setting(
        "caps.allow_unpriced",
        choice(True, False),  # noqa: FBT003 — the two values
        expected="true or false",
        remedy="say whether a run whose price is not known may start without approval",
        default=False,
    )
    max_instances: int = setting(
        "caps.max_instances",
        whole(1, 100),
        expected="1 to 100",
        remedy="say how many instances a function may have at most",
        default=5,
    )
    billing_account: str = setting(
        "budget.billing_account",
        text(r"[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}|"),
        expected="an id such as 01AB23-4CD567-89EF01",
        remedy="take it from `gcloud billing accounts list`",
        default="",
    )
    monthly_usd: int | None = setting(
        "budget.monthly_usd",
        whole(1, 10_000_000),
        expected="a whole amount of US dollars, 1 or more",
        remedy="say at which monthly bill of the project somebody has to be told",
        default=None,
    )
