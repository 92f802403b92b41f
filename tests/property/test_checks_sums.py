"""What is summed up over a whole file equals what a plain look at all of its rows finds."""

from array import array
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tunedrop.domain.checks.rows import Rows
from tunedrop.domain.checks.sizes import Sizes
from tunedrop.domain.findings import Code

SIZES = st.lists(st.integers(0, 2**20) | st.integers(0, 9))
# Few prompts, in few of the buckets, and few answers, so that rows do meet.
PROMPTS = st.sampled_from([1, 2, 65, 2**63 + 1, 2**64 - 1])
ROWS = st.lists(st.lists(st.tuples(PROMPTS, st.integers(1, 3))))


@given(SIZES)
def test_the_order_of_sizes_is_that_of_the_sorted_examples(sizes):
    counted, ordered = Sizes(Counter(sizes)), sorted(sizes)

    for share in (0.5, 0.95, 1.0):
        smallest = next((n for n in ordered if sum(s <= n for s in sizes) >= share * len(sizes)), 0)
        assert smallest == counted.quantile(share)
    assert sum(sizes) == counted.sum


@given(SIZES)
def test_the_histogram_has_every_example_in_the_power_of_two_below_it(sizes):
    powers = Counter(1 << (size.bit_length() - 1) if size else 0 for size in sizes)

    expected = [{"from": power, "examples": powers[power]} for power in sorted(powers)]
    assert expected == Sizes(Counter(sizes)).histogram()


@given(ROWS)
def test_rows_are_held_against_the_earlier_ones_of_the_same_prompt(blocks):
    found = sorted(_filled(blocks).compared(frozenset()))

    rows = [row for block in blocks for row in block]
    assert sorted(_compared(rows)) == found


@given(ROWS, st.frozensets(PROMPTS))
def test_rows_overlap_where_the_evaluation_file_has_their_prompt(blocks, evaluation):
    rows = _filled(blocks)

    found = [
        line for code, line, _ in rows.compared(evaluation) if code is Code.OVERLAP_WITH_EVALUATION
    ]

    prompts = [prompt for block in blocks for prompt, _ in block]
    assert [line for line, prompt in enumerate(prompts, 1) if prompt in evaluation] == found
    assert prompts == list(rows.prompts())


@given(st.lists(st.integers(1, 3)) | st.integers(0, 9_000).map(lambda n: [*range(n), *([7] * n)]))
def test_the_most_common_answer_is_counted_where_more_than_half_of_the_rows_have_it(answers):
    rows = _filled([[(1, answer) for answer in answers]])

    count = max(Counter(answers).values(), default=0)
    assert (count if 2 * count > len(answers) else 0) == rows.most_common_answers()


def _filled(blocks):
    rows = Rows()
    for block in blocks:
        lines = range(len(rows) + 1, len(rows) + len(block) + 1)
        prompts, answers = array("Q"), array("Q")
        prompts.extend(prompt for prompt, _ in block)
        answers.extend(answer for _, answer in block)
        rows.extend(lines, prompts, answers)
    return rows


def _compared(rows):
    """By looking through all earlier rows of each one: repetitions name the first equal one."""
    for line, (prompt, answer) in enumerate(rows, 1):
        earlier = [
            (number, said)
            for number, (asked, said) in enumerate(rows[: line - 1], 1)
            if asked == prompt
        ]
        if not earlier:
            continue
        same = next((number for number, said in earlier if said == answer), None)
        if same:
            yield Code.EXACT_DUPLICATE, line, same
        else:
            yield Code.CONFLICTING_ANSWERS, line, earlier[0][0]
