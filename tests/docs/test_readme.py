"""The README says what is: its commands exist, its outputs are real, its links lead somewhere."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tunedrop.cli.main import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
CONSOLE = re.findall(r"```console\n\$ (.+)\n((?:.*\n)*?)```", README)
CHECKS = [(command, output) for command, output in CONSOLE if command.startswith("tunedrop ")]


def pattern_of(output):
    """The output as an expression in which … stands for anything."""
    return ".*".join(re.escape(part) for part in output.strip("\n").split("…"))


def test_the_first_command_comes_early():
    first = next(
        number for number, line in enumerate(README.splitlines(), start=1) if line.startswith("$ ")
    )

    assert 25 >= first


def test_the_two_commands_of_a_fresh_clone_are_make_targets():
    makes = [command.split()[1] for command, _ in CONSOLE if command.startswith("make ")]
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert ["demo", "test"] == makes
    assert set(makes) <= set(targets)


@pytest.mark.parametrize(("command", "output"), CHECKS, ids=[command for command, _ in CHECKS])
def test_each_shown_output_is_what_the_command_prints(command, output, monkeypatch):
    monkeypatch.chdir(ROOT)
    result = CliRunner(env={"COLUMNS": "120"}).invoke(cli, command.split()[1:])

    assert re.search(pattern_of(output), result.stdout, re.DOTALL), result.stdout


def test_every_command_that_is_named_exists():
    named = {
        tuple(words.split()) for words in re.findall(r"`tunedrop ([a-z-]+(?: (?:run|up))?)", README)
    }
    missing = [
        words for words in named if CliRunner().invoke(cli, [*words, "--help"]).exit_code != 0
    ]

    assert named
    assert [] == missing


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CONTRIBUTING.md",
        *(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md")),
    ],
)
def test_links_within_the_repository_lead_somewhere(page):
    path = ROOT / page
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text())

    assert [] == [link for link in links if not (path.parent / link).exists()]


def test_the_changelog_leads_with_the_packages_version():
    import tunedrop

    assert (
        tunedrop.__version__
        == re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1]
    )
