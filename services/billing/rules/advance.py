"""A recurring charge whose billing period was invoiced in advance, with the values that its addition had before.

Its addition takes the new values for the periods to come. What the invoiced period billed too little or too much goes
out as a true-up in the same plan.
"""

from datetime import date
from decimal import Decimal
from uuid import UUID

from services.billing.rules.agreements import ACTIVE
from services.billing.rules.book import RateBook
from services.billing.rules.frozen import Balance, find_open_true_up, find_true_up_days, was_invoiced
from services.billing.rules.line import Line
from services.billing.rules.model import WhenChanged
from services.billing.rules.true_ups import correct
from services.contracts.invoicing.amounts import represent
from services.contracts.invoicing.exact import ONE
from services.contracts.money import as_text
from services.contracts.shapes import DesiredAddition
from services.contracts.vocabulary import BillOption


def find_billed_in_advance(
    line: Line, agreement_id: str, marker: str, bills_from: date | None, book: RateBook
) -> Decimal | None:
    """What the PSA has billed for a line through an addition that ran before the line came; None where it has not."""
    newest = book.running.get((agreement_id, line.subscription_id))
    known = newest.find_segment(marker) if newest else None
    if known is None or bills_from is None or known.is_driven_by(line) or known.is_ended:
        return None
    if not known.bills_on(bills_from) or known.waits_for_invoice(book.terms.get(agreement_id)):
        return None
    return known.amount_on(bills_from) if was_invoiced(agreement_id, bills_from, book) else None


def true_up_in_advance(
    partner_id: UUID, spelled: DesiredAddition, line: Line, book: RateBook
) -> tuple[DesiredAddition, DesiredAddition] | None:
    """The addition of a line with what was billed for it in advance, and its true-up; None where none can go out."""
    billed = find_billed_in_advance(line, spelled.agreement_id, spelled.marker, spelled.bills_from, book)
    if billed is None or billed == spelled.amount or spelled.bill_option is not BillOption.BILLABLE:
        return None
    terms, due = book.terms[spelled.agreement_id], spelled.amount - billed
    days = find_true_up_days(Balance(spelled.amount, billed, find_open_true_up(line, book)), terms)
    is_over = days is not None and terms.facts.end_date is not None and days[0] > terms.facts.end_date
    if days is None or is_over or terms.facts.status.casefold() != ACTIVE:
        return None
    is_held = book.rules.when_changed_after_invoicing is WhenChanged.HOLD
    if is_held or represent(ONE, due, due, line.currency, book.kept_in(line.currency)) is None:
        return None
    said = (
        f"{as_text(billed)} {line.currency} was billed in advance; "
        f"the difference of {as_text(due)} {line.currency} goes out as a true-up"
    )
    charged = None if spelled.charged is None else spelled.charged - due
    changes = {
        "charged": charged,
        "billed_amount": billed,
        "forecast": spelled.amount,
        "explanation": [*spelled.explanation, said],
    }
    once = spelled.model_copy(update={"quantity": ONE, "replaces": "", "moves_start": False})
    return spelled.model_copy(update=changes), correct(partner_id, once, line, due, days, book)
