"""A drop as the handlers pass it around, and the receipts that answer it.

Knows where receipts lie; decides nothing about what a drop deserves.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from tunedrop.delivery import Outcome
from tunedrop.domain import naming, places
from tunedrop.errors import Problem
from tunedrop.ledger import Record
from tunedrop.reports.publishing import publish_drop_report
from tunedrop.services import Services

WAITING_FOR_RECIPE = "recipe"
WAITING_FOR_EVALUATION = "evaluation"


class Asked(Struct, frozen=True):
    """What a request adds to a dataset; nothing, for an event."""

    recipe: str | None = None
    inline_recipe: Mapping[str, Any] | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 5
    requester: str = ""
    correlation_id: str = ""
    basis: str = ""
    """Set when a request comes after an edit of the recipe, or of the evaluation file, behind the standing answer."""

    def question(self) -> dict[str, Any]:
        """What makes the request another question than the bare drop; empty if nothing does."""
        asked = {
            "basis": self.basis or None,
            "recipe": self.recipe,
            "inline_recipe": self.inline_recipe,
            "overrides": dict(self.overrides) or None,
        }
        return {key: value for key, value in asked.items() if value is not None}


class Drop(Struct, frozen=True):
    """One generation of one object, and what is asked about it."""

    bucket: str
    name: str
    generation: int
    asked: Asked = Asked()

    @property
    def uri(self) -> str:
        """The object's `gs://` address."""
        return f"gs://{self.bucket}/{self.name}"

    @property
    def drop_id(self) -> str:
        """Name of the question; an event and a bare request about the same bytes share it."""
        return naming.drop_id(
            self.bucket, self.name, self.generation, request=self.asked.question()
        )

    def receipt_path(self, *, waiting_for: str = "") -> str:
        """Where the answer is recorded."""
        request = self.drop_id if self.asked.question() else ""
        return places.receipt_path(
            self.bucket, self.name, self.generation, waiting_for=waiting_for, request=request
        )


def write_receipt(
    services: Services,
    drop: Drop,
    outcome: str,
    *,
    waiting_for: str = "",
    report: bool = True,
    **detail: object,
) -> Outcome:
    """Record the answer to a drop, show it on the drop's page, and say what stands recorded."""
    path = drop.receipt_path(waiting_for=waiting_for)
    record = {
        "kind": "receipt",
        "outcome": outcome,
        "drop_id": drop.drop_id,
        "bucket": drop.bucket,
        "name": drop.name,
        "generation": str(drop.generation),
        "asked": {
            "requester": drop.asked.requester,
            "correlation_id": drop.asked.correlation_id,
            **drop.asked.question(),
        },
        **detail,
    }
    standing = services.ledger.create(path, record).record
    if report:
        publish_drop_report(services, standing, is_first=True)
    return Outcome(
        code=str(standing["outcome"]),
        record=path,
        drop_id=drop.drop_id,
        run_id=str(standing.get("run_id", "")),
        reason=reason_of(standing),
    )


def reason_of(receipt: Record) -> str:
    """The code of what a receipt names first as the reason, if it names one."""
    problems = receipt.get("problems") or ()
    return str(receipt.get("code") or next((item["code"] for item in problems), ""))


def read_receipt(services: Services, drop: Drop, *, waiting_for: str = "") -> Record | None:
    """The receipt of a drop, if it has one."""
    return services.ledger.read(drop.receipt_path(waiting_for=waiting_for))


def problems_as_data(problems: tuple[Problem, ...]) -> list[dict[str, str]]:
    """Problems as records hold them."""
    return [
        {
            "where": item.where,
            "expected": item.expected,
            "found": item.found,
            "remedy": item.remedy,
            "code": item.code,
        }
        for item in problems
    ]
