"""Fenced blocks: where they begin and end, what they are counted as, and which of them parse."""

import json
import subprocess
import sys
import textwrap

import pytest

from tunedrop.domain.checks.contents import Contents, Seen
from tunedrop.domain.checks.fences import fenced_blocks
from tunedrop.domain.checks.options import CheckOptions, Thresholds
from tunedrop.domain.code_languages import LANGUAGES
from tunedrop.domain.findings import Code
from tunedrop.domain.formats import conversation

PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"


def begun(*, is_first=True, **thresholds):
    contents, seen = Contents(CheckOptions(thresholds=Thresholds(**thresholds))), Seen()
    contents.begin(seen, is_first=is_first)
    return contents, seen


def examine(answer, question="How?", context=""):
    found = begun()[0].examine(conversation(context, [question, answer], (True, False)))
    return [(finding.code, finding.message) for finding in found]


def fence(source, language="python"):
    return f"```{language}\n{source}\n```\n"


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("a\n```\nb\n```\nc", ["b\n"]),
        ("```\nb\n```", ["b\n"]),
        ("```\n```", [""]),
        ("```\r\nb\r\n```\r\nc", ["b\n"]),
        ("```\rb\r```\rc", ["b\n"]),
        ("~~~\nb\n~~~", ["b\n"]),
        ("   ```\n   b\n  ```   \t\n", ["   b\n"]),
        ("````\n```\nb\n```\n`````\n", ["```\nb\n```\n"]),
        ("~~~\n```\n~~~\n```\n~~~\n```", ["```\n", "~~~\n"]),
        ("```\n``` python\n```", ["``` python\n"]),
        ("```\n    ```\n```", ["    ```\n"]),
        ("~~~ a`b\nc\n~~~", ["c\n"]),
    ],
)
def test_closed_blocks_are_read_as_markdown_has_them(text, sources):
    blocks = list(fenced_blocks(text))

    assert sources == [block.source for block in blocks]
    assert None not in [block.end for block in blocks]
    assert [] == examine(text)


@pytest.mark.parametrize(
    "text",
    [
        "use ```b``` inline",
        "```b``` inline, at the line's start",
        "    ```\n    indented code",
        "     ```",
        "a ```\nb",
        "``\nb",
        "> ```\n> b",
        "    ~~~",
    ],
)
def test_what_is_no_fence_opens_no_block(text):
    assert [] == list(fenced_blocks(text))
    assert [] == examine(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("```", 1),
        ("a\n\n```python\nb = 1", 3),
        ("a\r\n```\r\nb", 2),
        ("````\nb\n```", 1),
        ("```\nb\n~~~", 1),
        ("```\nb\n    ```", 1),
        ("```\nb\n``` c", 1),
        ("```\na\n```\n```\nb", 4),
        ("a\n~~~", 2),
    ],
)
def test_a_block_that_is_never_closed_is_found_with_its_line(text, line):
    found = [
        (Code.UNCLOSED_FENCE, f"the block that begins on line {line} of the answer is never closed")
    ]

    assert found == examine(text)


def test_each_text_closes_its_own_blocks_and_an_instruction_is_not_looked_at():
    found = examine("```\nb", question="```\na", context="```\nc")

    assert ["the question", "the answer"] == [
        message.partition(" of ")[2].removesuffix(" is never closed") for _, message in found
    ]


def test_a_text_of_more_fences_than_anybody_writes_is_not_said_to_be_unclosed():
    assert [] == examine("```\n" * 2001)
    assert [] == examine("```\n" * 200_001)


def test_blocks_are_counted_by_the_language_that_they_name():
    contents, seen = begun()
    names = [
        "python",
        "PY",
        "Python3 title=x",
        "{.python}",
        "js",
        "",
        "c++",
        "objective-c",
        "json,x",
    ]
    names += ["tidelang", "secret-4711", "Ключ"]

    texts = ["".join(fence("1", name) for name in names), "```rust\n"]
    contents.examine(conversation("", texts, (True, False)))

    expected = {"c++": 1, "javascript": 1, "json": 1, "none": 1, "objective-c": 1, "other": 3}
    assert expected | {"python": 4, "rust": 1} == seen.to_json()["fences"]


def test_at_most_fifty_languages_are_told_apart():
    assert 50 == len({*LANGUAGES, "none", "other"})


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("python", "def f(x):\n    return x\n"),
        ("py", "    indented = 1\n    again = 2"),
        ("python3", "await f(...)\nreturn 1"),
        ("python", "'\\d'  # an invalid escape is a warning"),
        ("python", ">>> f(1)\n1"),
        ("python", "%matplotlib inline\nplot()"),
        ("python", "import x\n!pip install y"),
        ("python", "$ python x.py"),
        ("python", "..."),
        ("python", " \n"),
        ("python2", "print 1"),
        ("ruby", "def f(:"),
        ("", "def f(:"),
        ("json", '{"a": [1, 2.5e3, null, "é"]}'),
        ("toml", '[a]\nb = "c"'),
        ("jsonl", '{"a": 1}\n{"a": 2}'),
    ],
)
def test_a_block_that_parses_or_that_nothing_here_parses_is_left_alone(language, source):
    assert [] == examine(fence(source, language))


@pytest.mark.parametrize(
    ("language", "source", "named", "grammar"),
    [
        ("python", "a = 1\ndef f(:\n    pass", "python", f"{PYTHON} (its line 2)"),
        ("py", "print 'a'", "python", f"{PYTHON} (its line 1)"),
        ("python", "\n\n    a = (\n    b", "python", f"{PYTHON} (its line 3)"),
        ("json", '{\n "a": 1, // one\n "b": 2}', "json", "JSON (its line 2)"),
        ("json", '{"a": ...}', "json", "JSON (its line 1)"),
        ("json", '{"é": 1,\n"b": 2', "json", "JSON"),
        ("toml", "[a]\nb = c", "toml", "TOML (its line 2)"),
    ],
)
def test_a_block_that_does_not_parse_is_found_with_its_lines(language, source, named, grammar):
    (found,) = examine(f"So:\n\n{fence(source, language)}")

    begin = f"the {named} block that begins on line 3 of the answer does not parse as {grammar}"
    assert Code.CODE_DOES_NOT_PARSE == found[0]
    assert found[1].startswith(f"{begin};")


def test_a_sample_is_parsed_many_blocks_of_the_first_stretch_and_few_of_the_others():
    asked = conversation(
        "", ["How?", fence("(") * 3 + "```\n```\n" + fence("1 +", "json")], (True, False)
    )
    first = {"first_parsed_blocks": 7, "parsed_blocks": 2}
    contents, seen = begun(**first)
    later, seen_later = begun(is_first=False, **first)

    found = [len(contents.examine(asked)) for _ in range(3)]
    found_later = [len(later.examine(asked)) for _ in range(2)]

    assert [4, 3, 0] == found
    assert [2, 0] == found_later
    assert (7, 7) == (seen.parsed_blocks, seen.unparsable_blocks)
    assert (2, 2) == (seen_later.parsed_blocks, seen_later.unparsable_blocks)
    seen.merge(seen_later)
    assert {
        "fences": {"json": 5, "none": 5, "python": 15},
        "parsed_blocks": 9,
        "unparsable_blocks": 9,
    } == seen.to_json()


def test_a_block_beyond_the_longest_is_not_parsed():
    contents, seen = begun(parsed_block_characters=10)

    found = contents.examine(
        conversation("", ["How?", fence("(" * 10) + fence("(" * 9)], (True, False))
    )

    assert ["4"] == [finding.message.split()[7] for finding in found]
    assert 1 == seen.parsed_blocks


HOSTILE = """
import json, re, threading
from pathlib import Path
from tunedrop.domain.checks.code_parsing import fault_of

units = ["(", "[", "{", "-", "~", "not ", "lambda:", "a.", "a[", "f(", "a if b else ", "a or ", "a**"]
units += ["+0", "f'{", "f\\"{f'{", "(x\\"\\"f\\"\\\\\\\\{0}\\"<", "[a for a in ", "{a:", "async ", "a:=", "9"]
units += ["'", "if a: ", "match a:\\n case ", "import a.", "\\\\\\n", "\\t", "*", "@", "1_", "\\\\N{", "try:\\n"]
sources = [unit * (size // len(unit)) + tail for unit in units for size in (90, 600, 20_000) for tail in ("", "x")]
sources += ["".join(" " * depth + "if a:\\n" for depth in range(190))]
names = ["[", '{"a":', "a.", "[a.", "[[a]]\\n", "a = [", "a = {b = ", '"', "-", "1"]
sources += [name * (20_000 // len(name)) for name in names] + ["a = " + "[" * 19_000, "a." * 9_000 + "a = 1"]

def parse_all():
    faults = [bool(fault_of(name, source)) for source in sources for name in ("python", "json", "toml")]
    peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024
    print(json.dumps({"faults": len(faults), "peak_mib": peak}))

# In a thread, as a function's server runs it.
thread = threading.Thread(target=parse_all)
thread.start()
thread.join()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_no_block_crashes_the_interpreter_takes_long_or_takes_much_memory():
    """The parser is C, and documented to crash on sources that are long enough; these are as long as may be."""
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(HOSTILE)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert not child.returncode, child.stderr
    outcome = json.loads(child.stdout)
    assert 600 < outcome["faults"]
    assert 256 > outcome["peak_mib"]
