"""Publishes the rejected lines of a drop as `rejects.jsonl` beside its page.

Writes to REPORTS alone, and rows only where the recipe and the deployment both allow it.
"""

from msgspec import Struct

from tunedrop.domain import places
from tunedrop.domain.checks import CheckResult, split_lines
from tunedrop.handlers.check_files import recipe_of_check
from tunedrop.handlers.drops import Drop
from tunedrop.handlers.find_recipe import Chosen
from tunedrop.handlers.limits import check_options
from tunedrop.ports import ObjectInfo
from tunedrop.services import Services


class Rejects(Struct, frozen=True):
    """What a record says of the list."""

    name: str
    """Beside the drop's page; holds the generation and the drop, so that other pages keep their own."""
    count: int
    with_rows: bool


def publish_rejects(
    services: Services, drop: Drop, info: ObjectInfo, chosen: Chosen, result: CheckResult | None
) -> Rejects | None:
    """Write the list; None where no line is rejected.

    Raises:
        NotFoundError: Rows are wanted, and the checked generation is not there any more.
    """
    if result is None or not result.rejects.count:
        return None
    recipe = recipe_of_check(chosen)
    with_rows = recipe.rejects_with_rows and services.settings.report_excerpts
    name = f"rejects-{drop.generation}-{drop.drop_id[:8]}.jsonl"
    path = places.drop_report_prefix(drop.bucket, drop.name) + name
    bucket, log = services.settings.reports_bucket, result.rejects
    if with_rows:
        options = check_options(recipe, allowed_buckets=frozenset())
        with services.store.stream(info.bucket, info.name, generation=info.generation) as chunks:
            lines = split_lines(chunks, options.max_line_bytes)
            services.store.upload(bucket, path, log.to_jsonl(lines))
    else:
        services.store.upload(bucket, path, log.to_jsonl())
    return Rejects(name, log.count, with_rows)
