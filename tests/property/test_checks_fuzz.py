"""Whatever a fuzzer does to a file, the check ends with one answer, and what it keeps is good.

TUNEDROP_FUZZ_SEED repeats a run; without it every run has a seed of its own, which is printed with the counts.
"""

import os
import random
import sys
from collections import Counter

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from support.mutations import SHAPES, STYLES, good_file, mutated
from support.soundness import (
    assert_accounted,
    assert_no_line_depends_on_another,
    assert_staged_well,
    check,
    everything,
)
from tunedrop.domain.checks import lines
from tunedrop.domain.findings import Code
from tunedrop.domain.formats import WRITABLE

SEED = int(os.environ.get("TUNEDROP_FUZZ_SEED") or random.SystemRandom().randrange(2**32))
FUZZING = settings(deadline=None, print_blob=True)
ran = Counter()


@pytest.fixture(scope="session", autouse=True)
def _report(request):
    """Say at the end how much ran, and how to run it again."""
    yield
    total = ", ".join(f"{count} {name}" for name, count in sorted(ran.items()))
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        sys.stderr.write(f"\nTUNEDROP_FUZZ_SEED={SEED}; files tried: {total}\n")


@st.composite
def files(draw):
    """A good file of some shape and style after at most eight changes."""
    data = good_file(draw(st.sampled_from(SHAPES)), draw(st.sampled_from(STYLES)))
    for _ in range(draw(st.integers(1, 8))):
        data = mutated(data, lambda count: draw(st.integers(0, count - 1)))
    return data


@seed(SEED)
@given(data=st.binary(max_size=400), chunk=st.integers(1, 60))
@settings(FUZZING, max_examples=250)
def test_arbitrary_bytes_get_one_answer(data, chunk):
    ran["of arbitrary bytes"] += 1

    result = check(data, chunk=chunk)

    assert_accounted(data, result)
    assert_no_line_depends_on_another(data, result)
    assert everything(check(data)) == everything(result)


@seed(SEED)
@given(data=files(), chunk=st.integers(1, 300))
@settings(FUZZING, max_examples=250)
def test_a_changed_file_gets_one_answer_however_it_arrives(data, chunk):
    ran["changed, in chunks"] += 1

    result = check(data, chunk=chunk)

    assert_accounted(data, result)
    assert_no_line_depends_on_another(data, result)
    assert everything(check(data)) == everything(result)


@seed(SEED)
@given(data=files(), block=st.integers(1, 2000))
@settings(FUZZING, max_examples=150)
def test_a_changed_file_gets_one_answer_in_blocks_of_any_size(data, block):
    """But for what the first block tells of the whole: the format, and which code is parsed."""
    ran["changed, in blocks"] += 1
    whole = check(data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK_BYTES", block)
        result = check(data)

    assert_accounted(data, result)
    if whole.dataset_format is not None and whole.dataset_format is result.dataset_format:
        assert beyond_the_first_block(whole) == beyond_the_first_block(result)
        assert whole.lines == result.lines


def beyond_the_first_block(result):
    told_by_it = {Code.AMBIGUOUS_FORMAT, Code.CODE_DOES_NOT_PARSE}
    return [finding for finding in result.findings if finding.code not in told_by_it]


@seed(SEED)
@given(data=files(), target=st.sampled_from(WRITABLE))
@settings(FUZZING, max_examples=250)
def test_what_is_kept_of_a_changed_file_is_accepted_as_it_is_staged(data, target):
    ran["staged"] += 1

    assert_staged_well(data, target)
