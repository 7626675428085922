"""Agreement Invoicing: bill every addition that is open in a period, period by period, up to a day.

Agreements that prorate bill the days an addition was open, and catch up on days of closed periods for which it was
not billed; all others bill a period in full. Children of a parent agreement get invoices of their own.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from services.sandbox.connectwise import invoiced
from services.sandbox.connectwise.billed_days import Piece, missed_pieces, pieces_in, standing_of
from services.sandbox.connectwise.billing_periods import FAR_AWAY, Period
from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.currencies import decimals_of
from services.sandbox.connectwise.days import day_of
from services.sandbox.connectwise.invoiced import Days
from services.sandbox.connectwise.invoices import Bill, Line, write_invoice
from services.sandbox.connectwise.next_invoice import move_next_invoice_date
from services.sandbox.connectwise.proration import Charge, charge_for, number_of, quantity_to_bill, rounded
from services.sandbox.control import Body, OrderFault, OrderRefused
from services.sandbox.seed.references import Record

LAST_THROUGH = date(2100, 12, 31)


class InvoicingOrder(Body):
    """Run Agreement Invoicing."""

    through: Annotated[date, Field(le=LAST_THROUGH)]
    agreement_id: int | None = None
    """One agreement; all of them when absent."""


def invoice_agreements(books: Books, order: InvoicingOrder) -> dict[str, Any]:
    """The invoices made, oldest period of an agreement first."""
    chosen = books.all("agreements") if order.agreement_id is None else [find_agreement(books, order.agreement_id)]
    with books.together():
        return {"invoices": [made for agreement in chosen for made in _bill_agreement(books, agreement, order.through)]}


def find_agreement(books: Books, key: int) -> Record:
    """Raises OrderRefused."""
    agreement = books.find("agreements", key)
    if agreement is None:
        raise OrderRefused(OrderFault("agreement_id", f"there is no agreement {key}"))
    return agreement


def _bill_agreement(books: Books, agreement: Record, through: date) -> Iterator[dict[str, Any]]:
    if agreement.get("invoiceProratedAdditionsFlag"):
        missed = _bill_of_missed_days(books, agreement, through)
        if missed is not None:
            yield _write(books, missed)
    while True:
        period = invoiced.next_period(books, agreement)
        if period is None or invoiced.due_date(books, agreement, period) > through:
            return
        yield _write(books, _bill_of_period(books, agreement, period))
        agreement = move_next_invoice_date(books, agreement)


def _bill_of_period(books: Books, agreement: Record, period: Period) -> Bill:
    standing = standing_of(books, agreement)
    billed = [(addition, pieces_in(standing, addition, period)) for addition in books.all("additions", agreement["id"])]
    return Bill(
        agreement,
        period,
        closes=True,
        invoiced_on=invoiced.due_date(books, agreement, period),
        flat_fee=_flat_fee(books, agreement, period),
        lines=_lines(books, agreement, billed),
        covered=_covered(billed),
    )


def _bill_of_missed_days(books: Books, agreement: Record, through: date) -> Bill | None:
    """Days of closed periods on an invoice of their own, without waiting for the next period."""
    standing = standing_of(books, agreement)
    billed = [
        (addition, missed_pieces(standing, addition, standing.open_from))
        for addition in books.all("additions", agreement["id"])
        if day_of(addition, "effectiveDate", date.min) <= through
    ]
    days = [days for _, pieces in billed for piece in pieces for days in piece.days]
    if not days:
        return None
    latest = max(each.first for each in days)
    return Bill(
        agreement,
        standing.periods.containing(latest),
        closes=False,
        invoiced_on=latest,
        flat_fee=rounded(Decimal(0), decimals_of(agreement, books)),
        lines=_lines(books, agreement, billed),
        covered=_covered(billed),
    )


def _lines(books: Books, agreement: Record, billed: list[tuple[Record, list[Piece]]]) -> list[Line]:
    """What `DoNotBill` says is hidden, but its days count as billed."""
    return [
        _line(books, agreement, addition, pieces)
        for addition, pieces in billed
        if pieces and addition.get("billCustomer") != "DoNotBill"
    ]


def _line(books: Books, agreement: Record, addition: Record, pieces: list[Piece]) -> Line:
    behaviour, decimals = books.behaviour, decimals_of(agreement, books)
    quantity, price = quantity_to_bill(addition, behaviour), number_of(addition, "unitPrice")
    shares = [piece.share for piece in pieces]
    charge = charge_for(quantity, price, shares, decimals, behaviour.proration_rounds)
    if addition.get("billCustomer") == "NoCharge":
        charge = Charge(Decimal(0), rounded(Decimal(0), decimals))
    prorated = [days.first for piece in pieces if not piece.share.is_whole for days in piece.days]
    return Line(addition, quantity, charge, min(prorated, default=None))


def _covered(billed: list[tuple[Record, list[Piece]]]) -> dict[str, list[tuple[str, str]]]:
    return {
        str(addition["id"]): [(d.first.isoformat(), d.last.isoformat()) for piece in pieces for d in piece.days]
        for addition, pieces in billed
        if pieces
    }


def _flat_fee(books: Books, agreement: Record, period: Period) -> Decimal:
    """The agreement's own amount; a first bill may have its own, and a period cut short is prorated."""
    decimals, periods = decimals_of(agreement, books), invoiced.schedule(books, agreement)
    if period.start == periods.anchor and agreement.get("prorateFirstBill"):
        return rounded(number_of(agreement, "prorateFirstBill"), decimals)
    amount = number_of(agreement, "billAmount")
    if not agreement.get("prorateFlag") or not periods.recurs:
        return rounded(amount, decimals)
    days = Days(period.start, min(period.end, periods.last_day)).length
    return rounded(amount * days / period.full_days, decimals)


def _write(books: Books, bill: Bill) -> dict[str, Any]:
    """Keep the invoice, and say what the order answers about it."""
    agreement = bill.agreement
    invoice = write_invoice(books, bill, decimals_of(agreement, books))
    currency = books.find("currencies", (agreement.get("currency") or {}).get("id", 0)) or {}
    return {
        "invoice_id": invoice["id"],
        "agreement_id": agreement["id"],
        "period_start": bill.period.start.isoformat(),
        "period_end": bill.period.end.isoformat() if bill.period.end < FAR_AWAY else None,
        "currency": currency.get("currencyCode"),
        "total": invoice["total"],
        "agreement_amount": bill.flat_fee,
        "additions": [
            {
                "addition_id": line.addition["id"],
                "serial_number": line.addition.get("serialNumber") or "",
                "amount": line.charge.amount,
            }
            for line in bill.lines
        ],
    }
