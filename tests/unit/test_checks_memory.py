"""Memory and hostile sizes, measured in child processes so that one test's garbage is not another's."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="peak memory is read from /proc, which Linux has"
)

PRELUDE = """
import json, re
from pathlib import Path
from tunedrop.domain.checks import CheckOptions, Limits, check_dataset, split_lines

def check(chunks):
    result = check_dataset(chunks, limits_for=lambda _format: Limits(min_examples=0))
    codes = sorted(finding.code for finding in result.findings)
    # Not getrusage: its peak starts with that of the process that forked this one.
    peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024
    print(json.dumps({"codes": codes, "lines": result.lines.to_json(), "peak_mib": peak}))
"""


def run(script):
    """Run a script below the prelude in a child and read what it prints."""
    code = PRELUDE + textwrap.dedent(script)
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert not child.returncode, child.stderr
    return json.loads(child.stdout)


ROWS = """
    text = ("let tide = table.next(); // " * 1000)[:{size}]
    def chunks():
        for start in range(0, 20_000, 100):
            rows = ({{"input_text": f"row {{n}}", "output_text": text}} for n in range(start, start + 100))
            yield "".join(json.dumps(row) + "\\n" for row in rows).encode()
    check(chunks())
"""


def test_ten_times_the_bytes_cost_hardly_more_memory():
    small = run(ROWS.format(size=960))
    large = run(ROWS.format(size=9_960))

    assert 20_000 == small["lines"]["used"] == large["lines"]["used"]
    assert large["peak_mib"] - small["peak_mib"] <= 20


def test_ten_times_the_rows_cost_at_most_forty_bytes_each():
    rows = ROWS.replace("20_000", "{rows}")
    few = run(rows.format(size=20, rows=100_000))
    many = run(rows.format(size=20, rows=300_000))

    # 200,000 rows more at 40 bytes, and 2 MiB for the noise of the allocator.
    assert many["peak_mib"] - few["peak_mib"] <= 200_000 * 40 // 2**20 + 2


HOSTILE = {
    "one-line-of-400-mb": ("check(b'x' * 2**20 for _ in range(400))", ["overlong_line"]),
    "one-string-of-400-mb": (
        """check(piece for piece in [b'{"input_text":"', *[b'y' * 2**20] * 400, b'"}'])""",
        ["overlong_line"],
    ),
    "millions-of-empty-objects": (
        "check(b'{}\\n' * 2**18 for _ in range(4))",
        ["unrecognised_format"],
    ),
    "a-million-brackets": ("check([b'[' * 10**6])", ["too_deep", "unrecognised_format"]),
    "a-million-levels": ("check([b'{\"a\":' * 10**6])", ["too_deep", "unrecognised_format"]),
    "a-hundred-thousand-keys": (
        """check([b'{"input_text":"a",' + b','.join(b'"k%d":1' % n for n in range(10**5)) + b'}'])""",
        ["unknown_key"],
    ),
    "a-key-of-8-mb": (
        """check([b'{"' + b'k' * 8_000_000 + b'":1,"input_text":"a"}'])""",
        ["missing_key", "unknown_key"],
    ),
    "millions-of-turns": (
        """check([b'{"messages":[' + b','.join([b'{}'] * 2_500_000) + b']}'])""",
        ["missing_key"],
    ),
    "millions-of-numbers": (
        """check([b'{"input_text":[' + b'1,' * 4_000_000 + b'1]}'])""",
        ["missing_key", "wrong_type"],
    ),
    "an-endless-number": (
        """check([b'{"input_text":' + b'9' * 8_000_000 + b'}'])""",
        ["oversized_integer"],
    ),
    "an-endless-fraction": (
        """check([b'{"input_text":0.' + b'9' * 8_000_000 + b'}'])""",
        ["missing_key", "wrong_type"],
    ),
    "backslashes": (
        """check([b'{"input_text":"' + b'\\\\\\\\' * 4_000_000])""",
        ["truncated_file"],
    ),
    "spaces": ("""check([b'{"input_text":' + b' ' * 8_000_000])""", ["truncated_file"]),
    "two-million-lines-of-space": ("check(b' \\n' * 10**5 for _ in range(20))", ["empty_file"]),
}


@pytest.mark.parametrize(("script", "codes"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_in_little_memory(script, codes):
    answer = run(script)

    assert codes == answer["codes"]
    assert answer["peak_mib"] <= 256
