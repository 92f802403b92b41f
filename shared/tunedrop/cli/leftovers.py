"""`tunedrop leftovers`: endpoints that are of no use any more, with the command that takes each away.

Parses, prints; removes nothing.
"""

import click

from tunedrop.cli.environment import services, vertex
from tunedrop.cli.options import json_option
from tunedrop.cli.output import moment, plain, print_json, print_table

_COLUMNS = ("why", "recipe", "version", "run", "since", "endpoint")


@click.command()
@click.option(
    "--location",
    "locations",
    multiple=True,
    help="Look only there; wherever the deployment may serve when absent. May be repeated.",
)
@json_option
def leftovers(locations: tuple[str, ...], *, as_json: bool) -> None:
    """List endpoints that cost money while idle, and empty ones; remove nothing.

    Listed are endpoints of this deployment on which machines stand ready for a version that is
    neither the champion of its recipe nor the newest one, unless its run has not ended, and
    endpoints of runs whose model could not be loaded. An endpoint that the service shares out costs nothing while idle, and is not
    listed. Below the table stands the gcloud command for each: undeploying keeps the endpoint and
    its id, and a version that is needed again can be deployed there.

    You need aiplatform.endpoints.list, as in roles/aiplatform.viewer.

    \b
    Example:
      tunedrop leftovers
      tunedrop leftovers --location us-central1 --json
    """  # noqa: D301 — \b is click's mark for lines that are not wrapped
    import msgspec

    from tunedrop.leftovers import find

    found = find(services(), vertex().models, locations=locations or None)
    if as_json:
        print_json([msgspec.structs.asdict(each) for each in found])
        return
    if not found:
        click.echo("nothing is left over")
        return
    rows = (
        (each.code, each.recipe, each.version, each.run_id, moment(each.since), each.endpoint)
        for each in found
    )
    print_table(_COLUMNS, rows)
    click.echo()
    for each in found:
        click.echo(plain(each.command))
