"""The next invoice date: how it moves when a period is closed or opened again."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.sandbox.connectwise import invoiced
from services.sandbox.connectwise.billing_periods import Period
from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.days import day_of, maybe_day
from services.sandbox.control import Body, OrderFault, OrderRefused
from services.sandbox.seed.months import ONE_DAY
from services.sandbox.seed.references import Record


class InvoicedOrder(BaseModel):
    """Pretend that somebody ran Agreement Invoicing elsewhere: no invoice can be read here."""

    model_config = ConfigDict(extra="forbid")

    agreement: int
    next_invoice_date: date


class WriteOffOrder(Body):
    """Close a period of an agreement without an invoice."""

    agreement_id: int
    day: date | None = None
    """Any day of the period; the next period to be invoiced when absent."""


def take_as_invoiced(books: Books, order: InvoicedOrder) -> dict[str, Any]:
    """Move the agreement's next invoice date; additions effective before it count as invoiced from now on."""
    agreement = books.find("agreements", order.agreement)
    if agreement is None:
        return {"invoiced": False, "reason": "no such agreement"}
    books.replace("agreements", {**agreement, "nextInvoiceDate": order.next_invoice_date.isoformat()})
    through = order.next_invoice_date - ONE_DAY
    billed = [
        addition
        for addition in books.all("additions", order.agreement)
        if day_of(addition, "effectiveDate", date.min) <= through
    ]
    for addition in billed:
        known = maybe_day(addition, invoiced.BILLED_THROUGH) or date.min
        books.replace("additions", {**addition, invoiced.BILLED_THROUGH: max(known, through).isoformat()})
    return {"invoiced": True, "additions": len(billed)}


def write_off(books: Books, order: WriteOffOrder) -> dict[str, Any]:
    """Raises OrderRefused when there is no such period, or it is closed already."""
    agreement = books.find("agreements", order.agreement_id)
    if agreement is None:
        raise OrderRefused(OrderFault("agreement_id", f"there is no agreement {order.agreement_id}"))
    period = _period_to_write_off(books, agreement, order.day)
    days = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    noted = {**agreement, invoiced.WRITTEN_OFF: [*invoiced.written_off(agreement), days]}
    kept = move_next_invoice_date(books, noted)
    return {
        "agreement_id": kept["id"],
        "period_start": days["start"],
        "period_end": days["end"],
        "next_invoice_date": kept.get("nextInvoiceDate"),
    }


def move_next_invoice_date(books: Books, agreement: Record) -> Record:
    """Keep the agreement with the date on which its first open period can be invoiced; without one, with none."""
    moved = {name: value for name, value in agreement.items() if name != "nextInvoiceDate"}
    period = invoiced.next_period(books, agreement) or _period_after_the_last(books, agreement)
    if period is not None:
        moved["nextInvoiceDate"] = invoiced.due_date(books, agreement, period).isoformat()
    return books.replace("agreements", moved)


def reopen(books: Books, agreement: Record, invoice: Record) -> None:
    """The invoice is gone: its period is the next one, unless an earlier one is open."""
    start, end = (date.fromisoformat(invoice["period"][name]) for name in ("start", "end"))
    period = invoiced.schedule(books, agreement).containing(end)._replace(start=start)
    if start < invoiced.open_from(books, agreement):
        due = invoiced.due_date(books, agreement, period)
        agreement = {**agreement, "nextInvoiceDate": due.isoformat()}
    move_next_invoice_date(books, agreement)


def _period_to_write_off(books: Books, agreement: Record, day: date | None) -> Period:
    if day is not None and invoiced.is_invoiced_day(books, agreement, day):
        raise OrderRefused(OrderFault("day", f"the period of {day} is closed already"))
    period = invoiced.next_period(books, agreement)
    if day is not None and period is not None and not period.start <= day <= period.end:
        period = invoiced.schedule(books, agreement).containing(day)
    if period is None:
        raise OrderRefused(OrderFault("agreement_id", f"agreement {agreement['id']} has no period left"))
    return period


def _period_after_the_last(books: Books, agreement: Record) -> Period | None:
    """An agreement that has ended keeps a date behind its end; one that does not recur has none."""
    periods = invoiced.schedule(books, agreement)
    return periods.after(periods.containing(periods.last_day)) if periods.recurs else None
