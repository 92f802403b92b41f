"""Files whose lines are good one by one, and not beside each other: repetitions, contradictions, numbers."""

import json

from support.awkward_file import accepted, awkward, refused
from support.awkward_lines import CANARY, FAULTY, around, good, good_file, question
from support.datasets import line, row
from tunedrop.domain.checks import CheckOptions, Limits, check_dataset
from tunedrop.domain.formats import Format


@awkward
def the_same_line_again(shape):
    return accepted(around(shape, good(shape, 1), good(shape, 2)), exact_duplicate=[4, 5])


@awkward
def the_whole_file_twice(shape):
    return accepted(good_file(shape) * 2, exact_duplicate=[7, 8, 9, 10, 11, 12])


@awkward
def the_same_example_written_otherwise(shape):
    words = "Où est la marée 語?"
    value = row(shape, question=words, answer=f"{CANARY} là")
    turned = json.loads(json.dumps(value), object_pairs_hook=lambda pairs: dict(pairs[::-1]))
    lines = [
        line(value),
        line(value, ensure_ascii=True),
        line(value, separators=(" ,\t", " :  ")),
        line(turned, separators=(",", ":")),
        b" " + line(value).replace(b"\n", b" \r\n"),
    ]
    return accepted(around(shape, *lines), exact_duplicate=[5, 6, 7, 8], crlf=[8])


@awkward
def texts_that_differ_in_white_space_alone(shape):
    """They are other texts, so nothing is said; a split keeps them together."""
    lines = [line(row(shape, question=f"{CANARY} a {w}b", answer=f"{w}c")) for w in ("", " ", "\n")]
    return accepted(around(shape, *lines))


@awkward
def one_question_with_two_answers(shape):
    lines = [line(row(shape, question=question(1), answer=f"{CANARY} {n}")) for n in range(2)]
    return accepted(around(shape, *lines), conflicting_answers=[4, 5])


@awkward
def a_repetition_of_a_line_that_was_rejected(shape):
    broken = good(shape, 50)[:-2] + b"\n"
    return refused(around(shape, broken, broken, good(shape, 50)), not_json=[4, 5])


def _prompts(shape, data):
    options = CheckOptions(with_prompt_hashes=True)
    checked = check_dataset([data], limits_for=lambda _: Limits(), options=options)
    return CheckOptions(evaluation_prompts=frozenset(checked.prompt_hashes))


@awkward
def questions_of_the_evaluation_file(shape):
    held_out = line(row(shape, question=question(1), answer="Another.")) + good(shape, 100)
    data = around(shape, good(shape, 50))
    return accepted(data, options=_prompts(shape, held_out), overlap_with_evaluation=[2, 5])


@awkward
def questions_of_an_evaluation_file_in_another_format(shape):
    other = Format.GEMINI if shape is Format.CODE_GENERATION else Format.CODE_GENERATION
    held_out = good(other, 2)
    return accepted(
        good_file(shape), options=_prompts(other, held_out), overlap_with_evaluation=[3]
    )


@awkward
def one_example_too_few(shape):
    return refused(good_file(shape, 9), limits=Limits(min_examples=10), too_few_examples=[])


@awkward
def just_enough_examples(shape):
    return accepted(good_file(shape, 10), limits=Limits(min_examples=10, max_examples=10))


@awkward
def too_few_examples_once_the_bad_ones_are_gone(shape):
    data = good_file(shape, 9) + b"oops\n"
    limits = Limits(min_examples=10)
    return refused(data, limits=limits, not_json=[10], too_few_examples=[])


@awkward
def fewer_examples_than_recommended(shape):
    limits = Limits(min_examples=3, recommended_examples=7)
    return accepted(good_file(shape), limits=limits, below_recommended=[])


@awkward
def one_example_too_many(shape):
    return refused(good_file(shape, 11), limits=Limits(max_examples=10), too_many_examples=[])


@awkward
def one_message_too_many(shape):
    """Every example has two messages."""
    limits = Limits(max_examples=11, count_authors=True)
    return refused(good_file(shape, 6), limits=limits, too_many_examples=[])


@awkward
def as_many_bad_lines_as_are_tolerated(shape):
    options = CheckOptions(tolerate=0.1)
    return accepted(good_file(shape, 9) + b"oops\n", options=options, not_json=[10])


@awkward
def more_bad_lines_than_are_tolerated(shape):
    data = good_file(shape, 9) + b"oops\n" * 2
    return refused(data, options=CheckOptions(tolerate=0.1), not_json=[10, 11])


@awkward
def a_repetition_in_a_strict_check(shape):
    options = CheckOptions(is_strict=True)
    return refused(around(shape, good(shape, 1)), options=options, exact_duplicate=[FAULTY])


@awkward
def more_bad_lines_than_are_listed(shape):
    data = good_file(shape, 3) + b"oops\n" * 250
    return refused(data, not_json=list(range(4, 104)))
