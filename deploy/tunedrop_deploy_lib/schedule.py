"""Steps for what speaks up by itself: the log sink, the tick, and the alert on the monthly bill.

Knows services that publish; knows no bucket or function.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any

from tunedrop_deploy_lib.gcloud import Command
from tunedrop_deploy_lib.names import Names
from tunedrop_deploy_lib.steps import (
    Difference,
    Fill,
    Setting,
    Step,
    always,
    flags_of,
    judge_settings,
)

TICK = json.dumps({"schema_version": 1, "kind": "sweep"}, separators=(",", ":"))
_ENDED = " OR ".join(f'"PIPELINE_STATE_{state}"' for state in ("SUCCEEDED", "FAILED", "CANCELLED"))


SHARES = (0.5, 1.0)
"""Of the monthly amount, at which somebody is told."""


def sink_filter(project: str) -> str:
    """Which log entries are passed on: ends of pipeline jobs. The functions' own logs are of another resource."""
    log = f"projects/{project}/logs/aiplatform.googleapis.com%2Fpipeline_job_events"
    return (
        'resource.type="aiplatform.googleapis.com/PipelineJob" '
        f'AND logName="{log}" AND jsonPayload.state=({_ENDED})'
    )


def sink_step(names: Names) -> Step:
    """The log sink that tells of ended pipeline jobs."""
    target = f"pubsub.googleapis.com/{names.topic_name('job-events')}"
    title = f"Ends of pipeline jobs, for {names.deployment}"
    flags = (f"--log-filter={sink_filter(names.project)}", f"--description={title}")
    settings = (
        Setting(path="destination", expected=target, flags=flags),
        Setting(path="description", expected=title, flags=flags),
        Setting(path="filter", expected=sink_filter(names.project), flags=flags),
        Setting(path="disabled", expected=False, mend=("--no-disabled",), read=bool),
    )

    def command(verb: str, *words: str) -> Command:
        return ("logging", "sinks", verb, names.sink, *words, names.project_flag)

    return Step(
        key="sink",
        makes=f"log sink {names.sink}",
        why="Tells within seconds that a pipeline job has ended, instead of at the next tick.",
        look=command("describe", "--format=json"),
        create=(command("create", target, *flags),),
        judge=judge_settings(
            f"log sink {names.sink}",
            settings,
            lambda words: (command("update", target, *words),),
        ),
        undo=always(command("delete")),
    )


def tick_step(names: Names) -> Step:
    """The scheduler's job that has open runs looked after."""
    schedule = f"*/{names.config.sweep_minutes} * * * *"
    location = f"--location={names.config.region}"
    flags = (
        f"--schedule={schedule}",
        f"--topic={names.topic_name('job-events')}",
        f"--message-body={TICK}",
        "--time-zone=Etc/UTC",
        "--max-retry-attempts=3",
    )
    update = ("update", "pubsub")
    settings = (
        Setting(path="schedule", expected=schedule, flags=flags, mend=(*update, *flags)),
        Setting(path="timeZone", expected="Etc/UTC", mend=(*update, *flags)),
        Setting(
            path="pubsubTarget.topicName",
            expected=names.topic_name("job-events"),
            mend=(*update, *flags),
        ),
        Setting(path="pubsubTarget.data", expected=TICK, read=_decoded, mend=(*update, *flags)),
        Setting(path="retryConfig.retryCount", expected=3, mend=(*update, *flags)),
        Setting(path="state", expected="ENABLED", mend=("resume",)),
    )

    def command(*words: str) -> Command:
        verbs = tuple(word for word in words if not word.startswith("--"))
        rest = tuple(word for word in words if word.startswith("--"))
        return ("scheduler", "jobs", *verbs, names.tick, *rest, location, names.project_flag)

    return Step(
        key="tick",
        makes=f"scheduler job {names.tick}, every {names.config.sweep_minutes} minutes",
        why="Tuning jobs announce nothing; every open run is looked after at each tick.",
        look=command("describe", "--format=json"),
        create=(command("create", "pubsub", *flags),),
        judge=judge_settings(
            f"scheduler job {names.tick}", settings, lambda words: (command(*words),)
        ),
        undo=always(command("delete")),
        monthly="free up to 3 jobs of the billing account, then $0.10",
    )


def _decoded(found: Any) -> Any:  # noqa: ANN401 — JSON of any shape
    try:
        return base64.b64decode(found, validate=True).decode()
    except (TypeError, ValueError):
        return found


def budget_steps(names: Names) -> Iterator[Step]:
    """The alert on the project's bill, where the configuration asks for one."""
    config = names.config
    if not config.billing_account or config.monthly_usd is None:
        return
    account = f"--billing-account={config.billing_account}"
    title = f"tunedrop {names.deployment} in {names.project}"
    amount = f"--budget-amount={config.monthly_usd}USD"
    told = (
        (f"--notifications-rule-monitoring-notification-channels={config.notification_channel}",)
        if config.notification_channel
        else ()
    )
    settings = (
        Setting(
            path="amount.specifiedAmount.units", expected=str(config.monthly_usd), flags=(amount,)
        ),
        Setting(
            path="budgetFilter.projects",
            expected=["projects/${PROJECT_NUMBER}"],
            flags=(f"--filter-projects=projects/{names.project}",),
        ),
        Setting(
            path="thresholdRules",
            expected=list(SHARES),
            read=lambda found: sorted(rule["thresholdPercent"] for rule in found or []),
            flags=tuple(f"--threshold-rule=percent={share}" for share in SHARES),
            mend=(
                "--clear-threshold-rules",
                *(f"--add-threshold-rule=percent={share}" for share in SHARES),
            ),
        ),
        Setting(
            path="notificationsRule.monitoringNotificationChannels",
            expected=[config.notification_channel] if told else [],
            flags=told,
            read=lambda found: found or [],
        ),
    )

    def ours_in(found: Any) -> Any:  # noqa: ANN401 — JSON
        return next((one for one in found or [] if one.get("displayName") == title), None)

    def judge(found: Any, fill: Fill) -> tuple[Difference, ...]:  # noqa: ANN401 — JSON
        budget = ours_in(found)
        compare = judge_settings(
            f"budget {title!r}",
            settings,
            lambda flags: (("billing", "budgets", "update", budget["name"], *flags),),
        )
        return compare(budget, fill)

    yield Step(
        key="budget",
        makes=f"alert at {config.monthly_usd} US dollars a month",
        why="Tells people before a bill surprises them; it stops nothing.",
        look=("billing", "budgets", "list", account, "--format=json"),
        create=(
            (
                "billing",
                "budgets",
                "create",
                account,
                f"--display-name={title}",
                *flags_of(settings),
            ),
        ),
        judge=judge,
        undo=lambda found, _fill: (("billing", "budgets", "delete", ours_in(found)["name"]),),
        absent=lambda found: ours_in(found) is None,
    )
