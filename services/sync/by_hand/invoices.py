"""Names the PSA's invoice that has billed an addition made by hand, where exactly one can be meant.

No PSA that is known says which billing period an invoice covers. So an invoice is named only where one alone has the
addition's product, quantity and amount on it and is dated in the period, or a month before it, as in advance.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.kit.upstream.http import UpstreamError
from services.sync.by_hand.settle import ByHandFindings
from services.sync.plans.schemas import ByHandEntry, HandMadeAddition
from services.sync.psas.invoice import InvoiceLines, PsaInvoice, PsaInvoiceLine
from services.sync.psas.port import Psa

IN_ADVANCE = timedelta(days=31)


async def name_invoices(psa: Psa, found: ByHandFindings) -> None:
    """Add invoice numbers to what was found; where invoices may not be read, nothing is named."""
    invoiced = [each for each in found.entries if each.is_invoiced and each.additions]
    if not invoiced:
        return
    try:
        listed = await psa.list_invoices({each.agreement_id for each in invoiced}, None)
        near = [each for each in listed.invoices if any(_may_cover(each, entry) for entry in invoiced)]
        lines = await psa.list_invoice_lines([each.id for each in near])
    except UpstreamError:
        return
    numbers = {each.line_id: name_one(each, near, lines) for each in invoiced if each.line_id}
    _write_down(found, {line_id: named for line_id, named in numbers.items() if named})


def name_one(entry: ByHandEntry, invoices: Collection[PsaInvoice], lines: InvoiceLines) -> dict[str, str]:
    """Addition → number of the only invoice that can have billed it for a charge."""
    named = {}
    for addition in entry.additions:
        near = [each for each in invoices if _may_cover(each, entry)]
        having = [each for each in near if _has(lines.get(each.id, ()), entry.product_id, addition)]
        inside = [each for each in having if each.day and entry.bills_from and each.day >= entry.bills_from]
        certain = next((each for each in (having, inside) if len(each) == 1), None)
        if certain:
            named[addition.addition_id] = certain[0].number
    return named


def _may_cover(invoice: PsaInvoice, entry: ByHandEntry) -> bool:
    if invoice.day is None or entry.bills_from is None or entry.bills_through is None:
        return False
    is_near = entry.bills_from - IN_ADVANCE <= invoice.day <= entry.bills_through
    return is_near and invoice.agreement_id == entry.agreement_id


def _has(lines: Sequence[PsaInvoiceLine], product_id: str, addition: HandMadeAddition) -> bool:
    billed = (product_id, addition.quantity, addition.bills)
    return any((each.product_id, each.quantity, each.amount) == billed for each in lines)


def _write_down(found: ByHandFindings, numbers: Mapping[UUID, Mapping[str, str]]) -> None:
    """On what the plan shows; where the charge is billed, in every sentence about it."""

    def say(line_id: UUID, words: str) -> str:
        named = sorted(set(numbers.get(line_id, {}).values()))
        return f"{words} It is on invoice {', '.join(named)}." if named else words

    found.entries = [
        entry.model_copy(
            update={
                "words": say(entry.line_id, entry.words),
                "additions": [
                    each.model_copy(update={"invoice_number": numbers[entry.line_id].get(each.addition_id, "")})
                    for each in entry.additions
                ],
            }
        )
        if entry.line_id is not None and entry.line_id in numbers
        else entry
        for entry in found.entries
    ]
    found.unsent = [each.model_copy(update={"billed_by": say(each.line_id, each.billed_by)}) for each in found.unsent]
    found.noted = [each.model_copy(update={"words": say(each.line_id, each.words)}) for each in found.noted]
    found.decisions = [
        (agreement_id, replace(each, words=say(each.line_id, each.words))) for agreement_id, each in found.decisions
    ]
