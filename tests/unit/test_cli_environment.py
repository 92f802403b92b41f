"""Which deployment a command talks to, and which error ends in which exit code."""

import os

import click
import pytest
from click.testing import CliRunner

from tunedrop import bootstrap
from tunedrop.cli.environment import enter, read_env_file
from tunedrop.cli.main import Commands, cli
from tunedrop.errors import (
    AccessDeniedError,
    ConfigError,
    CorruptRecordError,
    NotFoundError,
    Problem,
    RecipeError,
    RefusedError,
    TunedropError,
    UpstreamUnavailableError,
    UsageError,
)

PROBLEMS = [
    Problem("recipe.toml: tolerate", "a share", "a text", "write a number"),
    Problem("recipe.toml: epocs", "a known field", "'epocs'", "did you mean 'epochs'?"),
]


@pytest.fixture(autouse=True)
def _own_environment():
    before = dict(os.environ)
    bootstrap.forget()
    for name in [*os.environ]:
        if name.startswith("TUNEDROP_"):
            del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(before)
    bootstrap.forget()


@pytest.fixture
def env_file(tmp_path):
    def write(text):
        path = tmp_path / "deployment.env"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("A=1\nB=two words\n".replace("two words", "'two words'"), {"A": "1", "B": "two words"}),
        ("export A=1\n", {"A": "1"}),
        ("# a comment\n\nA=1 # another\n", {"A": "1"}),
        ("A=\n", {"A": ""}),
        ("A=x=y,z=1\n", {"A": "x=y,z=1"}),
        ("", {}),
    ],
    ids=["quotes", "export", "comments", "empty value", "equals sign in a value", "empty file"],
)
def test_an_env_file_is_read_as_a_shell_would(env_file, text, variables):
    assert variables == read_env_file(env_file(text))


@pytest.mark.parametrize("line", ["A", "1A=b", "A='b", "echo hello"])
def test_a_line_that_is_no_assignment_is_named(env_file, line):
    path = env_file(f"A=1\n{line}\n")

    with pytest.raises(UsageError, match="line 2: expected NAME=value"):
        read_env_file(path)


def test_an_env_file_takes_the_place_of_the_whole_deployment(env_file):
    os.environ |= {
        "TUNEDROP_PROJECT": "another",
        "TUNEDROP_LOCKED_FIELDS": "budget",
        "STORAGE_EMULATOR_HOST": "http://127.0.0.1:1",
        "ELSE": "stays",
    }
    enter(env_file("TUNEDROP_PROJECT=mine\n"))

    kept = {
        name: os.environ.get(name) for name in ("TUNEDROP_LOCKED_FIELDS", "STORAGE_EMULATOR_HOST")
    }
    assert {"TUNEDROP_LOCKED_FIELDS": None, "STORAGE_EMULATOR_HOST": None} == kept
    assert ("mine", "stays") == (os.environ["TUNEDROP_PROJECT"], os.environ["ELSE"])


def test_the_variable_that_names_the_file_is_none_of_the_settings(env_file):
    """`Settings` refuses what it does not know; the message then names what is really missing."""
    os.environ["TUNEDROP_ENV_FILE"] = str(env_file("TUNEDROP_PROJECT=acme-tuning\n"))
    result = CliRunner().invoke(cli, ["runs"])

    assert 3 == result.exit_code
    assert "TUNEDROP_INTAKE_BUCKET: Field required" in result.stderr
    assert "TUNEDROP_ENV_FILE" not in result.stderr
    assert "TUNEDROP_PROJECT" not in result.stderr


def test_without_a_deployment_the_message_says_how_to_name_one():
    result = CliRunner().invoke(cli, ["runs"])

    assert 3 == result.exit_code
    assert "--env-file" in result.stderr
    assert "Traceback" not in result.output


def failing(error):
    """A group with one command, which raises."""

    @click.group(cls=Commands)
    def group():
        pass

    @group.command()
    def fail():
        raise error

    return CliRunner().invoke(group, ["fail"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no such run"), 2),
        (RecipeError(PROBLEMS), 1),
        (RefusedError("not here"), 1),
        (UpstreamUnavailableError("no answer"), 3),
        (AccessDeniedError("not you"), 3),
        (ConfigError("a variable is missing"), 3),
        (CorruptRecordError("a record cannot be read"), 3),
        (NotFoundError("gs://a/b"), 3),
        (TunedropError("something"), 3),
        (KeyboardInterrupt(), 130),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else str(value),
)
def test_each_kind_of_error_has_its_exit_code_and_no_traceback(error, code):
    result = failing(error)

    assert code == result.exit_code
    assert "Traceback" not in result.output
    assert str(error).splitlines()[:1] == [
        line.removeprefix("tunedrop: ") for line in result.stderr.splitlines()[:1] if str(error)
    ]


def test_every_problem_of_a_recipe_gets_a_line():
    assert [f"tunedrop: {problem}" for problem in PROBLEMS] == failing(
        RecipeError(PROBLEMS)
    ).stderr.splitlines()


def test_an_unknown_error_keeps_its_traceback_and_ends_with_three():
    result = failing(ZeroDivisionError("of ours"))

    assert 3 == result.exit_code
    assert "Traceback" in result.stderr
    assert "ZeroDivisionError: of ours" in result.stderr


def test_control_characters_in_a_message_do_not_reach_the_terminal():
    assert "\x1b" not in failing(UsageError("gs://a/\x1b[2J: expected another name")).stderr


def test_an_unknown_command_is_wrong_usage():
    assert 2 == CliRunner().invoke(cli, ["tune"]).exit_code
