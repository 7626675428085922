"""Recurring charges whose billing period the PSA has invoiced in advance, with what their addition held before.

Written now, the new values bill from the next open period on. What was billed for the line is the former
amount, so that the difference is left for a true-up.
"""

from dataclasses import replace
from typing import Any

from services.billing.lines.stored import StoredLine
from services.billing.rules.advance import find_billed_in_advance
from services.billing.rules.book import RateBook
from services.billing.rules.editable import apply_decisions
from services.billing.rules.persistent import PersistentAddition
from services.billing.rules.rate import rate
from services.contracts.shapes import PushedAddition
from services.contracts.vocabulary import BillOption, OperationKind


def note_billed_in_advance(stored: StoredLine, result: PushedAddition, book: RateBook) -> StoredLine:
    """A line that was just marked as sent, rated anew where its period was billed with another amount."""
    line = stored.line
    billed = find_billed_in_advance(line, result.agreement_id, result.marker, line.sent_from, book)
    if billed is None or billed == result.amount or stored.rated.bill_option is not BillOption.BILLABLE:
        return stored
    line = replace(line, sent_amount=billed)
    return replace(stored, line=line, rated=rate(apply_decisions(line, stored.decisions), book))


def split_at_next_invoice(result: PushedAddition, newest: PersistentAddition | None, book: RateBook) -> dict[str, Any]:
    """What a persistent addition held for the periods that are invoiced by now, before it gets its new amount."""
    known, terms = newest.find_segment(result.marker) if newest else None, book.terms.get(result.agreement_id)
    invoiced = terms.invoiced_before if terms else None
    if result.operation is OperationKind.ADOPT:  # people made it: whatever is invoiced was billed from it
        return {"invoiced_before": invoiced, "amount_before": result.amount}
    if known is None or invoiced is None:
        return {"invoiced_before": invoiced, "amount_before": None}
    is_same_day = known.invoiced_before == invoiced
    return {"invoiced_before": invoiced, "amount_before": known.amount_before if is_same_day else known.amount}
