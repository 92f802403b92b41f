"""A large file is checked in several processes with the result of one."""

import json
import multiprocessing

import pytest

from support.datasets import good_lines, line, no_limits, row
from tunedrop.cli.workers import WORTH_BYTES, jobs_for, spread_over
from tunedrop.domain.checks import CheckOptions, check_dataset
from tunedrop.domain.checks.lines import BLOCK_BYTES
from tunedrop.domain.formats import Format

pytestmark = [
    pytest.mark.skipif(
        "fork" not in multiprocessing.get_all_start_methods(), reason="this platform cannot fork"
    ),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


def awkward_file():
    """Five blocks with every kind of outcome, repetitions across blocks, and an overlong line."""
    filler = "x" * 400
    rows = [line(row(Format.CODE_CHAT, n, answer=f"{n} {filler}")) for n in range(9000)]
    rows[10] = b'{"no": "end"\n'
    rows[2500] = rows[1].rstrip(b"\n") + b"\r\n"
    rows[4000] = b"\n"
    rows[6000] = line(row(Format.CODE_CHAT, 3, answer="another answer"))
    rows[7000] = b"y" * 300_000 + b"\n"
    rows[8000] = line(row(Format.CODE_CHAT, answer="```python\ndef f(:\n```"))
    return b"".join(rows)


@pytest.mark.parametrize(
    "options",
    [
        CheckOptions(max_line_bytes=200_000),
        CheckOptions(max_line_bytes=200_000, with_contents=False),
    ],
    ids=["full", "structure"],
)
def test_the_result_does_not_depend_on_who_accounts(options, tmp_path):
    data = awkward_file()
    path = tmp_path / "awkward.jsonl"
    path.write_bytes(data)
    assert len(data) > 4 * BLOCK_BYTES

    alone = check_dataset([data], limits_for=no_limits, options=options)
    with spread_over(3) as spread_for:
        spread = spread_for(str(path))
        spread_out = check_dataset([data], limits_for=no_limits, options=options, spread=spread)
        path.write_bytes(b"".join(good_lines(Format.GEMINI, 3)))
        again = check_dataset([path.read_bytes()], limits_for=no_limits, spread=spread)

    assert json.dumps(alone.to_json()) == json.dumps(spread_out.to_json())
    assert alone.content_hashes == spread_out.content_hashes
    assert list(alone.rejects.rows()) == list(spread_out.rejects.rows())
    assert (Format.GEMINI, 3) == (again.dataset_format, again.lines.used)


def test_a_small_file_and_standard_input_are_worth_one_process(tmp_path):
    small, large = tmp_path / "small.jsonl", tmp_path / "large.jsonl"
    small.write_bytes(b"{}\n")
    with large.open("wb") as file:
        file.truncate(WORTH_BYTES)

    assert (1, 1) == (jobs_for(str(small)), jobs_for("-"))
    assert 1 <= jobs_for(str(large)) <= 4
