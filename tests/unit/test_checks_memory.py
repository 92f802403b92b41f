"""How memory grows with a file: hardly with its bytes, and by little with its rows."""

from support.child import checked_apart, needs_proc

pytestmark = needs_proc

ROWS = """
    text = ("let tide = table.next(); // " * 1000)[:{size}]
    def chunks():
        for start in range(0, {rows}, 100):
            rows = ({{"input_text": f"row {{n}}", "output_text": text}} for n in range(start, start + 100))
            yield "".join(json.dumps(row) + "\\n" for row in rows).encode()
    check(chunks())
"""


def test_ten_times_the_bytes_cost_hardly_more_memory():
    (small,), small_mib = checked_apart(ROWS.format(size=960, rows=20_000))
    (large,), large_mib = checked_apart(ROWS.format(size=9_960, rows=20_000))

    assert 20_000 == small["lines"]["used"] == large["lines"]["used"]
    assert large_mib - small_mib <= 20


def test_more_rows_cost_at_most_forty_bytes_each():
    """Counted from a file of several blocks, since the first of them cost what every file costs."""
    _, few_mib = checked_apart(ROWS.format(size=20, rows=100_000))
    _, many_mib = checked_apart(ROWS.format(size=20, rows=300_000))

    # 200,000 rows more at 40 bytes, and 3 MiB for the noise of the allocator.
    assert many_mib - few_mib <= 200_000 * 40 // 2**20 + 3
