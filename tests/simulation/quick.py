"""What makes worlds quick: settings and catalog made once, checks remembered, pages written from a summary."""

from contextlib import contextmanager, redirect_stdout
from functools import cache, lru_cache

from support.world import NO_RETIREMENT, settings
from tunedrop.catalog import load_catalog
from tunedrop.domain.checks import check_dataset
from tunedrop.domain.evaluation import verdict_of
from tunedrop.handlers import check_files, evidence
from tunedrop.reports import publishing
from tunedrop.timings import Timings

_TIMINGS = {
    "launch_deadline_seconds": 6 * 3600,
    "queue_deadline_seconds": 6 * 86400,
    "hold_deadline_seconds": 4 * 3600,
}


@cache
def catalog():
    return load_catalog(NO_RETIREMENT)


def settings_for(setup):
    """The deployment's settings, made once for each combination of limits."""
    return _settings(setup.cap, setup.usd_per_day, setup.new_runs_per_hour, setup.allow_unpriced)


@lru_cache(maxsize=256)
def _settings(cap, usd_per_day, new_runs_per_hour, allow_unpriced):
    return settings(
        allow_unpriced=allow_unpriced,
        timings=Timings(**_TIMINGS),
        max_concurrent_jobs=cap,
        max_usd_per_day=usd_per_day,
        max_new_runs_per_hour=new_runs_per_hour,
    )


class Lines:
    """A standard output that keeps what is written."""

    def __init__(self):
        self.texts = []

    def write(self, text):
        self.texts.append(text)
        return len(text)

    def flush(self):
        return None


_checked = {}


def _remembered_check(chunks, *, limits_for, options):
    """The real check's result, the same for the same bytes and options."""
    data = b"".join(chunks)
    key = (data, repr(options), *_limits(limits_for))
    if key not in _checked:
        _checked[key] = check_dataset([data], limits_for=limits_for, options=options)
    return _checked[key]


def _limits(limits_for):
    from tunedrop.domain.formats import Format

    return (repr(limits_for(Format.GEMINI)), repr(limits_for(Format.CODE_GENERATION)))


_verdicts = {}


def _remembered_verdict(rows, *, seed):
    """The real verdict, whose resamples are drawn once for the same scores."""
    key = repr(rows)
    if key not in _verdicts:
        _verdicts[key] = verdict_of(rows, seed=seed)
    return _verdicts[key]


def _summary(_settings, subject, *_):
    """In place of a view: what the page is about and how it stands."""
    if hasattr(subject, "run_id"):
        return {
            "run_id": subject.run_id,
            "state": subject.state.value,
            "sequence": subject.last.sequence,
        }
    return {"drop_id": subject["drop_id"], "outcome": subject["outcome"]}


def _no_view(*_):
    return {}


def _page(_view):
    return "<p>a page</p>"


_ALWAYS = {
    (check_files, "check_dataset"): _remembered_check,
    (evidence, "verdict_of"): _remembered_verdict,
    (evidence, "scores_of"): cache(evidence.scores_of),
}
_PAGES = {
    (publishing, "drop_view"): _summary,
    (publishing, "run_view"): _summary,
    (publishing, "index_view"): _no_view,
    (publishing, "render_drop"): _page,
    (publishing, "render_run"): _page,
    (publishing, "render_index"): _page,
}


@contextmanager
def quickly(*, real_pages=False):
    """Put the quick parts in place; gives the log's lines."""
    parts = _ALWAYS if real_pages else _ALWAYS | _PAGES
    before = {place: getattr(*place) for place in parts}
    lines = Lines()
    for place, quick in parts.items():
        setattr(*place, quick)
    try:
        with redirect_stdout(lines):
            yield lines.texts
    finally:
        for place, real in before.items():
            setattr(*place, real)
