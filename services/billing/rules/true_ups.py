"""What a plan wants for an invoiced line: the invoiced amount as it is, and the difference as one addition more."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from services.billing.rules.book import RateBook
from services.billing.rules.frozen import Balance, find_open_true_up, find_true_up_days, weigh
from services.billing.rules.identity import one_time_marker, recurring_marker, true_up_marker
from services.billing.rules.line import Line, Rated
from services.contracts.invoicing.exact import ONE, ZERO
from services.contracts.shapes import Closing, DesiredAddition
from services.contracts.vocabulary import BillOption, LineStatus


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a plan wants for an invoiced line, and how much of its charge stays behind."""

    additions: list[DesiredAddition]
    closings: list[Closing]
    left: Decimal
    dropped: Decimal = ZERO
    """What a rule does not pass on, beside `left`."""


def settle(partner_id: UUID, spelled: DesiredAddition, line: Line, rated: Rated, book: RateBook) -> Settlement:
    """The frozen addition of an invoiced line, and its true-up where the charge differs.

    A line that is held keeps the true-up that it has; the rest of the difference stays behind.

    Args:
        spelled: the line as an addition, whatever was invoiced.
    """
    balance = weigh(line, book)
    found = settle_balance(partner_id, spelled, line, balance, book, is_held=rated.status is LineStatus.HELD)
    frozen, *true_ups = found.additions
    # What was invoiced stands for the whole markup of its line: a true-up, and what is left, for none.
    charged = (ZERO if line.is_vanished else line.total) - balance.due - balance.dropped
    # A charge that is dropped whole leaves nothing to round.
    rounded = ZERO if balance.dropped and balance.dropped == line.total else frozen.rounded
    is_priced = charged != frozen.amount + rounded
    frozen = frozen.model_copy(update={"charged": charged if is_priced else None, "rounded": rounded})
    return Settlement([frozen, *true_ups], found.closings, found.left, balance.dropped)


def settle_balance(
    partner_id: UUID, spelled: DesiredAddition, line: Line, balance: Balance, book: RateBook, *, is_held: bool
) -> Settlement:
    """The same, of whatever was sent as one addition.

    Args:
        is_held: it keeps the true-up that it has.
    """
    frozen = _freeze(partner_id, spelled, line, balance)
    wanted = balance.sent if is_held else balance.due
    days = find_true_up_days(balance, book.terms[frozen.agreement_id])
    if not balance.due:
        return Settlement([frozen], withdraw(line, book), ZERO)
    if days is None or not wanted or not spelled.product_id:
        return Settlement([frozen], [], balance.due)
    true_up = correct(partner_id, frozen, line, wanted, days, book)
    return Settlement([frozen, true_up], [], balance.due - wanted)


def withdraw(line: Line, book: RateBook) -> list[Closing]:
    """Takes the open true-up of a line back: it must never bill."""
    true_up = find_open_true_up(line, book)
    if true_up is None or true_up.bills_from is None:
        return []
    return [
        Closing(
            marker=true_up.marker,
            agreement_id=true_up.agreement_id,
            subscription_id=line.subscription_id,
            last_billed_day=true_up.bills_from - timedelta(days=1),
            explanation=f"The true-up of invoice {line.invoice_number} is taken back: nothing is left to correct.",
        )
    ]


def number_true_up(line: Line, marker: str) -> int:
    """The number of a true-up of a line: the one it has, or the next where it is new."""
    return next((each.number for each in line.true_ups if each.marker == marker), _next_number(line))


def _next_number(line: Line) -> int:
    return line.true_ups[-1].number + 1 if line.true_ups else 1


def sent_marker(partner_id: UUID, line: Line) -> str:
    """The marker that a line was sent under; lines of an older build do not say it."""
    agreement = line.sent_agreement_id or ""
    if line.sent_marker:
        return line.sent_marker
    if line.sent_recurring:
        return recurring_marker(partner_id, agreement, line.subscription_id)
    return one_time_marker(partner_id, agreement, line.invoice_id, line.row_id)


def _freeze(partner_id: UUID, spelled: DesiredAddition, line: Line, balance: Balance) -> DesiredAddition:
    """What was invoiced, as it was."""
    billed = balance.billed
    return spelled.model_copy(
        update={
            "marker": sent_marker(partner_id, line),
            "agreement_id": line.sent_agreement_id or "",
            "is_recurring": bool(line.sent_recurring),
            "quantity": ONE,
            "unit_price": billed,
            "amount": billed,
            "charged": None,
            "unit_cost": None,
            "forecast": billed if spelled.bill_option is BillOption.BILLABLE else ZERO,
            "bills_from": line.sent_from,
            "bills_through": line.sent_through,
            "is_frozen": True,
            "charged_quantity": None,
            "replaces": "",
        }
    )


def correct(
    partner_id: UUID, frozen: DesiredAddition, line: Line, amount: Decimal, days: tuple[date, date], book: RateBook
) -> DesiredAddition:
    """The true-up of what was invoiced for a line.

    Args:
        frozen: what was invoiced, as an addition of quantity 1.
        days: first and last day of the billing period that it goes into.
    """
    sent = find_open_true_up(line, book)
    number = sent.number if sent else _next_number(line)
    marker = true_up_marker(partner_id, frozen.agreement_id, frozen.marker, line.invoice_id, line.row_id, number)
    words = f"Correction of invoice {line.invoice_number}: {frozen.invoice_description}"
    return frozen.model_copy(
        update={
            "marker": marker,
            "is_recurring": False,
            "unit_price": amount,
            "amount": amount,
            "charged": None,
            "unit_cost": None,
            "forecast": amount if frozen.bill_option is BillOption.BILLABLE else ZERO,
            "effective_date": days[0],
            "cancelled_date": days[1],
            "bills_from": days[0],
            "bills_through": days[1],
            "invoice_description": words[: book.psa.longest_description],
            "is_frozen": False,
            "charged_quantity": None,
            "corrects": frozen.marker,
            "carries": [],
            "rounded": ZERO,
        }
    )
