"""Families 53 and 54 of the hostile inputs: configuration files that are programs, and environments that are none."""

import ast
from pathlib import Path

import pytest

from support.hostile_deliveries import Siege, code_rows
from support.posting import entries, post_finalized, push
from support.world import BUCKETS
from tunedrop import bootstrap
from tunedrop.catalog import load_catalog
from tunedrop.config import Settings
from tunedrop.errors import AccessDeniedError, ConfigError, RecipeError
from tunedrop.recipes import parse_recipe

ROOT = Path(__file__).parents[2]
DEPLOYED = ["shared/tunedrop", "functions"]
RUNNING_TEXT = {"yaml", "ruamel", "pickle", "cPickle", "marshal", "shelve", "dill", "jsonpickle"}
"""Modules whose reading of a file can run it, or grow it without bound."""
OWN_PARENT = {"shared/tunedrop/cli/workers.py"}
"""Reads what its own parent process wrote, and is not deployed."""


def modules():
    return [path for folder in DEPLOYED for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def called(tree):
    return {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def test_family_53_nothing_reads_a_file_by_running_it():
    found = []
    for path in modules():
        tree = ast.parse(path.read_text())
        name = path.relative_to(ROOT).as_posix()
        found += [(name, module) for module in RUNNING_TEXT & set(imported(tree))]
        found += [(name, call) for call in {"eval", "exec"} & called(tree)]

    assert {name for name, _ in found} <= OWN_PARENT


LAUGHS = "".join(
    f"{chr(97 + n)}: &{chr(97 + n)} [{', '.join([f'*{chr(96 + n)}'] * 9 if n else ['lol'] * 9)}]\n"
    for n in range(9)
)
PROGRAMS = {
    "billion-laughs": LAUGHS,
    "yaml-tag": '!!python/object/apply:os.system ["id"]\n',
    "yaml": "base_model: code-bison@002\n",
    "pickle": "cos\nsystem\n(S'id'\ntR.",
    "import": "__import__('os').system('id')\n",
    "template": "{{ ''.__class__.__mro__ }}\n",
    "shell": "$(id) `id` ; id\n",
    "xml": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>\n',
    "ini": "[DEFAULT]\nbase_model = %(x)s\n",
    "merge-key": "<<: *a\n",
}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_family_53_a_program_is_no_recipe(text):
    with pytest.raises(RecipeError):
        parse_recipe(text.encode(), source="recipe.toml")


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_family_53_a_program_in_place_of_a_recipe_is_answered(capfd, text):
    siege = Siege(capfd)

    answer = siege.finalize(siege.store.put("test-intake", "bot/recipe.toml", text))

    assert (200, "recipe_rejected") == (answer.status, answer.code)
    siege.assert_silent()


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_family_53_a_program_is_no_catalog(tmp_path, text):
    file = tmp_path / "catalog.toml"
    file.write_text(text)

    with pytest.raises(ConfigError):
        load_catalog(file)


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_family_53_a_program_inside_a_recipe_is_a_text(capfd, text):
    siege = Siege(capfd)
    siege.store.put("test-intake", "x.jsonl", code_rows())
    recipe = {"base_model": "code-bison@002", "description": text[:1000]}

    answer = siege.push(
        "requests", {"dataset_uri": "gs://test-intake/x.jsonl", "inline_recipe": recipe}
    )
    siege.world.deliver()

    assert (200, "accepted") == (answer.status, answer.code)
    ((_, body),) = siege.created()
    assert text[:1000] not in str(body)


@pytest.mark.parametrize("length", [64 * 1024 + 1, 10**7])
def test_family_53_a_recipe_longer_than_the_limit_is_not_read(capfd, length):
    siege = Siege(capfd)

    answer = siege.finalize(siege.store.put("test-intake", "bot/recipe.toml", "#" * length))

    assert (200, "recipe_rejected") == (answer.status, answer.code)


GOOD = {
    "TUNEDROP_PROJECT": "test-project",
    **{f"TUNEDROP_{role.upper()}": bucket for role, bucket in BUCKETS.items()},
}
BLANKS = {"missing": None, "blank": "", "spaces": "   ", "line-end": "\n", "tab": "\t \r\n"}


def without(name, value):
    return {key: text for key, text in {**GOOD, name: value}.items() if text is not None}


@pytest.mark.parametrize("value", BLANKS.values(), ids=BLANKS)
@pytest.mark.parametrize("name", GOOD)
def test_family_54_a_variable_that_is_missing_or_blank_is_named(name, value):
    with pytest.raises(ConfigError, match=name):
        Settings.from_mapping(without(name, value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TUNEDROP_PROJECT", "Test Project"),
        ("TUNEDROP_PROJECT", "p"),
        ("TUNEDROP_INTAKE_BUCKET", "gs://test-intake"),
        ("TUNEDROP_INTAKE_BUCKET", "test-intake/"),
        ("TUNEDROP_INTAKE_BUCKET", "Test-Intake"),
        ("TUNEDROP_INTAKE_BUCKET", "test-intake\ntest-other"),
        ("TUNEDROP_INTAKE_BUCKET", "t\u0435st-intake"),
        ("TUNEDROP_REGION", "mars"),
        ("TUNEDROP_REGION", "us-central1/../x"),
        ("TUNEDROP_DEPLOYMENT", "../other"),
        ("TUNEDROP_DEPLOYMENT", "a" * 31),
        ("TUNEDROP_MAX_USD_PER_RUN", "-1"),
        ("TUNEDROP_MAX_USD_PER_RUN", "much"),
        ("TUNEDROP_MAX_USD_PER_RUN", "nan"),
        ("TUNEDROP_MAX_USD_PER_DAY", "nan"),
        ("TUNEDROP_MAX_CONCURRENT_JOBS", "0"),
        ("TUNEDROP_MAX_CONCURRENT_JOBS", "1e9"),
        ("TUNEDROP_MAX_DATASET_BYTES", "0"),
        ("TUNEDROP_ALLOW_UNPRICED", "perhaps"),
        ("TUNEDROP_TIMINGS", "lease_seconds=-1"),
        ("TUNEDROP_TIMINGS", "lease_seconds=nan"),
        ("TUNEDROP_TIMINGS", "lease_seconds=1e400"),
        ("TUNEDROP_TIMINGS", "no_such_seconds=1"),
        ("TUNEDROP_TIMINGS", "lease_seconds"),
        ("TUNEDROP_VERTEX_EMULATOR_HOST", "evil.example.com:80"),
        ("TUNEDROP_NO_SUCH_THING", "1"),
    ],
)
def test_family_54_a_variable_that_cannot_be_used_is_named_and_not_repeated(name, value):
    with pytest.raises(ConfigError) as caught:
        Settings.from_mapping({**GOOD, name: value})

    assert name.partition("_HOST")[0].removeprefix("TUNEDROP_").lower() in str(caught.value).lower()
    assert f" {value}" not in str(caught.value).replace(name, "") or len(value) < 3


def test_family_54_what_stands_around_a_value_is_no_part_of_it():
    around = {name: f" {value}\n" for name, value in GOOD.items()}

    assert Settings.from_mapping(GOOD) == Settings.from_mapping(around)


ROLES = [name for name in GOOD if name.endswith("_BUCKET")]


@pytest.mark.parametrize("name", [name for name in ROLES if "INTAKE" not in name])
def test_family_54_a_deployment_that_writes_where_it_reads_is_none(name):
    with pytest.raises(ConfigError, match="feeds itself"):
        Settings.from_mapping({**GOOD, name: GOOD["TUNEDROP_INTAKE_BUCKET"]})


@pytest.mark.parametrize("value", [GOOD[name] for name in ROLES])
def test_family_54_a_bucket_of_the_deployment_is_no_further_dataset_bucket(value):
    with pytest.raises(ConfigError, match="feeds itself"):
        Settings.from_mapping({**GOOD, "TUNEDROP_EXTRA_DATASET_BUCKETS": f"lake, {value}"})


@pytest.mark.parametrize("value", BLANKS.values(), ids=BLANKS)
def test_family_54_functions_without_their_settings_ask_for_every_delivery_again(
    monkeypatch, capfd, value
):
    siege = Siege(capfd)
    bootstrap.forget()
    for name, text in without("TUNEDROP_INTAKE_BUCKET", value).items():
        monkeypatch.setenv(name, text)
    info = siege.store.put("test-intake", "x.jsonl", code_rows())

    statuses = [post_finalized(info).status_code]
    statuses += [push(topic, {}).status_code for topic in ("requests", "launches", "control")]

    said, complained = capfd.readouterr()
    assert [500] * 4 == statuses
    assert {("again", "config_invalid")} == {
        (entry["answer"], entry["logging.googleapis.com/labels"]["code"]) for entry in entries(said)
    }
    assert "TUNEDROP_INTAKE_BUCKET" in said
    assert "" == complained


@pytest.mark.parametrize("method", ["stat", "read", "write", "stream"])
def test_family_54_a_bucket_of_another_project_is_no_reason_to_give_a_drop_up(capfd, method):
    """Whose a bucket is, the doctor tells (`test_doctor`); a function only meets that it may not."""
    siege = Siege(capfd)
    info = siege.store.put("test-intake", "x.jsonl", code_rows())

    def denied(*_, **__):
        raise AccessDeniedError(
            "gs://test-ledger: 403: does not have storage.objects.create access"
        )

    setattr(siege.store, method, denied)
    answer = siege.finalize(info)

    assert (500, "again", "access_denied") == answer[:3]
    siege.assert_silent()
