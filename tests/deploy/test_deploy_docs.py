"""What the pages say of the deploy tool is what it does."""

import re
from pathlib import Path

import pytest

from tunedrop_deploy_lib.cli import main

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/deploy.md", "docs/observability.md")
CALL = re.compile(r"deploy/tunedrop_deploy\.py ([a-z]+)((?: --?[a-z-]+(?:[ =][^\s-]\S*)?)*)")


def helped(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        main([*arguments, "--help"])
    assert 0 == left.value.code
    return capsys.readouterr().out


def named_in(text):
    return re.findall(r"^    ([a-z]+) ", text, re.MULTILINE)


def test_the_table_of_the_page_names_every_command(capsys):
    page = (ROOT / "docs" / "deploy.md").read_text()
    rows = re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE)

    assert named_in(helped(capsys)) == rows


@pytest.mark.parametrize("page", PAGES)
def test_each_call_that_a_page_shows_has_a_command_and_flags_that_exist(page, capsys):
    calls = CALL.findall((ROOT / page).read_text())
    unknown = [
        (command, flag)
        for command, flags in calls
        for flag in re.findall(r"--[a-z-]+", flags)
        if flag not in helped(capsys, command)
    ]

    assert [] == unknown


def test_the_pages_show_calls(capsys):
    shown = {command for page in PAGES for command, _ in CALL.findall((ROOT / page).read_text())}

    assert (
        {"plan", "apply", "verify", "selftest", "destroy"} <= shown <= {*named_in(helped(capsys))}
    )
