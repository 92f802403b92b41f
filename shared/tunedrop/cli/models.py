"""`tunedrop models`: the tuned models that were registered, or those that the service lists.

Parses, reads, prints.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tunedrop.cli.environment import services, vertex
from tunedrop.cli.options import json_option
from tunedrop.cli.output import moment, plain, print_json, print_note, print_table

if TYPE_CHECKING:
    from tunedrop.handlers.champions import Champion
    from tunedrop.services import Services

_REGISTERED = (
    "base model",
    "recipe",
    "version",
    "champion",
    "registered",
    "USD estimated",
    "USD billed",
    "run",
    "tuned model",
    "endpoint",
)
_LISTED = ("name", "version", "display_name", "aliases", "endpoints", "created_at")


@click.command()
@click.option("--base-model", help="Only models tuned from this base model.")
@click.option("--recipe", help="Only models of this recipe.")
@click.option(
    "--vertex", "from_service", is_flag=True, help="Ask the service by base model instead."
)
@click.option("--location", help="Where to ask the service; the deployment's region when absent.")
@json_option
def models(
    base_model: str | None,
    recipe: str | None,
    location: str | None,
    *,
    from_service: bool,
    as_json: bool,
) -> None:
    """List the tuned models by base model, each recipe's champion marked.

    A champion whose base model retires within 60 days is named with the command that tunes its
    dataset on the replacement, and with what that costs. A record that cannot be read is named on
    standard error and left out.

    With --vertex the service's own registry is asked by base model, as the vendor's SDK does in
    list_tuned_model_names; it then holds models that others tuned, too.

    \b
    Example:
      tunedrop models --recipe support-bot
      tunedrop models --vertex --base-model code-bison@002
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    if from_service and (base_model is None or recipe is not None):
        raise click.UsageError("--vertex goes by --base-model, and by nothing else")
    if location and not from_service:
        raise click.UsageError("--location belongs to --vertex")
    if from_service:
        found = list(_listed(str(base_model), location))
        if not as_json:
            print_table(_LISTED, ([model[column] for column in _LISTED] for model in found))
    else:
        broken: list[str] = []
        found = registered(services(), recipe, base_model, broken=broken)
        if not as_json:
            _print(found)
        for line in broken:
            print_note(f"left out: {line}")
    if as_json:
        print_json(found)


def registered(
    deployment: "Services",
    recipe: str | None = None,
    base_model: str | None = None,
    *,
    broken: list[str],
) -> list[dict[str, Any]]:
    """The tuned models of the ledger as plain values, by base model, recipe and version.

    From listings alone, but for a read of each champion that has to be tuned anew: of all recipes a
    call for each thousand versions and each thousand promotions, of one recipe its versions and two.

    Args:
        deployment: Whose ledger is listed.
        recipe: Only this recipe's.
        base_model: Only those tuned from this one.
        broken: Takes a line for each record that cannot be read, which is then left out.
    """
    import msgspec

    from tunedrop import registry
    from tunedrop.retirement import retiring

    found = [
        model
        for model in registry.versions(deployment, recipe, broken=broken)
        if base_model in {None, model.base_model}
    ]
    crowned = {
        (each.recipe, each.version) for each in _champions(deployment, recipe, broken=broken)
    }
    champion_models = [model for model in found if (model.recipe, model.version) in crowned]
    ending = {
        (each.recipe, each.version): each
        for each in retiring(deployment, champion_models, broken=broken)
    }
    found.sort(key=lambda model: (model.base_model, model.recipe, model.version))
    return [
        {
            **msgspec.structs.asdict(model),
            "champion": key in crowned,
            "retires": msgspec.to_builtins(ending[key]) if key in ending else None,
        }
        for model in found
        for key in [(model.recipe, model.version)]
    ]


def _champions(
    deployment: "Services", recipe: str | None, *, broken: list[str]
) -> "Iterable[Champion]":
    from tunedrop.handlers import champions
    from tunedrop.listed import noting

    if recipe is None:
        return champions.certain(deployment, broken=broken)
    champion = None
    with noting(broken):
        champion = champions.newest(deployment, recipe)
    return [champion] if champion else []


def _print(found: Sequence[Mapping[str, Any]]) -> None:
    print_table(_REGISTERED, (_cells(model) for model in found))
    for model in found:
        if model["retires"]:
            click.echo(plain(retirement_words(model["retires"])))


def retirement_words(retires: Mapping[str, Any]) -> str:
    """What to do about a champion whose base model retires."""
    told = f"{retires['recipe']}, version {retires['version']}: {retires['base_model']} retires on {retires['on']}"
    if not retires["replacement"]:
        return f"{told}; the catalog names no replacement"
    usd = retires["estimated_usd"]
    cost = "the price is not known" if usd is None else f"about {usd:,.2f} USD"
    ours = f"{told}; to tune {retires['replacement']} in its place ({cost}): {retires['command']}"
    if not retires["not_taken"]:
        return ours
    return (
        f"{ours}; first take out of the recipe, if it has them: {', '.join(retires['not_taken'])}"
    )


def _cells(model: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        model["base_model"],
        model["recipe"],
        model["version"],
        "champion" if model["champion"] else "",
        moment(model["at"]),
        _usd(model["estimated_usd"]),
        _usd(model["billed_usd"]),
        model["run_id"],
        model["tuned_model"],
        model["endpoint"],
    )


def _usd(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def _listed(base_model: str, location: str | None) -> Iterator[dict[str, Any]]:
    from tunedrop.bootstrap import settings

    label = base_model.replace("@", "-")
    place = location or settings().region
    for model in vertex().models.list_tuned(location=place, base_model_label=label):
        yield {
            "name": model.name,
            "version": model.version_id,
            "display_name": model.display_name,
            "labels": dict(model.labels),
            "aliases": list(model.aliases),
            "endpoints": list(model.endpoints),
            "created_at": model.created_at,
        }
