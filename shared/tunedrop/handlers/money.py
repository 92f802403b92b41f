"""The money of a day: what the jobs created in it, in UTC, are estimated to cost, one chain of the ledger a day.

Money is taken before a job is created and given back if none was; a sum over the chain decides, and the number
of the next record is the fence. It is recorded where there is no limit as well, since others read the records.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal, InvalidOperation

from tunedrop import chains, logs
from tunedrop.domain import places
from tunedrop.domain.runs import Run
from tunedrop.errors import BusyError, CorruptRecordError
from tunedrop.services import Services

_TRIES = 10
_MICRO = Decimal("0.000001")
_NOTHING = Decimal(0)


def left(services: Services) -> float | None:
    """US dollars that may still be taken today; None without a daily limit."""
    limit = _limit(services)
    if limit is None:
        return None
    prefix = _today(services)
    return float(max(_NOTHING, limit - _sum(prefix, chains.all_links(services, prefix))))


def exceeds_a_day(services: Services, run: Run) -> bool:
    """Whether a run's estimate alone is more than any day's money."""
    price, limit = _price(run), _limit(services)
    return price is not None and limit is not None and price > limit


def fits_today(services: Services, run: Run) -> bool:
    """Whether the attempt's money could be taken now; takes none."""
    if not _price(run) or _limit(services) is None:
        return True
    prefix = _today(services)
    try:
        return _fits(services, run, prefix, chains.all_links(services, prefix))
    except CorruptRecordError as error:
        return _unknown(error)


def take(services: Services, run: Run) -> bool:
    """Take the attempt's money, once a day; False if the day has too little left.

    A run whose price is unknown takes none. One that costs more than any day has is let past the limit if
    somebody approved it.

    Raises:
        BusyError: Others took money in between, time and again.
    """
    price, prefix = _price(run), _today(services)
    if not price:
        return True
    for _ in range(_TRIES):
        links = chains.all_links(services, prefix)
        try:
            fits, net = _fits(services, run, prefix, links), _net(prefix, links, run)
        except CorruptRecordError as error:
            return _unknown(error)
        if not fits:
            return False
        if net > 0 or _append(services, run, prefix, links, price):
            return True
    raise _busy(prefix)


def give_back(services: Services, run: Run) -> None:
    """Give back what the attempt has taken today, if anything: no job was created, and none will be.

    Raises:
        BusyError: Others took money in between, time and again.
    """
    prefix = _today(services)
    for _ in range(_TRIES):
        links = chains.all_links(services, prefix)
        try:
            net = _net(prefix, links, run)
        except CorruptRecordError as error:
            _unknown(error)
            return
        if net <= 0 or _append(services, run, prefix, links, -net):
            return
    raise _busy(prefix)


def _unknown(error: CorruptRecordError) -> bool:
    """A day whose sum is unknown has nothing left; what costs nothing goes on."""
    logs.warning(str(error), code=error.code)
    return False


def _today(services: Services) -> str:
    return places.budget_prefix(services.today().isoformat())


def _limit(services: Services) -> Decimal | None:
    limit = services.settings.max_usd_per_day
    return None if limit is None else Decimal(str(limit))


def _price(run: Run) -> Decimal | None:
    """The attempt's estimate, to the next micro-dollar, so that sums are exact."""
    usd = run.accepted["plan"]["cost"]["usd"]
    return None if usd is None else Decimal(str(usd)).quantize(_MICRO, ROUND_CEILING)


def _fits(services: Services, run: Run, prefix: str, links: Sequence[chains.Link]) -> bool:
    price, limit = _price(run) or _NOTHING, _limit(services)
    if limit is None or _net(prefix, links, run) > 0:
        return True
    return _sum(prefix, links) + price <= limit or (run.approved and price > limit)


def _append(
    services: Services, run: Run, prefix: str, links: Sequence[chains.Link], usd: Decimal
) -> bool:
    record = {
        "kind": "money",
        "run_id": run.run_id,
        "attempt": run.attempt,
        "usd": float(usd),
        "approved": run.approved and exceeds_a_day(services, run),
    }
    metadata = {"run_id": run.run_id, "attempt": str(run.attempt), "usd": f"{usd:f}"}
    after = links[-1].sequence if links else 0
    return chains.append(services, prefix, after=after, record=record, metadata=metadata)


def _net(prefix: str, links: Sequence[chains.Link], run: Run) -> Decimal:
    own = (run.run_id, str(run.attempt))
    return _sum(
        prefix,
        [
            link
            for link in links
            if own == (link.metadata.get("run_id"), link.metadata.get("attempt"))
        ],
    )


def _sum(prefix: str, links: Sequence[chains.Link]) -> Decimal:
    return sum((_amount(prefix, link) for link in links), _NOTHING)


def _amount(prefix: str, link: chains.Link) -> Decimal:
    """What a record took. One that does not tell stops the day: nothing is spent past a sum that is unknown."""
    try:
        usd = Decimal(link.metadata["usd"])
    except (KeyError, InvalidOperation):
        usd = Decimal("NaN")
    if not usd.is_finite():
        path = places.numbered(prefix, link.sequence)
        msg = f"{path}: expected an amount in US dollars; look at the object by hand"
        raise CorruptRecordError(msg)
    return usd


def _busy(prefix: str) -> BusyError:
    return BusyError(f"{prefix}: other workers took money in between, {_TRIES} times in a row")
