"""What holds of the check of any bytes whatever, for the property tests and the coverage-guided run.

Asserts nothing about which answer is right: only that there is one, and that it hangs together.
"""

from tunedrop.domain.checks import (
    CheckOptions,
    Limits,
    Overlong,
    check_dataset,
    explain,
    split_lines,
)
from tunedrop.domain.checks.judging import mend
from tunedrop.domain.findings import Code, Severity
from tunedrop.domain.staging import stage_lines

OPTIONS = CheckOptions(
    max_line_bytes=3000,
    max_depth=20,
    severities={Code.PERSONAL_DATA: Severity.WARNING},
    allowed_buckets=frozenset({"tide-files"}),
)
"""Small bounds, so that small files reach them."""


def check(data, *, chunk=None, limits=None):
    """Check bytes, in chunks of a size or whole."""
    size = chunk or max(1, len(data))
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    return check_dataset(pieces, limits_for=lambda _: limits or Limits(), options=OPTIONS)


def everything(result):
    """All that a result says, published or not."""
    return (
        result.to_json(),
        list(result.rejects.rows()),
        list(result.content_hashes),
        result.size_bytes,
        result.ends_with_lf,
    )


def assert_accounted(data, result):
    """Every line is in one place, every rejected one has a known reason, and none stands beyond the end."""
    physical = data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))
    assert physical == result.lines.physical
    rejected = [row["line"] for row in result.rejects.rows()]
    assert Code.UNREADABLE_LINE not in {finding.code for finding in result.findings}
    assert len(rejected) == result.lines.rejected == len(set(rejected))
    named = {number for finding in result.findings for number in finding.lines}
    assert named | set(rejected) <= set(range(1, physical + 1))
    assert (result.verdict == "accepted") == (result.first_error is None)


def assert_no_line_depends_on_another(data, result):
    """A line is rejected in its file exactly if something is wrong with it alone."""
    if result.dataset_format is None:
        return
    lines = enumerate(split_lines([data], OPTIONS.max_line_bytes), 1)
    expected = [number for number, each in lines if _is_bad(each, result.dataset_format)]
    assert expected == [row["line"] for row in result.rejects.rows()]


def _is_bad(each, dataset_format):
    if isinstance(each, Overlong):
        return True
    body, _ = mend(each)
    is_cut = not each.endswith(b"\n")
    return bool(body.strip()) and bool(
        explain(body, dataset_format, options=OPTIONS, may_be_cut=is_cut)
    )


def assert_staged_well(data, target):
    """What is kept is written in the target's format, and every line of that is used as it is."""
    limits = Limits(target_format=target)
    result = check(data, limits=limits)
    if result.dataset_format is None:
        return
    staged = stage_lines(
        split_lines([data], OPTIONS.max_line_bytes),
        source_format=result.dataset_format,
        target_format=target,
        limits=limits,
        options=OPTIONS,
    )
    kept = b"".join(each.data for each in staged if each.part == "training")
    assert result.lines.kept == kept.count(b"\n")
    if kept:
        again = check(kept)
        assert (target, result.lines.kept) == (again.dataset_format, again.lines.used)
        assert again.lines.fixed + again.lines.rejected + again.lines.blank == 0
