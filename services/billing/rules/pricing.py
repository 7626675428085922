"""What is billed for a line: quantity, unit price and total, as the rules make them of what the marketplace charges.

In this order: the price of the source, the minimum quantity, the markup, rounding. What each does:

- A line that charges nothing is billed nothing. A credit is priced as the charge that it takes back: the same percent,
  the same fixed markup for each unit, the same rounding, each with its sign turned. So a refund takes back what was
  billed for what it refunds, and no customer is paid more than that.
- The marketplace's price is the row's own total, prorated as it stands there. The catalog's price is for a unit and a
  whole billing cycle: a recurring charge for a part of a cycle takes its share of days. A correction and a row of a
  custom invoice are amounts, not units, and a charge for several cycles names no price of one: with a catalog price
  these are held, unless an override gives them the marketplace's.
- A minimum quantity lifts positive usage, and the positive recurring charge that drives its subscription's addition.
  It never multiplies a credit, nor the charges beside the one that drives.
- A fixed markup of a recurring charge or correction for a part of a cycle takes its share of days.
- The amount of the line is rounded, not its unit price: what the customer pays is what was decided.

What a person decided about the line comes before all of that. A quantity is priced as the charge is for each of its
units, and no minimum lifts it. A unit price is final: neither markup nor catalog changes it. The amount is the product,
rounded half away from zero to the currency's smallest unit. A price never turns a charge into a credit, or a credit
into a charge: then the line is held.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal

from services.billing.rules.book import RateBook
from services.billing.rules.line import Line
from services.billing.rules.price_rules import PriceSource, RoundingMode, UnitCost
from services.billing.rules.price_terms import AS_CHARGED, PriceTerms, read_terms
from services.billing.rules.price_words import explain_decided, explain_price
from services.billing.rules.recurrence import end_of_cycle, is_longer_than_cycle, is_part_of_cycle
from services.contracts.charge_types import parse_charge_type
from services.contracts.invoicing.exact import EXACT, ONE, ZERO, minor_unit
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.vocabulary import ChargeType, HoldReason

HUNDRED = Decimal(100)
_MODES = {
    RoundingMode.HALF_UP: ROUND_HALF_UP,
    RoundingMode.HALF_EVEN: ROUND_HALF_EVEN,
    RoundingMode.UP: ROUND_UP,
    RoundingMode.DOWN: ROUND_DOWN,
}
_OF_A_CYCLE = frozenset({ChargeType.PURCHASE_FEE, ChargeType.CYCLE_FEE, ChargeType.CORRECTION})
_AMOUNTS = frozenset({ChargeType.CORRECTION, ChargeType.USER_CORRECTION, None})


@dataclass(frozen=True, slots=True)
class Priced:
    """The values that go to the PSA for a line, and why they differ from what the marketplace charges.

    `Line.total` stays what the marketplace charges; whatever means money to be billed is `total` here.
    """

    quantity: Decimal
    unit_price: Decimal
    total: Decimal
    words: tuple[str, ...] = ()
    cost: Decimal | None = None
    """What all its units cost; None where no cost is written."""
    trouble: HoldReason | None = None
    """Why the rules cannot price it: then its values are those of the marketplace, and it is held."""
    warnings: tuple[str, ...] = ()
    terms: PriceTerms = AS_CHARGED


def price_line(line: Line, book: RateBook) -> Priced:
    """What is billed for a line that is not invoiced."""
    terms = book.price_terms_of(line)
    if terms.minimum is not None and _goes_beside(line):
        # Forgotten here, so that the terms it is sent with say it, whatever drives the addition later.
        terms = replace(terms, minimum=None)
    return _price(line, terms, book.resolve_agreement(line).terms, book)


def price_as_sent(line: Line, book: RateBook) -> Priced:
    """What is billed for an invoiced line: priced as it was when it was sent, whatever rules and catalog say now."""
    return _price(line, read_terms(line.sent_price_terms), book.terms.get(line.sent_agreement_id or ""), book)


def change_by_percent(price: Decimal, percent: Decimal, step: Decimal) -> Decimal:
    """A price and so many percent of it, rounded half away from zero to a step."""
    changed = EXACT.multiply(price, EXACT.add(ONE, EXACT.divide(percent, HUNDRED)))
    return EXACT.quantize(changed, step) or ZERO


def _price(line: Line, terms: PriceTerms, agreement: AgreementTerms | None, book: RateBook) -> Priced:
    if line.user_quantity is not None or line.user_unit_price is not None:
        return _price_as_decided(line, terms, agreement, book)
    priced = Priced(line.quantity, line.unit_price, line.total, terms=terms)
    if not line.total or (not terms.changes_price and terms.unit_cost is UnitCost.NONE):
        return priced
    share = _find_share(line, agreement)
    if terms.changes_price:
        priced = _change_price(priced, line, agreement, share)
    if priced.trouble is HoldReason.CATALOG_PRICE_MISSING and book.product_of(line) is None:
        priced = replace(priced, trouble=None)  # an unmapped product is reason enough
    cost = _find_cost(line, terms, priced.quantity, share)
    return replace(priced, cost=cost, **explain_price(line, priced.total, priced.trouble, terms, share, cost))


def _price_as_decided(line: Line, terms: PriceTerms, agreement: AgreementTerms | None, book: RateBook) -> Priced:
    """A line with a person's quantity, a person's unit price, or both."""
    scaled = _take_quantity(line)
    if line.user_quantity is not None:
        terms = replace(terms, minimum=None)
    ruled = _price(scaled, terms, agreement, book)
    quantity, price, trouble = abs(ruled.quantity), line.user_unit_price, None
    if price is None:
        price, total, trouble = _price_each(ruled), ruled.total, ruled.trouble
    else:
        total = EXACT.multiply(price, quantity)
    if total * line.total < ZERO or (total < ZERO and not line.total):
        trouble = HoldReason.PRICE_NEGATIVE
    total = EXACT.quantize(total, minor_unit(line.currency)) or ZERO
    share = _find_share(line, agreement)
    decided = Priced(quantity, price, total, trouble=trouble, terms=terms)
    if trouble:
        decided = Priced(line.quantity, line.unit_price, line.total, trouble=trouble, terms=terms)
    cost = _find_cost(line, terms, decided.quantity, share)
    return replace(decided, cost=cost, **explain_decided(line, decided.total, trouble, terms, share, cost))


def _take_quantity(line: Line) -> Line:
    """The line as it would be charged with a person's quantity."""
    wanted, size = line.user_quantity, abs(line.quantity)
    plain = replace(line, user_quantity=None, user_unit_price=None)
    if wanted is None:
        return plain
    total = EXACT.multiply(line.total, wanted)
    total = EXACT.divide(total, size) if size else EXACT.multiply(line.unit_price, wanted)
    return replace(plain, quantity=-wanted if line.quantity < ZERO else wanted, total=total)


def _price_each(priced: Priced) -> Decimal:
    """The price of one for a quantity above zero."""
    return -priced.unit_price if priced.quantity < ZERO else priced.unit_price


def _find_share(line: Line, agreement: AgreementTerms | None) -> Decimal:
    """The share of a billing cycle that a recurring charge covers, by days; 1 for every other charge."""
    limit = end_of_cycle(line.charge_start, agreement)
    is_part = parse_charge_type(line.charge_type) in _OF_A_CYCLE and is_part_of_cycle(line, agreement)
    if not is_part or limit is None or line.charge_start is None or line.charge_end is None:
        return ONE
    days, of_days = (line.charge_end - line.charge_start).days + 1, (limit - line.charge_start).days + 1
    return EXACT.divide(Decimal(days), Decimal(of_days)) if days > 0 else ONE


def _change_price(priced: Priced, line: Line, agreement: AgreementTerms | None, share: Decimal) -> Priced:
    terms, sign = priced.terms, ONE if line.total > ZERO else -ONE
    charged, size = abs(line.total), abs(line.quantity)
    unit = EXACT.multiply(line.unit_price, sign if line.quantity >= ZERO else -sign)
    if terms.source is PriceSource.CATALOG:
        if trouble := _find_trouble(line, terms, agreement):
            return replace(priced, trouble=trouble)
        unit = EXACT.multiply(terms.catalog_price or ZERO, share)
        charged = EXACT.multiply(unit, size)
    if terms.minimum is not None and ZERO < size < terms.minimum and _takes_minimum(line):
        charged = EXACT.divide(EXACT.multiply(charged, terms.minimum), size)
        size = terms.minimum
    factor, each = EXACT.add(ONE, EXACT.divide(terms.percent, HUNDRED)), EXACT.multiply(terms.fixed, share)
    marked = EXACT.add(EXACT.multiply(charged, factor), EXACT.multiply(each, size))
    if marked < ZERO:
        return replace(priced, trouble=HoldReason.PRICE_NEGATIVE)
    total = round_amount(marked, terms, line.currency)
    unit = EXACT.add(EXACT.multiply(unit, factor), each)
    turn = -ONE if line.quantity < ZERO else ONE
    return replace(priced, quantity=size * turn, unit_price=unit * sign * turn, total=total * sign)


def _find_trouble(line: Line, terms: PriceTerms, agreement: AgreementTerms | None) -> HoldReason | None:
    """Why a price of the catalog cannot be taken for a line."""
    charge_type = parse_charge_type(line.charge_type)
    is_long = charge_type in _OF_A_CYCLE and is_longer_than_cycle(line, agreement)
    if charge_type in _AMOUNTS or line.is_custom or not line.quantity or is_long:
        return HoldReason.CATALOG_PRICE_UNFIT
    return HoldReason.CATALOG_PRICE_MISSING if terms.catalog_price is None else None


def _takes_minimum(line: Line) -> bool:
    if line.total <= ZERO or line.quantity <= ZERO or line.is_custom:
        return False
    charge_type = parse_charge_type(line.charge_type)
    is_recurring = charge_type is not None and charge_type.is_recurring
    return is_recurring or charge_type is ChargeType.USAGE_FEE


def _goes_beside(line: Line) -> bool:
    """A recurring charge beside the one that drives its subscription's addition."""
    charge_type = parse_charge_type(line.charge_type)
    return charge_type is not None and charge_type.is_recurring and not line.drives


def round_amount(amount: Decimal, terms: PriceTerms, currency: str) -> Decimal:
    """An amount above zero in steps of the rule, in whole units of the currency in any case."""
    cent, mode = minor_unit(currency), _MODES[terms.mode]
    step = max(terms.step or cent, cent)
    steps = EXACT.divide(amount, step).quantize(ONE, rounding=mode, context=EXACT)
    return EXACT.multiply(steps, step).quantize(cent, rounding=mode, context=EXACT)


def _find_cost(line: Line, terms: PriceTerms, quantity: Decimal, share: Decimal) -> Decimal | None:
    """What all units cost, negative for a credit."""
    if terms.unit_cost is UnitCost.AS_CHARGED:
        return line.total
    if terms.unit_cost is not UnitCost.CATALOG or terms.catalog_cost is None:
        return None
    cost = EXACT.multiply(EXACT.multiply(terms.catalog_cost, abs(quantity)), share)
    return -cost if line.total < ZERO else cost
