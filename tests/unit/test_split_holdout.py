"""The split keeps its bounds, keeps equal rows together, and depends on contents alone."""

import random
import struct
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.datasets import line, row
from tunedrop.domain.formats import (
    WRITABLE,
    Format,
    content_hash,
    conversation_of,
    read_example,
    write_example,
)
from tunedrop.domain.split import Holdout, choose_holdout, hashes_from_bytes, hashes_to_bytes
from tunedrop.errors import Problem

HASHES = st.lists(st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 5)), max_size=60)


def choose(hashes, fraction, minimum=10, maximum=250):
    """Split a list."""
    return choose_holdout(array("Q", hashes), fraction, minimum=minimum, maximum=maximum)


@pytest.mark.parametrize(
    ("rows", "fraction", "held_out"),
    [
        pytest.param(1000, 0.1, 100, id="the-wish"),
        pytest.param(50, 0.1, 10, id="raised-to-the-minimum"),
        pytest.param(10_000, 0.1, 250, id="lowered-to-the-maximum"),
        pytest.param(11, 0.5, 10, id="all-but-one"),
    ],
)
def test_the_wish_is_met_within_the_bounds(rows, fraction, held_out):
    numbers = random.Random(7)
    hashes = [numbers.getrandbits(64) for _ in range(rows)]

    split = choose(hashes, fraction)

    assert held_out == split.count == sum(split.holds(each) for each in hashes)
    assert sorted(hashes)[:held_out] == sorted(filter(split.holds, hashes))


@given(
    hashes=HASHES,
    fraction=st.floats(0.01, 0.5),
    minimum=st.integers(0, 12),
    maximum=st.integers(1, 40),
)
@settings(deadline=None)
def test_a_split_keeps_its_bounds_or_says_why_it_cannot(hashes, fraction, minimum, maximum):
    split = choose(hashes, fraction, minimum, maximum)

    if isinstance(split, Holdout):
        held_out = sum(map(split.holds, hashes))
        assert held_out == split.count
        assert max(minimum, 1) <= held_out <= maximum
        assert held_out < len(hashes)
    else:
        counts = {sum(each <= threshold for each in hashes) for threshold in hashes}
        possible = {n for n in counts if max(minimum, 1) <= n <= min(maximum, len(hashes) - 1)}
        assert not possible


@given(hashes=HASHES, seed=st.integers())
@settings(deadline=None)
def test_the_order_of_the_rows_changes_nothing(hashes, seed):
    shuffled = random.Random(seed).sample(hashes, len(hashes))

    assert choose(hashes, 0.2, 1, 30) == choose(shuffled, 0.2, 1, 30)


def test_a_dataset_that_is_too_small_is_refused_with_the_numbers():
    problem = choose(range(10), 0.1)

    assert isinstance(problem, Problem)
    assert "split_impossible" == problem.code
    assert "between 10 and 250 examples" in problem.expected
    assert "10 examples" == problem.found


def test_equal_rows_that_cannot_be_parted_are_refused_with_the_numbers():
    problem = choose([1] * 300 + [2] * 10, 0.1)

    assert isinstance(problem, Problem)
    assert "0 or 300 of them" in problem.found


@pytest.mark.parametrize(
    ("hashes", "minimum", "held_out"),
    [
        pytest.param([*range(9), 9, 9, 9, *range(20, 100)], 10, 12, id="up-to-keep-the-minimum"),
        pytest.param([*range(8), *[9] * 7, *range(20, 99)], 1, 8, id="down-where-nearer"),
        pytest.param([*range(8), *[9] * 2, *range(20, 104)], 1, 10, id="up-where-nearer"),
    ],
)
def test_equal_rows_stay_together_on_the_nearer_allowed_side(hashes, minimum, held_out):
    assert held_out == choose(hashes, 9 / len(hashes), minimum).count


def test_a_split_is_written_to_records_and_read_back():
    split = Holdout(2**64 - 3, 12)

    assert split == Holdout.from_json(split.to_json())
    assert {"threshold": "18446744073709551613", "count": 12} == split.to_json()


def content_hashes(lines, dataset_format):
    examples = (read_example(each, dataset_format) for each in lines)
    return [content_hash(conversation_of(example)) for example in examples]


def held_out_lines(hashes):
    split = choose(hashes, 0.2, 1, 100)
    return split.count, [number for number, each in enumerate(hashes) if split.holds(each)]


@pytest.mark.parametrize("dataset_format", list(Format))
def test_rows_that_differ_in_white_space_stay_together_whatever_their_format(dataset_format):
    spaced = row(dataset_format, 3, answer="tide  =\n\ttable[3] ")
    lines = [line(row(dataset_format, number)) for number in range(50)]

    hashes = content_hashes([*lines, line(spaced), lines[3]], dataset_format)

    assert 1 == len({hashes[3], hashes[50], hashes[51]})
    assert 50 == len(set(hashes))
    count, held_out = held_out_lines(hashes)
    assert count == len(held_out)
    assert len({3, 50, 51} & set(held_out)) in {0, 3}


@pytest.mark.parametrize("target", sorted(WRITABLE))
@pytest.mark.parametrize("source", list(Format))
def test_converted_rows_are_held_out_as_the_rows_they_were(source, target):
    lines = [line(row(source, number)) for number in range(50)]
    converted = [write_example(read_example(each, source), target) for each in lines]

    assert held_out_lines(content_hashes(lines, source)) == held_out_lines(
        content_hashes(converted, target)
    )


@given(hashes=HASHES)
def test_hashes_are_written_in_order_and_read_back(hashes):
    data = hashes_to_bytes(hashes)

    assert sorted(hashes) == list(hashes_from_bytes(data))
    assert sorted(hashes) == [int.from_bytes(data[n : n + 8]) for n in range(0, len(data), 8)]


def test_what_is_no_row_of_hashes_is_not_read():
    with pytest.raises(struct.error):
        hashes_from_bytes(b"1234567")
