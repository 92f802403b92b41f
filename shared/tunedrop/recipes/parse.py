"""From bytes or a mapping to a recipe, or to every problem that stands in the way.

Kept from knowing where the bytes came from; `source` is only a name for the reader.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tunedrop.errors import Problem, RecipeError
from tunedrop.recipes.model import EXCLUSIVE, SECTIONS, Recipe, has_field, recipe_model
from tunedrop.suggest import did_you_mean, shown

MAX_RECIPE_BYTES = 64 * 1024
MAX_PROBLEMS = 50
MAX_DEPTH = (
    12  # of tables and arrays in one another; recipes need two, a template's parameters a few more
)
_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
# tomllib takes quadratic time over one dotted key: 22 seconds for the longest that 64 KiB can hold.
_LONG_KEY = re.compile(
    r"""(?<![\w-])(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')(?:[ \t]*+\.[ \t]*+(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')){16}"""
)
_REMEDY = "correct the value; docs/recipes.md lists every field"


def parse_recipe(data: bytes, *, source: str) -> Recipe:
    """Read a recipe from the bytes of a TOML file.

    Args:
        data: The whole file, at most 64 KiB of UTF-8; a byte order mark is allowed.
        source: What to call the file in problems, such as its object name.

    Raises:
        RecipeError: every problem at once, each at `<source> line N` or `<source>: tuning.epochs`.
    """
    return recipe_from_mapping(_toml(data, source), source=source)


def recipe_from_mapping(mapping: Mapping[str, object], *, source: str) -> Recipe:
    """Read a recipe from nested tables, such as the JSON object inside a message.

    Raises:
        RecipeError: every problem at once, each at `<source>: <dotted field>`.
    """
    too_deep = deep_problems(mapping, source)
    if too_deep:
        raise RecipeError(too_deep)
    problems = [*_null_problems(mapping, source), *_pair_problems(mapping, source)]
    try:
        recipe = recipe_model(mapping).model_validate(mapping)
    except ValidationError as error:
        reported = {problem.where for problem in problems}
        problems.extend(
            problem
            for details in error.errors(include_url=False)[: MAX_PROBLEMS * 2]
            if details["type"] not in {"exclusive", "no_base_model"}
            if (problem := _problem_of(details, source)).where not in reported
        )
        raise RecipeError(at_most(problems)) from None
    if problems:
        raise RecipeError(at_most(problems))
    return recipe


def deep_problems(mapping: Mapping[str, object], source: str) -> list[Problem]:
    """Refuse tables nested so deep that reading them on could exhaust the stack."""
    level: list[object] = [mapping]
    for _ in range(MAX_DEPTH):
        level = [inner for value in level for inner in _inner(value)]
        if not level:
            return []
    return [Problem(source, f"tables at most {MAX_DEPTH} deep", "deeper ones", "flatten them")]


def at_most(problems: list[Problem]) -> list[Problem]:
    """Cut a long list of problems, and say that there are more."""
    if len(problems) <= MAX_PROBLEMS:
        return problems
    first = problems[0]
    more = Problem(first.where, "a recipe", "many more problems", "mend these first", first.code)
    return [*problems[:MAX_PROBLEMS], more]


def known_fields(section: str) -> list[str]:
    """Return the field names of a section, or of the recipe's top level for an empty name."""
    model = SECTIONS[section]() if section in SECTIONS else Recipe
    return list(model.model_fields)


def _toml(data: bytes, source: str) -> dict[str, object]:
    if len(data) > MAX_RECIPE_BYTES:
        remedy = "move whatever is not a setting elsewhere"
        expected = f"at most {MAX_RECIPE_BYTES} bytes"
        raise RecipeError([Problem(source, expected, f"{len(data)} bytes", remedy, "too_large")])
    try:
        text = data.decode("utf-8-sig")
        long_key = _LONG_KEY.search(text)
        if long_key is None:
            return tomllib.loads(text)
        line = text.count("\n", 0, long_key.start()) + 1
        found, remedy = "a longer one", "put spaces between words, or shorten the key"
        problem = Problem(f"{source} line {line}", "keys of few parts", found, remedy, "not_toml")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = Problem(f"{source} line {line}", "UTF-8", "other bytes", "save it as UTF-8")
    except RecursionError:
        problem = Problem(source, "few nested arrays", "too many", "flatten them", "not_toml")
    except ValueError as error:
        problem = _syntax_problem(str(error), data, source)
    raise RecipeError([problem])


def _syntax_problem(message: str, data: bytes, source: str) -> Problem:
    at = _LINE.search(message)
    line = (at and at[1]) or str(data.rstrip(b"\n").count(b"\n") + 1)
    # The part before the place is the parser's own sentence; it can quote a key, hence the cut.
    found = _LINE.sub("", message)
    return Problem(
        where=f"{source} line {line}" if at else source,
        expected="TOML",
        found=shown(found, limit=80),
        remedy="mend this line; texts stand in double quotes, sections in square brackets",
        code="not_toml",
    )


def _null_problems(mapping: Mapping[str, object], source: str) -> list[Problem]:
    return [
        Problem(f"{source}: {where}", "a value", "null", "leave the field out to unset it")
        for where, value in _leaves(mapping)
        if value is None
    ]


def _leaves(mapping: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in mapping.items():
        where = f"{prefix}{_name(key)}"
        if isinstance(value, Mapping) and not prefix:
            yield from _leaves(value, f"{where}.")
        else:
            yield where, value


def _pair_problems(mapping: Mapping[str, object], source: str) -> list[Problem]:
    # The model holds these too, but gets to them only once every single field is right.
    problems = [
        Problem(
            where=f"{source}: {other}",
            expected=f"{one} or {other}",
            found="both",
            remedy="remove one of the two",
            code="exclusive",
        )
        for one, other in EXCLUSIVE
        if has_field(mapping, one) and has_field(mapping, other)
    ]
    if not {"base_model", "pipeline"} & mapping.keys():
        expected = "base_model, or a [pipeline] of your own"
        problems.append(Problem(source, expected, "neither", "add one of them", "missing_field"))
    return problems


def _problem_of(details: ErrorDetails, source: str) -> Problem:
    path = [_name(part) for part in details["loc"]]
    # A union adds the name of its branch to the path; the field ends before it.
    known = path[:2] if path and path[0] in SECTIONS else path[:1]
    kind = details["type"]
    where = f"{source}: {'.'.join(known)}" if known else source
    if kind == "extra_forbidden":
        names = known_fields(path[0] if len(path) > 1 else "")
        remedy = did_you_mean(str(details["loc"][-1]), names)
        return Problem(where, "a known field", shown(path[-1]), remedy, "unknown_field")
    if kind == "missing":
        return Problem(where, "a value", "nothing", "add it", "missing_field")
    expected = details["msg"].removeprefix("Input should be ").removeprefix("Input should ")
    return Problem(where, expected, _found(details["input"], kind), _REMEDY)


def _found(value: object, kind: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"{value}".lower()
    if isinstance(value, (int, float)):
        return (
            f"{value:.12g}" if isinstance(value, float) or abs(value) < 10**12 else "a huge number"
        )
    if isinstance(value, str):
        # A prompt or a secret may stand in the wrong field; a mistyped choice is worth showing.
        return (
            shown(value)
            if kind in {"literal_error", "milder"}
            else f"a text of length {len(value)}"
        )
    if isinstance(value, Mapping):
        return "a table"
    return "an array" if isinstance(value, list) else f"a {type(value).__name__}"


def _name(part: object) -> str:
    text = str(part)
    return text if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", text) else shown(text)


def _inner(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else []
