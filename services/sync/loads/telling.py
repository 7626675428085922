"""What a load tells: parts to billing, and to people what was kept out or looked odd."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.contracts.events.sync import InvoiceQuarantined, RowsLoaded, TroubleNoted
from services.contracts.shapes import Outcomes, Tally, VanishedRow
from services.contracts.vocabulary import LogLevel
from services.kit.base.db import WriteSession
from services.kit.ledger import bus
from services.sync.loads import repository
from services.sync.loads.parts import cut_vanished
from services.sync.loads.schemas import InvoiceState
from services.sync.runs import saga, service
from services.sync.unreadable import Unreadable


async def tell_parts(session: WriteSession, parts: Iterable[RowsLoaded]) -> None:
    """Number and publish parts of one run; number and event stand or fall with the transaction."""
    unnumbered = list(parts)
    if not unnumbered:
        return
    numbers = await saga.take_parts(session, unnumbered[0].run_id, len(unnumbered))
    facts = [part.model_copy(update={"part": number}) for part, number in zip(unnumbered, numbers, strict=True)]
    await bus.publish_all(session, [(fact, f"period/{fact.period}") for fact in facts])


async def tell_vanished(
    session: WriteSession, run_id: UUID, vanished: Sequence[VanishedRow], periods: Mapping[str, str]
) -> None:
    """Say which rows are gone from invoices that are still there; `periods` is by invoice id."""
    for period in sorted({periods[row.invoice_id] for row in vanished}):
        of_period = [row for row in vanished if periods[row.invoice_id] == period]
        await tell_parts(session, cut_vanished(run_id, period, of_period))


async def tell_missing(session: WriteSession, run_id: UUID, periods: Sequence[str]) -> None:
    """Say that every row is gone of invoices that their month no longer has."""
    for period, invoice_ids in (await repository.mark_missing(session, run_id, periods)).items():
        vanished = await repository.find_valid_rows(session, invoice_ids)
        await tell_parts(session, cut_vanished(run_id, period, vanished))


async def report_quarantine(session: WriteSession, run_id: UUID, invoice: Mapping[str, Any]) -> None:
    """Say that one invoice is kept out, as an event and in the run's outcomes."""
    fact = InvoiceQuarantined(
        run_id=run_id,
        invoice_id=invoice["invoice_id"],
        number=invoice["number"] or invoice["invoice_id"],
        period=invoice["period"],
        reason=invoice["reason"],
        currency=invoice["currency"],
        checksum=invoice["checksum"],
        rows_total=invoice["rows_total"],
    )
    await bus.publish(session, fact, subject=f"invoice/{fact.invoice_id}")
    amounts = {fact.currency: fact.checksum} if fact.currency and fact.checksum is not None else {}
    outcomes: Outcomes = {InvoiceState.QUARANTINED.value: Tally(count=1, amounts=amounts)}
    await service.add_outcomes(session, run_id, outcomes)


async def report_strays(session: WriteSession, run_id: UUID, strays: Sequence[Unreadable]) -> None:
    """Say that rows came whose invoice was not listed."""
    if strays:
        title = f"{len(strays)} rows belong to no listed invoice"
        details = f"Invoice {strays[0].invoice_id or 'unnamed'}: {strays[0].raw}"
        fact = TroubleNoted(level=LogLevel.WARNING, title=title, details=details, run_id=run_id)
        await bus.publish(session, fact, subject=f"run/{run_id}")
