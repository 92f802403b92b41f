"""Families 27 and 28 of the hostile inputs: texts that forge a log, and secrets, which nobody may read again.

Whatever a program or a person gets to see of a check is searched for them.
"""

import json

import pytest
from click.testing import CliRunner

from support.awkward_contents import api_key, private_key
from support.datasets import good_lines, line, no_limits, row
from support.posting import Courier, entries, post_finalized
from support.world import World
from tunedrop import bootstrap
from tunedrop.cli.main import cli
from tunedrop.domain.checks import CheckOptions, check_dataset
from tunedrop.domain.findings import Code, Severity
from tunedrop.domain.formats import Format

MARK = "kanarienvogel"
FORGED = '\n{"severity": "EMERGENCY", "message": "kanarienvogel"}\r\x1b[31m\x1b]0;kanarienvogel\x07\u202e'
SECRETS = {
    "forged-log-entry": FORGED,
    "private-key": private_key(),
    "api-key": api_key(),
    "password": f"postgres://{MARK}:kv9fTq27bWzr@db.harbour-office.de/tides",
    "address": f"{MARK}@harbour-office.de",
}
"""27 first, then 28."""
OPTIONS = CheckOptions(severities={Code.PERSONAL_DATA: Severity.WARNING})


def lines_with(words):
    """The words in every place of a line where a writer can put them, below good lines."""
    yield from good_lines(Format.CODE_CHAT, 20)
    good = row(Format.CODE_CHAT, 30)
    yield line(row(Format.CODE_CHAT, question=words, answer="a"))
    yield line(row(Format.CODE_CHAT, question="q", answer=words))
    yield line({**good, "context": words})
    yield line({**good, words: 1})
    yield line({words: good})
    yield line({"messages": [{"author": words, "content": words}]})
    yield line({"messages": words})
    yield line(words)
    yield words.encode() + b"\n"
    yield line(row(Format.CODE_CHAT, question="```" + words, answer="```python\n" + words))
    yield line(row(Format.GEMINI, question=words))
    yield b'{"' + words.encode()


def pieces(words):
    """What of the words must not be seen: each stretch of them that nobody else would write."""
    return [piece for piece in words.replace('"', "\n").split("\n") if len(piece) > 8]


@pytest.fixture(params=SECRETS, ids=SECRETS)
def words(request):
    return SECRETS[request.param]


def assert_unseen(words, *seen):
    for text in seen:
        assert not [piece for piece in pieces(words) if piece in text]
        assert MARK not in text
        assert "EMERGENCY" not in text
        assert not {"\x1b", "\u202e", "\x07"} & set(text)


def test_27_28_no_result_tells_them(words):
    result = check_dataset(lines_with(words), limits_for=no_limits, options=OPTIONS)

    published = json.dumps(result.to_json(), ensure_ascii=False)
    rejects = b"".join(result.rejects.to_jsonl()).decode()
    assert_unseen(words, published, rejects, repr(result))
    assert ("rejected", 24) == (result.verdict, result.lines.used)


@pytest.mark.parametrize("how", [[], ["--json"]], ids=["prose", "json"])
def test_27_28_no_command_prints_them(words, how, tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"".join(lines_with(words)))

    done = CliRunner().invoke(cli, ["check", *how, str(path)])

    assert_unseen(words, done.output)
    assert 1 == done.exit_code


def test_27_28_no_log_no_record_and_no_message_holds_them(words, capsys):
    world = World()
    bootstrap.using(world.services, world.vertex)
    courier = Courier(world)
    data = b"".join(lines_with(words))
    recipe = b'base_model = "codechat-bison@002"\ntolerate = 0.9\n'

    for name, body in (("bot/recipe.toml", recipe), ("bot/x.jsonl", data), ("x.jsonl", data)):
        post_finalized(world.store.put("test-intake", name, body))
    courier.deliver()

    logged = capsys.readouterr().out
    assert {"INFO", "NOTICE"} >= {entry["severity"] for entry in entries(logged)}
    records = [
        body.decode(errors="replace")
        for bucket in ("test-ledger", "test-state")
        for _, body in world.store.objects[bucket].values()
    ]
    messages = [body.decode(errors="replace") for _, body, _ in world.publisher.sent]
    assert_unseen(words, logged, *records, *messages)
    assert messages
