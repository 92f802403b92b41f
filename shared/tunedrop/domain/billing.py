"""What a finished tuning was billed, by the service's own count of tokens.

Kept from knowing any price: prices are passed in with their origin, and an unknown one stays unknown.
"""

from datetime import date

from msgspec import Struct


class Bill(Struct, frozen=True):
    """A price in US dollars, and what it stands on."""

    usd: float | None
    """None where tokens, epochs or price are not known, which is not zero."""
    basis: str
    """The calculation in words, with where and when the price was read; or what is not known."""


def bill_by_tokens(
    tokens: int | None,
    epochs: float | None,
    *,
    usd_per_million: float | None,
    source: str,
    as_of: date | None,
) -> Bill:
    """Work out what was billed.

    Args:
        tokens: Of the dataset, once through, as the finished job says; the service's count leaves
            the epochs out (a real job of 10 epochs told those of one).
        epochs: How many times the service went through it.
        usd_per_million: Price of a million training tokens.
        source: Where the price was read.
        as_of: The day on which it was the price.
    """
    if tokens is None:
        return Bill(None, "the job does not say how many tokens it was billed for")
    if epochs is None:
        return Bill(
            None, f"{tokens:,} billable tokens; how often they were gone through is not known"
        )
    calculation = f"{tokens:,} billable tokens x {epochs:g} epochs"
    if usd_per_million is None:
        return Bill(None, f"{calculation}; no price is known")
    basis = f"{calculation} x {usd_per_million:g} USD per million tokens ({source}, {as_of})"
    return Bill(round(tokens * epochs * usd_per_million / 1_000_000, 4), basis)
