"""Hostile files that are too large for a test's own process: one script a family, and what has to be found.

A script calls `check(chunks)` for each of its files; see `support.child`.
"""

from typing import NamedTuple


class Heavy(NamedTuple):
    """One family's files."""

    script: str
    found: tuple[dict[str, list[int]], ...]
    """{code: physical lines} of each file, in the script's order."""


_SHORT = {"missing_key": [1], "unknown_key": [1]}

HEAVY = {
    "05-only-blanks": Heavy(
        r"check(b' \n' * 10**5 for _ in range(10))",
        ({"empty_file": []},),
    ),
    "06-one-line-of-2-gb": Heavy(
        r"""
        check(b'x' * 2**20 for _ in range(2**11))
        string = [b'{"input_text":"', *[b'y' * 2**20] * 100, b'"}\n']
        check([*string, b'{"input_text":"a","output_text":"b"}\n'])
        """,
        ({"overlong_line": [1]}, {"overlong_line": [1]}),
    ),
    # The family is 10^8 lines; the cost is that of one line, and the memory the same, however many there are.
    "07-a-million-empty-objects": Heavy(
        r"""
        check(b'{}\n' * 10**5 for _ in range(10))
        good = b'{"input_text":"a","output_text":"b"}\n'
        check(itertools.chain([good], [b'{}\n' * 10**5]))
        """,
        ({"unrecognised_format": []}, {"missing_key": list(range(2, 102))}),
    ),
    "08-and-10-gzip-bombs": Heavy(
        r"""
        once = gzip.compress(b'\0' * 2**27, compresslevel=1)
        check([once])
        check([gzip.compress(once * 10, compresslevel=1)])
        """,
        ({"gzip_or_binary": []}, {"gzip_or_binary": []}),
    ),
    "12-a-million-levels": Heavy(
        r"""
        check([b'[' * 10**6])
        check([b'{"input_text":"a","output_text":"b"}\n', b'{"a":' * 10**6])
        check([b'{"input_text":' + b'[' * 10**6 + b']' * 10**6 + b'}'])
        """,
        (
            {"too_deep": [1], "unrecognised_format": []},
            {"too_deep": [2]},
            {"too_deep": [1]},
        ),
    ),
    "13-endless-numbers": Heavy(
        r"""
        check([b'{"input_text":' + b'9' * 8_000_000 + b'}'])
        check([b'{"input_text":0.' + b'9' * 8_000_000 + b',"output_text":"b"}'])
        check([b'{"input_text":1e' + b'9' * 8_000_000 + b',"output_text":"b"}'])
        """,
        ({"oversized_integer": [1]}, {"wrong_type": [1]}, {"non_finite_number": [1]}),
    ),
    "16-and-17-millions-of-bad-characters": Heavy(
        r"""
        check([b'{"input_text":"' + b'\xff' * 8_000_000 + b'"}'])
        check([b'{"input_text":"' + b'\\ud800' * 1_300_000 + b'"}'])
        """,
        ({"not_utf8": [1]}, {"lone_surrogate": [1]}),
    ),
    "20-endless-beginnings": Heavy(
        r"""
        check([b'{"input_text":"' + b'\\\\' * 4_000_000])
        check([b'{"input_text":' + b' ' * 8_000_000])
        check([b'{"input_text":"' + b'x' * 8_000_000])
        """,
        ({"truncated_file": [1]},) * 3,
    ),
    "21-endless-arrays": Heavy(
        r"""
        check(itertools.chain([b'['], (b'{"input_text":"a","output_text":"b"},\n' * 2**14 for _ in range(16))))
        check([b'{"input_text":"a","output_text":"b"}' * 200_000])
        check([b'{"input_text":["a"' + b',"a"' * 2_000_000 + b']}'])
        """,
        (
            {"json_array_file": []},
            {"two_values_on_line": [1]},
            {"missing_key": [1], "wrong_type": [1]},
        ),
    ),
    "23-keys": Heavy(
        r"""
        many = b','.join(b'"k%d":1' % n for n in range(10**5))
        alike = b','.join(b'"%s":1' % ''.join(p).encode() for p in itertools.product(('Aa', 'BB'), repeat=16))
        for members in (many, alike, b'"' + b'k' * 8_000_000 + b'":1'):
            check([b'{"output_text":"b",' + members + b'}'])
        check([b'{"output_text":"b","' + b'k' * 10_000_000 + b'":1}'])
        """,
        ({"unknown_key": [1]}, {"unknown_key": [1]}, _SHORT, {"overlong_line": [1]}),
    ),
    "24-millions-of-turns-and-numbers": Heavy(
        r"""
        check([b'{"messages":[' + b','.join([b'{}'] * 2_500_000) + b']}'])
        check([b'{"contents":[' + b'1,' * 4_000_000 + b'1]}'])
        check([b'{"contents":[{"role":"user","parts":[' + b'{"text":"a"},' * 200_000 + b'{}]}]}'])
        """,
        (
            {"missing_key": [1]},
            {"wrong_type": [1]},
            {"missing_key": [1], "last_not_assistant": [1]},
        ),
    ),
}
"""By the family's number in the list of hostile inputs."""
