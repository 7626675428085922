"""What a load says on its way: how far it is, what was kept out, what looked odd."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.contracts.events.sync import InvoiceQuarantined, TroubleNoted
from services.contracts.shapes import Outcomes, Tally
from services.contracts.vocabulary import LogLevel
from services.kit.base.db import WriteSession
from services.kit.ledger import bus
from services.sync.loads import repository
from services.sync.loads.schemas import InvoiceState
from services.sync.runs import service
from services.sync.unreadable import Unreadable

UNDECIDED = (InvoiceState.PENDING, InvoiceState.STAGED)


async def note_progress(session: WriteSession, run_id: UUID) -> None:
    """Invoices decided and published, of those listed."""
    counts = await repository.count_by_state(session, run_id)
    undecided = sum(counts.get(state, 0) for state in UNDECIDED)
    total = sum(counts.values())
    await service.note_progress(session, run_id, total - undecided, total)


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
