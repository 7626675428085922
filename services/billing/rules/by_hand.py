"""What people billed by hand before go-live, as far as the rules know it: such a charge is never billed again. Pure.

Two kinds of lines stay as they were billed: those invoiced before the first period, and those for which an addition
made by hand was found, or a person said so. Which additions were made by hand is compared where plans are computed;
here a charge says that it may be one of them (`find_first_charge`).
"""

from collections.abc import Mapping
from datetime import date

from services.billing.rules.book import RateBook
from services.billing.rules.continuity import Place
from services.billing.rules.dates import Circumstances, find_start
from services.billing.rules.line import Line, Rated
from services.billing.rules.model import WhenInvoiced
from services.contracts.charge_types import parse_charge_type
from services.contracts.invoicing.periods import END_OF_TIME, AgreementTerms, BillingPeriod
from services.contracts.periods import days_of
from services.contracts.shapes import FirstCharge
from services.contracts.vocabulary import ByHand, ChargeType, HoldReason, LineStatus

BEFORE = "invoiced before {first}, the first period that is billed from here: what was billed by hand stays as it is"
NEW_MONEY = "it charges days before {first}, the first period billed from here, and is invoiced since: new money"
_MAY_GO = frozenset({HoldReason.PERIOD_ALREADY_INVOICED})


def is_billed_before(line: Line, book: RateBook) -> bool:
    """Whether a line that was never sent was billed by hand before go-live."""
    if line.sent_fingerprint is not None:
        return False
    return _is_before(line, book.first_period) or is_billed_by_hand(line)


def is_billed_by_hand(line: Line) -> bool:
    """Whether an addition made by hand bills exactly this charge; of another amount nobody has said so."""
    return line.by_hand is ByHand.BILLED and line.by_hand_charged == line.total


def is_asked(line: Line) -> bool:
    """Whether a person has to say what an addition made by hand bills."""
    return line.by_hand is ByHand.ASK


def explain_by_hand(line: Line, book: RateBook) -> tuple[str, ...]:
    """What go-live means for a line, in words."""
    first = book.first_period
    if line.sent_fingerprint is None and _is_before(line, first):
        return (BEFORE.format(first=first),)
    if line.by_hand_words and (is_billed_by_hand(line) or is_asked(line)):
        return (line.by_hand_words,)
    last = line.charge_end or line.charge_start
    if first is not None and last is not None and last < days_of(first)[0]:
        return (NEW_MONEY.format(first=first),)
    return ()


def _is_before(line: Line, first_period: str | None) -> bool:
    return first_period is not None and line.period < first_period


def find_first_charge(
    line: Line, rated: Rated, place: Place | None, book: RateBook, products: Mapping[str, str]
) -> FirstCharge | None:
    """A recurring charge that an addition made by hand may bill; None where that cannot be.

    What was bought after the first period was not billed by hand before it.

    Args:
        place: of a line that goes to a persistent addition.
        products: names of the PSA's products by id.
    """
    first, charge_type = book.first_period, rated.charge_type
    if first is None or line.period < first or not _recurs(line) or not _may_go(line, rated):
        return None
    if charge_type is not ChargeType.CYCLE_FEE and line.period != first:
        return None
    terms = book.terms.get(rated.agreement_id or "")
    if terms is None or rated.product_id is None or rated.quantity is None or rated.unit_price is None:
        return None
    home = _find_home(line, place, terms, book)
    if home is None or home.end == END_OF_TIME or (place and place.running):
        return None
    if not (rated.is_recurring or terms.is_invoiced(home.start)):
        return None
    return FirstCharge(
        agreement_id=terms.facts.agreement_id,
        agreement=terms.facts.name,
        product_id=rated.product_id,
        product=products.get(rated.product_id, rated.product_id),
        quantity=rated.quantity,
        unit_price=rated.unit_price,
        amount=line.total,
        bills_from=home.start,
        bills_through=home.end,
        description=rated.description,
        invoice_number=line.invoice_number,
        offer=line.offer_name,
    )


def _recurs(line: Line) -> bool:
    charge_type = parse_charge_type(line.charge_type)
    return charge_type is not None and charge_type.is_recurring and bool(line.subscription_id) and not line.is_custom


def _may_go(line: Line, rated: Rated) -> bool:
    """Only what would be billed, or is held because its period is invoiced, can be billed twice."""
    if line.sent_fingerprint is not None or line.by_hand is ByHand.BILL:
        return False
    if rated.status is LineStatus.HELD:
        return _MAY_GO.issuperset(rated.hold_reasons)
    return rated.status is LineStatus.READY


def _find_home(line: Line, place: Place | None, terms: AgreementTerms, book: RateBook) -> BillingPeriod | None:
    """The billing period that the charge belongs to, before it is moved out of one that is invoiced."""
    day: date | None = place.home.first if place and place.home else None
    if day is None:
        charge_type = parse_charge_type(line.charge_type)
        around = Circumstances(
            terms=terms,
            is_recurring=True,
            is_running=False,
            billing_day=book.billing_day_of(line),
            when_invoiced=WhenInvoiced.HOLD,
        )
        day = find_start(line, book.policies[charge_type].start, around) if charge_type else None
    return terms.period_of(day) if day else None
