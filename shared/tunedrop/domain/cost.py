"""What a tuning will cost, estimated before it starts.

Kept from knowing any price: prices are passed in with their origin, and an unknown one stays unknown.
"""

from datetime import date

from msgspec import Struct

CHARACTERS_PER_TOKEN = 4
# Tokens per character measured for other tokenizers run from 0.231 to 0.317, beside the 0.25 assumed here.
LOW_FACTOR = 0.92
HIGH_FACTOR = 1.27


class Estimate(Struct, frozen=True):
    """An estimated price in US dollars, and what it stands on."""

    usd: float | None
    """None when the price is not known, which is not zero."""
    usd_low: float | None
    usd_high: float | None
    basis: str
    """The calculation, in words."""
    source: str
    as_of: date


def tokens_of(characters: int) -> int:
    """Return about how many tokens so many characters make, rounded up."""
    return -(-characters // CHARACTERS_PER_TOKEN)


def estimate_by_tokens(
    *,
    tokens: int,
    epochs: int,
    usd_per_million: float | None,
    source: str,
    as_of: date,
) -> Estimate:
    """Estimate a job that is billed by dataset tokens times epochs.

    Args:
        tokens: Estimated tokens of the training set, once through.
        epochs: How many times the service goes through it.
        usd_per_million: Price of a million training tokens; None when it is not known.
        source: Where the price was read.
        as_of: The day on which it was the price.
    """
    calculation = f"{tokens:,} tokens x {epochs} epochs"
    if usd_per_million is None:
        return Estimate(None, None, None, f"{calculation}; no price is known", source, as_of)
    usd = tokens * epochs * usd_per_million / 1_000_000
    return Estimate(
        usd=round(usd, 4),
        usd_low=round(usd * LOW_FACTOR, 4),
        usd_high=round(usd * HIGH_FACTOR, 4),
        basis=f"{calculation} x {usd_per_million:g} USD per million tokens",
        source=source,
        as_of=as_of,
    )


def estimate_by_hardware(
    *, hardware: str | None, usd_per_run: float | None, source: str, as_of: date
) -> Estimate:
    """Estimate a pipeline: unknown, since no price for its accelerator time is known.

    The run fee, where known, is named in the basis and never passed off as the whole price.
    """
    basis = f"accelerator time ({hardware or 'of the template'}), for which no price is known"
    if usd_per_run is not None:
        basis += f", and a run fee of {usd_per_run:g} USD"
    return Estimate(None, None, None, basis, source, as_of)
