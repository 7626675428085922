"""What a period was billed beside what was expected, and the likely cause where they differ. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.contracts.invoicing.exact import ZERO, extend_in
from services.contracts.money import as_text, show_money
from services.sync.invoices.matching import Matches, match_lines
from services.sync.invoices.schemas import BilledState, ExpectedAddition
from services.sync.psas.invoice import PsaInvoice, PsaInvoiceLine

MOST_CAUSES = 5
"""Named one by one; the others are counted."""
LOOK = "Compare the invoice with AppXite's charges, and correct it in {psa} or credit what is too much."
BY_HAND = (
    "If the period should be billed after all, invoice it in {psa} by hand or delete the record that closed it; what "
    "was sent for it bills no more by itself."
)


@dataclass(frozen=True, slots=True)
class Bill:
    """What a period of an agreement was expected to bill, and what it was invoiced with.

    Args:
        lines: invoice id → its lines; an invoice whose lines cannot be read is absent.
    """

    currency: str
    expected: Decimal
    additions: Sequence[ExpectedAddition]
    invoices: Sequence[PsaInvoice]
    lines: Mapping[str, Sequence[PsaInvoiceLine]]
    psa: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a period came out."""

    state: BilledState
    billed: Decimal | None = None
    cause: str = ""
    next_step: str = ""


def compare_written_off(bill: Bill) -> Comparison:
    """The period was closed without an invoice: what was expected in it bills nothing."""
    if not bill.expected:
        return Comparison(BilledState.AS_EXPECTED, ZERO)
    cause = f"{bill.psa} closed the period without an invoice: it was written off, or invoiced elsewhere."
    return Comparison(BilledState.DIFFERS, ZERO, cause, BY_HAND.format(psa=bill.psa))


def compare(bill: Bill) -> Comparison:
    unread = [each for each in bill.invoices if each.id not in bill.lines]
    if unread:
        return _compare_in_sum(bill, f"the lines of invoice {unread[0].number} cannot be read")
    lines = [line for each in bill.invoices for line in bill.lines[each.id]]
    matches = match_lines(bill.additions, lines)
    if matches.unclear:
        return _compare_in_sum(bill, _say_unclear(matches))
    is_covered = _sum(lines) != _products_total(bill)
    ours = [*(line for _, line in matches.pairs), *matches.extra]
    if is_covered and len(ours) != len(lines):
        return _compare_in_sum(bill, "its lines come to something else than it bills: some are covered")
    billed = (_products_total(bill) or ZERO) if is_covered else _sum(ours)
    if billed == bill.expected:
        return Comparison(BilledState.AS_EXPECTED, billed)
    causes = [*_explain(matches, bill)]
    if is_covered:
        causes.append("a line is covered by the agreement, so it bills less than it shows")
    rest = [f"and {len(causes) - MOST_CAUSES} more"] if len(causes) > MOST_CAUSES else []
    cause = "; ".join([*causes[:MOST_CAUSES], *rest]) or "nobody can tell why"
    return Comparison(BilledState.DIFFERS, billed, f"{cause[:1].upper()}{cause[1:]}.", LOOK.format(psa=bill.psa))


def _compare_in_sum(bill: Bill, why: str) -> Comparison:
    """Where lines cannot be told apart, all products of the period together may still be what was expected of ours."""
    total = _products_total(bill)
    if total == bill.expected:
        return Comparison(BilledState.AS_EXPECTED, total, f"Compared in sum, because {why}.")
    money = "an unknown amount" if total is None else _money(total, bill.currency)
    cause = f"All products of the period bill {money}, and which of it is ours cannot be told, because {why}."
    return Comparison(BilledState.UNCLEAR, None, cause, LOOK.format(psa=bill.psa))


def _products_total(bill: Bill) -> Decimal | None:
    """None where an invoice does not say what its products come to."""
    totals = [each.products_total for each in bill.invoices]
    known = [each for each in totals if each is not None]
    if len(known) < len(totals):
        lines = [line for each in bill.invoices for line in bill.lines.get(each.id, ())]
        return _sum(lines) if all(each.id in bill.lines for each in bill.invoices) else None
    return sum(known, ZERO)


def _sum(lines: Sequence[PsaInvoiceLine]) -> Decimal:
    return sum((each.amount for each in lines), ZERO)


def _explain(matches: Matches, bill: Bill) -> list[str]:
    causes = [_explain_pair(each, line, bill) for each, line in matches.pairs if each.amount != line.amount]
    causes += [
        f"no line stands for {_name(each)}, {_money(each.amount, bill.currency)}: a person removed or changed its "
        "addition before invoicing"
        for each in matches.missing
        if each.amount
    ]
    causes += [
        f"another addition of the same product and text was billed as well, {_money(line.amount, bill.currency)}"
        for line in matches.extra
        if line.amount
    ]
    return causes


def _explain_pair(each: ExpectedAddition, line: PsaInvoiceLine, bill: Bill) -> str:
    name, billed = _name(each), f"{_money(line.amount, bill.currency)} instead of {as_text(each.amount)}"
    extended = extend_in(bill.currency, line.quantity, line.unit_price)
    if not line.amount and extended:
        return f"the line of {name} is covered or not billable: it shows {as_text(extended)} and bills nothing"
    changes = [
        f"{label} {as_text(now)} instead of {as_text(then)}"
        for label, now, then in (
            ("quantity", line.quantity, each.quantity),
            ("unit price", line.unit_price, each.unit_price),
        )
        if now != then
    ]
    if "prorated" in line.text.casefold() or extended != line.amount:
        return f"proration differs for {name}: {billed}"
    if changes:
        return f"a person changed the addition of {name} before invoicing ({', '.join(changes)}): {billed}"
    return f"{name} was billed {billed}"


def _say_unclear(matches: Matches) -> str:
    each, lines = matches.unclear[0]
    matched = f"{len(matches.pairs)} of our additions were matched, and " if matches.pairs else ""
    return f"{matched}{len(lines)} lines of the same product could be {_name(each)}"


def _name(each: ExpectedAddition) -> str:
    return each.subscription or each.product or f"addition {each.addition_id}"


def _money(amount: Decimal, currency: str) -> str:
    return f"{as_text(show_money(amount, currency))} {currency}"
