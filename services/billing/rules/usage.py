"""The usage of a subscription in a month, collapsed into one addition for each billing period that bills it. Pure.

Before it is invoiced the addition carries whatever lines go out now. Afterwards it carries those that it was invoiced
for, and what they charge differently by now is one true-up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from services.billing.rules.book import RateBook
from services.billing.rules.desired import GOING, Desire, Names, PlannedLine, find_billed_days, leave, spell
from services.billing.rules.frozen import is_invoiced, weigh_against
from services.billing.rules.gathered import Known, as_line
from services.billing.rules.identity import GatheredKind, gathered_id, gathered_marker
from services.billing.rules.true_ups import Settlement, settle_balance
from services.contracts.invoicing.amounts import AdditionAmount, AmountForm, represent, round_total
from services.contracts.invoicing.bills import BilledAddition, bill_to_its_end
from services.contracts.invoicing.exact import ONE, ZERO
from services.contracts.shapes import CarriedLine, DesiredAddition
from services.contracts.vocabulary import BillOption, HoldReason

USAGE = "{subscription} - {charge_type} {period} ({count})"


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that share an addition, in the order of their invoices."""

    marker: str
    lines: Sequence[PlannedLine]
    is_invoiced: bool


def group_usage(partner_id: UUID, planned: Iterable[PlannedLine], book: RateBook, known: Known) -> list[Group]:
    """All lines that go out, or were invoiced, in one addition with others."""
    groups: dict[tuple[str, bool], list[PlannedLine]] = {}
    for each in planned:
        line = each.line
        if line.sent_gathered and line.sent_marker and line.sent_marker in known and is_invoiced(line, book):
            groups.setdefault((line.sent_marker, True), []).append(each)
        elif each.rated.is_gathered and each.rated.status in GOING:
            groups.setdefault((_spell_marker(partner_id, each, book), False), []).append(each)
    return [
        Group(marker, sorted(lines, key=_place), is_invoiced=was_invoiced)
        for (marker, was_invoiced), lines in groups.items()
    ]


def _place(planned: PlannedLine) -> tuple[str, str, str]:
    return planned.line.invoice_number, planned.line.invoice_id, planned.line.row_id


def _spell_marker(partner_id: UUID, planned: PlannedLine, book: RateBook) -> str:
    """Lines share an addition where all is alike that an addition has once."""
    line, rated = planned.line, planned.rated
    agreement = rated.agreement_id or ""
    first, last = find_billed_days(rated, None, book.terms.get(agreement))
    alike = (line.subscription_id, line.period, line.currency, rated.product_id or "", rated.bill_option.value)
    days = (f"{first}", f"{last}")
    return gathered_marker(GatheredKind.USAGE, partner_id, agreement, *alike, f"{rated.taxable}", *days)


def desire_group(found: Desire, partner_id: UUID, group: Group, book: RateBook, names: Names, known: Known) -> None:
    """The addition of a group, with its true-up where it was invoiced with another sum."""
    if not group.is_invoiced:
        found.additions.append(_gather(partner_id, group, book, names))
        return
    corrected = _correct(partner_id, group, book, names, known)
    found.additions.extend(corrected.additions)
    found.closings.extend(corrected.closings)
    for each in group.lines:
        if left := _price(each) - _target(each, is_stuck=bool(corrected.left)):
            reasons = (HoldReason.CHANGED_AFTER_INVOICING,) if each.rated.status in GOING else each.rated.hold_reasons
            found.unsent.append(leave(each, reasons, None).model_copy(update={"amount": left, "sent_marker": ""}))


def _gather(partner_id: UUID, group: Group, book: RateBook, names: Names) -> DesiredAddition:
    spelled = _spell(partner_id, group, book, names)
    exact = sum((_price(each) for each in group.lines), ZERO)
    total = round_total(exact, spelled.currency)
    amount = _represent(group, total, book)
    starts = [each.rated.start.value for each in group.lines if each.rated.start.value]
    ends = [each.rated.end.value for each in group.lines if each.rated.end.value]
    changes = {
        "quantity": amount.quantity,
        "unit_price": amount.unit_price,
        "amount": total,
        "rounded": exact - total,
        "charged": _charged(exact, group.lines),
        "effective_date": min(starts, default=spelled.effective_date),
        "cancelled_date": max(ends, default=spelled.bills_through),
    }
    gathered = spelled.model_copy(update=changes)
    return gathered.model_copy(update={"forecast": _forecast(gathered, book)})


def _represent(group: Group, total: Decimal, book: RateBook) -> AdditionAmount:
    """The sum of quantities where one price is theirs, and comes to the total as it is; else 1 at the total."""
    first = group.lines[0].line
    prices = {each.rated.unit_price for each in group.lines if each.rated.quantity}
    if len(prices) == 1 and (price := prices.pop()) is not None:
        quantity = sum((each.rated.quantity or ZERO for each in group.lines), ZERO)
        together = represent(quantity, price, total, first.currency, book.kept_in(first.currency))
        if together is not None and together.form is AmountForm.AS_INVOICED:
            return together
    return AdditionAmount(ONE, total, AmountForm.SINGLE)


def _forecast(gathered: DesiredAddition, book: RateBook) -> Decimal | None:
    terms = book.terms.get(gathered.agreement_id)
    if gathered.bill_option is not BillOption.BILLABLE or terms is None:
        return ZERO
    addition = BilledAddition(
        gathered.quantity, gathered.unit_price, gathered.currency, gathered.effective_date, gathered.cancelled_date
    )
    return bill_to_its_end(addition, terms)


def _correct(partner_id: UUID, group: Group, book: RateBook, names: Names, known: Known) -> Settlement:
    """What was invoiced, and the difference. Where none can go out, the lines keep what was invoiced for them."""
    corrected = _settle(partner_id, group, book, names, known, is_stuck=False)
    if not corrected.left:
        return corrected
    stuck = _settle(partner_id, group, book, names, known, is_stuck=True)
    return Settlement(stuck.additions, stuck.closings, corrected.left)


def _settle(
    partner_id: UUID, group: Group, book: RateBook, names: Names, known: Known, *, is_stuck: bool
) -> Settlement:
    spelled = _spell(partner_id, group, book, names)
    targets = {each.id: _target(each, is_stuck=is_stuck) for each in group.lines}
    exact = sum(targets.values(), ZERO)
    line = as_line(known[group.marker], group.lines[0].line)
    balance = weigh_against(round_total(exact, line.currency), line, book)
    settlement = settle_balance(partner_id, spelled, line, balance, book, is_held=is_stuck)
    frozen, *true_ups = settlement.additions
    moves = {each.id: targets[each.id] - _share(each) for each in group.lines}
    changes = bool(true_ups) and true_ups[0].amount != balance.sent
    kept = {each.id: _share(each) if changes else targets[each.id] for each in group.lines}
    rounded = exact - balance.priced
    charged = _charged(exact, group.lines)
    frozen = frozen.model_copy(
        update={
            "carries": [_carry(each, kept[each.id]) for each in group.lines],
            "rounded": rounded,
            "charged": None if charged is None else charged - balance.due,
        }
    )
    moved = [_carry(each, moves[each.id], is_whole=False) for each in group.lines if changes and moves[each.id]]
    words = f"Correction: {spelled.invoice_description}"[: book.psa.longest_description]
    corrections = [
        each.model_copy(update={"carries": moved, "charged": None, "invoice_description": words}) for each in true_ups
    ]
    return Settlement([frozen, *corrections], settlement.closings, ZERO if is_stuck else settlement.left)


def _spell(partner_id: UUID, group: Group, book: RateBook, names: Names) -> DesiredAddition:
    """The addition of the first line, under the marker and the name of the group."""
    first = group.lines[0]
    rows = f"{len(group.lines)} row{'s' if len(group.lines) > 1 else ''}"
    policy = book.policies[first.rated.charge_type] if first.rated.charge_type else None
    words = USAGE.format(
        subscription=first.line.subscription_name,
        charge_type=policy.display_name if policy else first.line.charge_type,
        period=first.line.period,
        count=rows,
    )
    spelled = spell(partner_id, first, None, book, names)
    return spelled.model_copy(
        update={
            "marker": group.marker,
            "line_id": gathered_id(GatheredKind.USAGE, partner_id, group.marker),
            "line_version": 1,
            "invoice_id": "",
            "row_id": group.marker,
            "replaces": "",
            "unit_cost": None,
            "charged_quantity": None,
            "invoice_description": words[: book.psa.longest_description],
            "explanation": [f"{rows} of usage of {first.line.period} in one addition", *spelled.explanation],
            "rounded": ZERO,
            "carries": [
                _carry(each, _price(each)).model_copy(update={"replaces": _find_left(each, group.marker)})
                for each in group.lines
            ],
        }
    )


def _find_left(planned: PlannedLine, marker: str) -> str:
    sent = planned.line.sent_marker or ""
    return "" if sent == marker else sent


def _carry(planned: PlannedLine, amount: Decimal, *, is_whole: bool = True) -> CarriedLine:
    """What a true-up moves of a line: what the marketplace charges for it is on the corrected addition."""
    line, marked_up = planned.line, _mark_up(planned)
    return CarriedLine(
        line_id=planned.id,
        line_version=planned.version,
        invoice_id=line.invoice_id,
        row_id=line.row_id,
        amount=amount,
        charged=amount - marked_up if marked_up and is_whole else None,
        invoice_number=line.invoice_number,
        product=line.offer_name,
    )


def _charged(exact: Decimal, lines: Iterable[PlannedLine]) -> Decimal | None:
    """What the marketplace charges for an amount of some lines, where rules have priced them."""
    marked_up = sum(map(_mark_up, lines), ZERO)
    return exact - marked_up if marked_up else None


def _mark_up(planned: PlannedLine) -> Decimal:
    """What rules add to the charge of a line."""
    return _price(planned) - (ZERO if planned.line.is_vanished else planned.line.total)


def _price(planned: PlannedLine) -> Decimal:
    """To the last digit."""
    return ZERO if planned.line.is_vanished else planned.rated.amount + planned.rated.remainder


def _share(planned: PlannedLine) -> Decimal:
    """What the addition and its true-ups carry of an invoiced line by now."""
    return planned.line.sent_amount or ZERO


def _target(planned: PlannedLine, *, is_stuck: bool) -> Decimal:
    """What they are to carry: of a line that stays behind, and where nothing can go out, what they carry already."""
    goes = planned.rated.status in GOING and not is_stuck
    return _price(planned) if goes else _share(planned)
