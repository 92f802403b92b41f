"""The card that people are told when a run ends or waits for them, in Slack's mrkdwn.

A function of records and settings; holds no dataset text, and knows nobody who could send it.
"""

import shlex

from tunedrop.config import Settings
from tunedrop.domain.runs import ENDED, GOOD_ENDS, Run, RunState
from tunedrop.ports import Card
from tunedrop.reports.addresses import browser_address, run_report_uri
from tunedrop.reports.calling import QUESTION
from tunedrop.reports.model_words import comparison_line, why_of
from tunedrop.reports.run_words import (
    IT_IS_CHAMPION,
    IT_WORKS,
    STATES,
    problem_of,
    summary_of,
)
from tunedrop.reports.words import inert, usd

TOLD = ENDED - {RunState.SUPERSEDED} | {RunState.HELD}
"""States that people are told of: where a run ends, well or not, and where it waits for one of them.

Not of a run that a newer drop replaced: whoever dropped that one is told of it.
"""
MAX_NAME = 120
"""Longest name in a card; folders of a bucket may be called anything, at great length."""


def card_of(settings: Settings, run: Run) -> Card | None:
    """What to tell of the run where it stands; None where there is nothing to tell."""
    if run.state not in TOLD:
        return None
    lines = (
        f"*{_headline(run)}* {_happened(run)}".strip(),
        f"Run {_code(run.run_id)} {_about(run)}, deployment {_code(settings.deployment)}",
        *_evaluated(run),
        f"Estimated cost: {_cost(run)}",
        f"Page: {_page(settings, run)}",
        f"Next: {_code(_command(run))}",
    )
    return Card(run_id=run.run_id, text="\n".join(lines))


def _headline(run: Run) -> str:
    if run.state in GOOD_ENDS:
        return IT_IS_CHAMPION if run.state is RunState.PROMOTED else IT_WORKS
    return _escaped(STATES[run.state][0])


def _happened(run: Run) -> str:
    """The sentences of the run's page, but for the names that people gave: those are quoted."""
    if run.state in GOOD_ENDS:
        version = run.last.detail.get("version")
        works = f"Version {version} is registered, served, and has answered a call."
        return f"{works} {_escaped(why_of(run.last))}".strip()
    problem = problem_of(run)
    if problem is None:
        return _escaped(summary_of(run, None))
    where = f", {problem['where']}" if problem["where"] else ""
    return f"{_escaped(problem['meaning'])} ({_code(problem['code'] or 'no code')}{where})"


def _evaluated(run: Run) -> list[str]:
    """What the evaluation came to, in a line, where there was one."""
    line = comparison_line(run) if run.state in GOOD_ENDS else ""
    return [f"Evaluation: {_escaped(line)}"] if line else []


def _about(run: Run) -> str:
    recipe = (run.accepted.get("recipe") or {}).get("name")
    base_model = (run.accepted.get("plan") or {}).get("base_model")
    return f"of recipe {_code(recipe or '/')} on {_code(base_model or 'no base model')}"


def _cost(run: Run) -> str:
    cost = (run.accepted.get("plan") or {}).get("cost") or {}
    return usd(cost.get("usd"))


def _page(settings: Settings, run: Run) -> str:
    """What to click; a local cloud's page has no address that anybody else could open."""
    uri = run_report_uri(settings, run.run_id)
    return _escaped(uri if settings.vertex_emulator_host else browser_address(uri))


def _command(run: Run) -> str:
    if run.state in GOOD_ENDS:
        return shlex.join(["tunedrop", "ask", run.run_id, QUESTION])
    return shlex.join(["tunedrop", "approve" if run.state is RunState.HELD else "show", run.run_id])


def _code(name: object) -> str:
    """Somebody's words as code, in which nothing is a link, a mention or emphasis."""
    text = " ".join(str(inert(str(name))).replace("`", "'").split())
    shown = text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 1]}…"
    return f"`{_escaped(shown)}`"


def _escaped(text: str) -> str:
    """The three characters that mrkdwn reserves, as https://docs.slack.dev/messaging/formatting-message-text says."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
