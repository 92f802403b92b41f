"""Steps for what watches a deployment: log-based metrics, the dashboard, alert policies; all from files.

Knows how the files of deploy/observability/ are applied; knows no metric and no alert in particular.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tunedrop.topology import DEAD_LETTERS_SUBSCRIPTION, FUNCTIONS
from tunedrop_deploy_lib.gcloud import Command
from tunedrop_deploy_lib.names import SETTINGS_FOLDER, Names
from tunedrop_deploy_lib.steps import Difference, Fill, Step, always
from tunedrop_deploy_lib.templates import file_text, filled_file, unlike

TEMPLATES = Path(__file__).resolve().parents[1] / "observability"
STAGED = f"{SETTINGS_FOLDER}/observability"
CONTENT_LABEL = "tunedrop-content"
MISSED_SWEEPS = 3
SHORTEST_SILENCE_SECONDS = 30 * 60
_FOR_GOOD = ("metricDescriptor.metricKind", "metricDescriptor.valueType", "metricDescriptor.labels")
"""What a log-based metric keeps from its creation
(https://cloud.google.com/python/docs/reference/logging/1.14.0/google.cloud.logging_v2.types.LogMetric)."""


def values(names: Names) -> dict[str, str]:
    """What stands for the placeholders of the files."""
    config, services = names.config, [names.function(function) for function in FUNCTIONS]
    pushed = "|".join(names.function(function) for function in FUNCTIONS if function.topic)
    trigger = f"eventarc-{config.bucket_location}-{names.deployment}-finalized-[0-9]+-sub-[0-9]+"
    silence = max(config.sweep_minutes * 60 * MISSED_SWEEPS, SHORTEST_SILENCE_SECONDS)
    return {
        "deployment": names.deployment,
        "project": names.project,
        "region": config.region,
        "sink": names.sink,
        "tick": names.tick,
        "dashboard": dashboard_id(names),
        "dead_letters": names.topic(DEAD_LETTERS_SUBSCRIPTION),
        "services": " OR ".join(f'"{name}"' for name in services),
        "service_list": ",".join(f'"{name}"' for name in services),
        # Eventarc names the trigger's subscription; docs/observability.md says where that form was seen.
        "subscriptions": f"{pushed}|{trigger}",
        "heartbeat_seconds": str(silence),
        "heartbeat_minutes": str(silence // 60),
    }


def dashboard_id(names: Names) -> str:
    """Id of the deployment's dashboard."""
    return f"tunedrop-{names.deployment}"


def metric_steps(names: Names) -> Iterator[Step]:
    """The log-based metrics; early in a plan, since alerts can be set on a new one only minutes later."""
    for path in sorted((TEMPLATES / "metrics").glob("*.json")):
        yield _metric_step(names, path.stem, filled_file(path, values(names)))


def _metric_step(names: Names, key: str, metric: Mapping[str, Any]) -> Step:
    name, file = f"{names.deployment}-{key}", f"{STAGED}/metrics/{key}.json"
    from_file = f"--config-from-file={file}"

    def command(verb: str, *flags: str) -> Command:
        return ("logging", "metrics", verb, name, *flags, names.project_flag)

    def judge(found: Any, _fill: Fill) -> tuple[Difference, ...]:  # noqa: ANN401 — JSON
        differences = []
        for path, what in unlike(metric, found):
            fixed = path.startswith(_FOR_GOOD)
            remedy = f"no update changes that: delete the metric {name}, then apply again"
            mend = () if fixed else (command("update", from_file),)
            said = f"log-based metric {name}: {what}"
            differences.append(Difference(said, mend, remedy if fixed else ""))
        return tuple(differences)

    return Step(
        key=f"metric/{key}",
        makes=f"log-based metric {name}",
        why=f"Counts for the dashboard and the alerts: {metric['description']}",
        look=command("describe", "--format=json"),
        create=(command("create", from_file),),
        judge=judge,
        undo=always(command("delete")),
        files={file: file_text(metric)},
    )


def watch_steps(names: Names) -> Iterator[Step]:
    """The dashboard and the alert policies; last, since they are about everything else."""
    known = values(names)
    yield _dashboard_step(names, filled_file(TEMPLATES / "dashboard.json", known))
    for path in sorted((TEMPLATES / "alerts").glob("*.json")):
        yield _alert_step(names, path.stem, filled_file(path, known))


def _dashboard_step(names: Names, dashboard: dict[str, Any]) -> Step:
    """Its content is known by a hash: the service may give widgets back in a form of its own."""
    name, file = dashboard_id(names), f"{STAGED}/dashboard.json"
    content = hashlib.sha256(file_text(dashboard).encode()).hexdigest()[:16]
    dashboard["labels"] = {CONTENT_LABEL: content}

    def command(verb: str, *words: str) -> Command:
        return ("monitoring", "dashboards", verb, *words, names.project_flag)

    def judge(found: Any, _fill: Fill) -> tuple[Difference, ...]:  # noqa: ANN401 — JSON
        # An update brings the tag of what it replaces, so it cannot come from a file that was staged before.
        tagged = json.dumps(dashboard | {"etag": found.get("etag", "")}, separators=(",", ":"))
        mend = (command("update", name, f"--config={tagged}"),)
        return tuple(
            Difference(f"dashboard {name}: {what}", mend)
            for _, what in unlike(_shown(dashboard), _shown(found))
        )

    return Step(
        key="dashboard",
        makes=f"dashboard {name}",
        why="Shows on one page what arrives, what becomes of it, and what stands in its way.",
        look=command("describe", name, "--format=json"),
        create=(command("create", f"--config-from-file={file}"),),
        judge=judge,
        undo=always(command("delete", name)),
        files={file: file_text(dashboard)},
    )


def _shown(dashboard: Mapping[str, Any]) -> dict[str, Any]:
    grid = dashboard.get("gridLayout") or {}
    return {
        "displayName": dashboard.get("displayName"),
        f"labels.{CONTENT_LABEL}": (dashboard.get("labels") or {}).get(CONTENT_LABEL),
        "gridLayout.columns": grid.get("columns"),
        "titles": [widget.get("title") for widget in grid.get("widgets") or []],
    }


def _alert_step(names: Names, key: str, policy: dict[str, Any]) -> Step:
    """The service makes a policy's name, so ours is known by the one that it has for people."""
    channel = names.config.notification_channel
    policy |= {"userLabels": names.labels} | (
        {"notificationChannels": [channel]} if channel else {}
    )
    title, file = policy["displayName"], f"{STAGED}/alerts/{key}.json"
    from_file = f"--policy-from-file={file}"

    def command(verb: str, *words: str) -> Command:
        return ("alpha", "monitoring", "policies", verb, *words, names.project_flag)

    def ours_in(found: Any) -> list[Any]:  # noqa: ANN401 — JSON
        return [one for one in found or [] if one.get("displayName") == title]

    def judge(found: Any, _fill: Fill) -> tuple[Difference, ...]:  # noqa: ANN401 — JSON
        first, *others = ours_in(found)
        named = f"alert policy {title!r}"
        mend = (command("update", first["name"], from_file),)
        return (
            *(Difference(f"{named}: {what}", mend) for _, what in unlike(policy, first)),
            *(
                Difference(
                    f"{named}: expected one, found {other['name']} as well",
                    (command("delete", other["name"]),),
                )
                for other in others
            ),
        )

    return Step(
        key=f"alert/{key}",
        makes=f"alert policy {title!r}",
        why=policy["documentation"]["content"].partition("\n")[0],
        look=command("list", "--format=json"),
        create=(command("create", from_file),),
        judge=judge,
        undo=lambda found, _fill: tuple(command("delete", one["name"]) for one in ours_in(found)),
        absent=lambda found: not ours_in(found),
        monthly=_price(len(policy["conditions"])),
        files={file: file_text(policy)},
    )


def _price(conditions: int) -> str:
    prices = json.loads((TEMPLATES / "prices.json").read_text(encoding="utf-8"))
    amount = conditions * prices["alert_condition_usd_a_month"]
    return f"${amount:.2f} where alerting is charged (as of {prices['as_of']}, not confirmed)"
