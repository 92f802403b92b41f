"""Facts about a run, with what every one of them says filled in.

Knows contracts and records; publishes nothing.
"""

from typing import TypeVar

from tunedrop.contracts import RunFact
from tunedrop.domain.runs import Run
from tunedrop.reports.addresses import run_report_uri
from tunedrop.services import Services

F = TypeVar("F", bound=RunFact)


def fact(services: Services, run: Run, contract: type[F], **said: object) -> F:
    """A fact about the run as it stands, at this moment."""
    return contract(
        deployment=services.settings.deployment,
        occurred_at=services.clock.now(),
        correlation_id=run.accepted["asked"]["correlation_id"],
        run_id=run.run_id,
        attempt=run.attempt,
        report_uri=run_report_uri(services.settings, run.run_id),
        **said,  # type: ignore[arg-type]  # the contract checks what is said
    )
