"""`tunedrop models`: the tuned models that were registered, or those that the service lists.

Parses, reads, prints.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tunedrop.cli.environment import services, vertex
from tunedrop.cli.options import json_option
from tunedrop.cli.output import print_json, print_table
from tunedrop.domain import places

if TYPE_CHECKING:
    from tunedrop.services import Services

_PREFIX = "registry/"
_REGISTERED = ("recipe", "version", "base_model", "tuned_model", "endpoint", "run_id", "at")
_LISTED = ("name", "version", "display_name", "endpoints", "created_at")


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
    """List the tuned models.

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
    else:
        found = list(registered(services(), recipe, base_model))
    columns = _LISTED if from_service else _REGISTERED
    if as_json:
        print_json(found)
    else:
        print_table(columns, ([model[column] for column in columns] for model in found))


def registered(
    deployment: "Services", recipe: str | None = None, base_model: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the ledger's tuned models, recipe by recipe, oldest first."""
    prefix = places.registry_prefix(recipe) if recipe else _PREFIX
    for info in deployment.ledger.list(prefix):
        record = deployment.ledger.read(info.name)
        if record and base_model in (None, record["base_model"]):
            yield {
                field: value for field, value in record.items() if field not in {"owner", "kind"}
            }


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
            "endpoints": list(model.endpoints),
            "created_at": model.created_at,
        }
