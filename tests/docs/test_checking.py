"""The pages about checking say what is: options, words, codes, and the two snippets that run it elsewhere."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from tunedrop.cli.check import check
from tunedrop.cli.comparing import CONCLUSIONS, SAME
from tunedrop.cli.main import cli
from tunedrop.cli.reference import contexts
from tunedrop.domain.finding_rules import RULES, Code, Severity
from tunedrop.recipes import parse_recipe

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "checking.md").read_text()
FINDINGS = (ROOT / "docs" / "findings.md").read_text()
HOOKS = (ROOT / ".pre-commit-hooks.yaml").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
YAML = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [
    *re.findall(r"^\$ (tunedrop check .+)$", PAGE, re.MULTILINE),
    *re.findall(r"run: (tunedrop check .+)$", PAGE, re.MULTILINE),
]


def options_of(command):
    """The options and arguments of a command line, as click reads them; its files need not be there."""
    words = shlex.split(re.split(r" [|<>] ", command)[0])
    assert ["tunedrop", "check"] == words[:2]
    context = next(each for each in contexts(cli, None) if each.command is check)
    parsed, rest, _ = check.make_parser(context).parse_args(words[2:])
    assert [] == rest
    return parsed


def field(text, name):
    """A value of a YAML mapping on one line."""
    return re.search(rf"^[ -]*{name}: (.+)$", text, re.MULTILINE)[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_is_shown_is_understood(command):
    assert options_of(command)["files"]


def test_every_option_is_explained():
    options = {name for parameter in check.params for name in parameter.opts if "--" in name}

    assert [] == sorted(name for name in options if f"`{name}" not in PAGE)


def test_the_words_of_a_comparison_are_those_of_the_code():
    table = PAGE.partition("## Better or worse")[2].partition("\n## ")[0]

    assert {*CONCLUSIONS.values(), SAME} == set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))


def test_the_recipe_that_is_shown_can_be_used():
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    recipe = parse_recipe(text.encode(), source="docs/checking.md")

    assert (0.01, True) == (recipe.tolerate, recipe.strict)
    assert {
        Code.EXACT_DUPLICATE: Severity.OFF,
        Code.SECRET_IN_TEXT: Severity.ERROR,
        Code.PERSONAL_DATA: Severity.WARNING,
    } == dict(recipe.severities.chosen())


@pytest.mark.parametrize("severity", list(Severity))
def test_every_code_stands_once_below_its_severity(severity):
    section = FINDINGS.split("\n## ")[1 + list(Severity).index(severity)]
    codes = re.findall(r'^\| <a id="(\w+)"></a>`\1` \|', section, re.MULTILINE)

    assert [rule.code for rule in RULES.values() if rule.severity is severity] == codes


def test_every_row_of_the_findings_has_five_cells():
    rows = [line for line in FINDINGS.splitlines() if line.startswith("| <a ")]

    assert {6} == {len(re.findall(r"(?<!\\)\|", row)) for row in rows}


def test_links_to_a_finding_lead_to_it():
    linked = re.findall(r"findings\.md#(\w+)", PAGE)

    assert linked
    assert [] == [code for code in linked if f'<a id="{code}"></a>' not in FINDINGS]


def test_the_hook_runs_a_check_of_the_structure():
    hook = next(text for text in YAML if "repos:" in text)
    arguments = field(HOOKS, "args").strip("[]")
    parsed = options_of(f"{field(HOOKS, 'entry')} {arguments} a.jsonl b.jsonl")

    assert field(HOOKS, "id") == field(hook, "id")
    assert parsed["structure_only"]
    assert ("a.jsonl", "b.jsonl") == parsed["files"]


@pytest.mark.parametrize(
    ("name", "is_checked"),
    [("data/train.jsonl", True), ("fixed.jsonl.rejects.jsonl", False), ("notes.json", False)],
)
def test_the_hook_takes_datasets(name, is_checked):
    wanted, unwanted = field(HOOKS, "files"), field(HOOKS, "exclude")

    assert is_checked == bool(re.search(wanted, name) and not re.search(unwanted, name))


def test_the_hook_installs_what_the_command_line_needs_besides_the_package():
    named = re.findall(r'"([^"]+)"', field(HOOKS, "additional_dependencies"))
    extra = PROJECT["optional-dependencies"]["local"]

    assert [each for each in extra if each.startswith(("click", "rich"))] == named


def test_the_workflow_installs_tunedrop_from_a_git_reference():
    workflow = next(text for text in YAML if "jobs:" in text)
    (extra, source) = re.search(r'run: pip install "tunedrop\[(\w+)\] @ (.+)"', workflow).groups()

    assert extra in PROJECT["optional-dependencies"]
    assert re.fullmatch(r"git\+https://\S+/tunedrop@REF", source)
    assert "tunedrop check --json datasets/*.jsonl > checked.json" in workflow
