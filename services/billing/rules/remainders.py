"""What rounding leaves of the charges of a customer, month, agreement and currency, as one visible addition. Pure.

Each charge that is finer than its currency is billed rounded. What that leaves comes to whole units of the currency
together, and those go out in one addition. The rest, below the smallest unit, is named in the receipt.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from operator import itemgetter
from uuid import UUID

from services.billing.rules.agreements import ACTIVE
from services.billing.rules.book import RateBook
from services.billing.rules.desired import Desire, Names, PlannedLine, spell
from services.billing.rules.frozen import weigh_against
from services.billing.rules.gathered import Gathered, Known, as_line
from services.billing.rules.identity import GatheredKind, gathered_id, gathered_marker
from services.billing.rules.line import Line
from services.billing.rules.model import WhenChanged
from services.billing.rules.open_period import find_open_period
from services.billing.rules.true_ups import Settlement, settle_balance
from services.contracts.invoicing.amounts import represent, round_remainder
from services.contracts.invoicing.exact import ONE, ZERO
from services.contracts.invoicing.periods import END_OF_TIME, AgreementTerms
from services.contracts.money import as_text
from services.contracts.shapes import CarriedLine, Closing, DesiredAddition
from services.contracts.vocabulary import BillOption

ROUNDING = "Rounding of {count}, {period}"
NOTHING_LEFT = "Rounding leaves nothing that could be billed any more."


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    organization_id: str
    agreement_id: str
    currency: str


@dataclass(frozen=True, slots=True)
class Remainders:
    """Gathers the remainders of one month.

    Args:
        lines: every line of the customers that the plan is about, also those that stay behind.
        known: additions of the month that were sent, as far as the plan is about their agreements.
    """

    partner_id: UUID
    period: str
    lines: Sequence[PlannedLine]
    book: RateBook
    names: Names
    known: Known

    def gather(self, found: Desire) -> Desire:
        """The additions, with one more where remainders come to something; what that carries leaves the others."""
        parts: dict[_Place, list[DesiredAddition]] = defaultdict(list)
        for each in found.additions:
            if each.rounded and each.bill_option is BillOption.BILLABLE:
                parts[_Place(each.organization_id, each.agreement_id, each.currency)].append(each)
        carried: set[str] = set()
        additions: list[DesiredAddition] = []
        closings = list(found.closings)
        sent = {_Place(each.organization_id, each.agreement_id, each.currency) for each in self.known.values()}
        for place, like in sorted(self._choose_like({*parts, *sent}).items(), key=itemgetter(0)):
            settlement = self._settle(place, like, sorted(parts[place], key=_row_of))
            additions += settlement.additions
            closings += settlement.closings
            if settlement.additions:
                carried |= {each.marker for each in parts[place]}
        kept = [_give_up(each) if each.rounded and each.marker in carried else each for each in found.additions]
        return replace(found, additions=[*kept, *additions], closings=closings)

    def _spell_marker(self, place: _Place) -> str:
        parts = (place.organization_id, self.period, place.currency)
        return gathered_marker(GatheredKind.ROUNDING, self.partner_id, place.agreement_id, *parts)

    def _settle(self, place: _Place, like: PlannedLine, parts: Sequence[DesiredAddition]) -> Settlement:
        marker, exact = self._spell_marker(place), sum((each.rounded for each in parts), ZERO)
        total = round_remainder(exact, place.currency)
        sent, terms = self.known.get(marker), self.book.terms.get(place.agreement_id)
        if terms is None:
            return Settlement([], [], ZERO)
        if sent and sent.is_invoiced(self.book):
            return self._correct(sent, self._spell(marker, like, parts, total, sent.bills_from), exact, like.line)
        days = _choose_days(sent, parts, terms)
        if (
            days is None
            or not total
            or represent(ONE, total, total, place.currency, self.book.kept_in(place.currency)) is None
        ):
            return Settlement([], _withdraw(sent), ZERO)
        spelled = self._spell(marker, like, parts, total, days[0])
        dates = {"effective_date": days[0], "cancelled_date": days[1], "bills_from": days[0], "bills_through": days[1]}
        return Settlement([spelled.model_copy(update={**dates, "rounded": exact - total})], [], ZERO)

    def _correct(self, sent: Gathered, spelled: DesiredAddition, exact: Decimal, like: Line) -> Settlement:
        line = as_line(sent, like)
        balance = weigh_against(round_remainder(exact, like.currency), line, self.book)
        is_held = self.book.rules.when_changed_after_invoicing is WhenChanged.HOLD
        settlement = settle_balance(self.partner_id, spelled, line, balance, self.book, is_held=is_held)
        frozen, *true_ups = settlement.additions
        billed = sum((each.amount for each in settlement.additions), ZERO)
        words = f"Correction: {spelled.invoice_description}"[: self.book.psa.longest_description]
        return Settlement(
            [
                frozen.model_copy(update={"rounded": exact - billed, "charged": None}),
                *(each.model_copy(update={"invoice_description": words}) for each in true_ups),
            ],
            settlement.closings,
            ZERO,
        )

    def _choose_like(self, places: Iterable[_Place]) -> dict[_Place, PlannedLine]:
        """A line to name each addition after, and to take its product from: one that goes there, if any does."""
        of_customers: dict[tuple[str, str], list[PlannedLine]] = defaultdict(list)
        wanted = {(place.organization_id, place.currency) for place in places}
        for each in self.lines:
            key = each.line.organization_id, each.line.currency
            if key in wanted and each.rated.product_id:
                of_customers[key].append(each)
        found = ((place, of_customers[place.organization_id, place.currency]) for place in places)
        return {place: min(lines, key=partial(_distance, place)) for place, lines in found if lines}

    def _spell(
        self, marker: str, like: PlannedLine, parts: Sequence[DesiredAddition], total: Decimal, day: date | None
    ) -> DesiredAddition:
        agreement_id = parts[0].agreement_id if parts else self.known[marker].agreement_id
        facts, start = self.book.terms[agreement_id].facts, day or like.line.invoice_date
        count = f"{len(parts)} charge{'' if len(parts) == 1 else 's'}"
        words = ROUNDING.format(count=count, period=self.period)
        exact = as_text(sum((each.rounded for each in parts), ZERO))
        spelled = spell(self.partner_id, like, None, self.book, self.names)
        return spelled.model_copy(
            update={
                "marker": marker,
                "line_id": gathered_id(GatheredKind.ROUNDING, self.partner_id, marker),
                "line_version": 1,
                "invoice_id": "",
                "row_id": marker,
                "agreement_id": agreement_id,
                "agreement": facts.name,
                "company_id": facts.company_id,
                "company": self.names.companies.get(facts.company_id, facts.company_id),
                "subscription_id": "",
                "subscription": "",
                "is_recurring": False,
                "quantity": ONE,
                "unit_price": total,
                "amount": total,
                "charged": None,
                "charged_quantity": None,
                "unit_cost": None,
                "first_charge": None,
                "bill_option": BillOption.BILLABLE,
                "taxable": all(each.taxable for each in parts),
                "effective_date": start,
                "moves_start": False,
                "invoice_description": words[: self.book.psa.longest_description],
                "explanation": [f"{words}: what is finer than the currency comes to {exact} {spelled.currency}"],
                "forecast": total,
                "replaces": "",
                "rounded": ZERO,
                "carries": [_carry(each) for each in parts],
            }
        )


def _row_of(addition: DesiredAddition) -> tuple[str, str]:
    return addition.invoice_id, addition.row_id


def _distance(place: _Place, planned: PlannedLine) -> tuple[bool, bool, UUID]:
    return planned.rated.agreement_id != place.agreement_id, not planned.rated.remainder, planned.id


def _carry(part: DesiredAddition) -> CarriedLine:
    first = part.carries[0] if part.carries else None
    return CarriedLine(
        line_id=part.line_id,
        line_version=part.line_version,
        invoice_id=part.invoice_id,
        row_id=part.row_id,
        amount=part.rounded,
        invoice_number=first.invoice_number if first else "",
        product=part.invoice_description,
    )


def _give_up(part: DesiredAddition) -> DesiredAddition:
    charged = None if part.charged is None else part.charged - part.rounded
    return part.model_copy(update={"rounded": ZERO, "charged": charged})


def _choose_days(
    sent: Gathered | None, parts: Sequence[DesiredAddition], terms: AgreementTerms
) -> tuple[date, date] | None:
    """The billing period of the first charge, or the next open one; it stays in the one that it was sent for."""
    if sent and sent.bills_from and sent.bills_through:
        return sent.bills_from, sent.bills_through
    first = min((each.bills_from for each in parts if each.bills_from), default=None)
    period = terms.period_of(first) if first else None
    if period and (terms.is_invoiced(period.start) or (terms.facts.is_prorated and not period.is_whole)):
        period = find_open_period(terms)
    last_day = terms.facts.end_date
    if period is None or period.end == END_OF_TIME or (last_day and period.start > last_day):
        return None
    return (period.start, period.end) if terms.facts.status.casefold() == ACTIVE else None


def _withdraw(sent: Gathered | None) -> list[Closing]:
    """An addition that is not invoiced yet and has nothing to carry must never bill."""
    if sent is None or sent.bills_from is None:
        return []
    return [
        Closing(
            marker=sent.marker,
            agreement_id=sent.agreement_id,
            subscription_id="",
            last_billed_day=sent.bills_from - timedelta(days=1),
            explanation=NOTHING_LEFT,
        )
    ]


def narrow(known: Known, organization_ids: Iterable[str], agreement_ids: Iterable[str]) -> Mapping[str, Gathered]:
    """The additions that a plan about some customers and agreements speaks of; none named means all."""
    organizations, agreements = set(organization_ids), set(agreement_ids)
    return {
        marker: each
        for marker, each in known.items()
        if not organizations or each.organization_id in organizations
        if not agreements or each.agreement_id in agreements
    }
