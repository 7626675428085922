"""Which subscriptions each customer has, made one by one on demand so that 100,000 need no memory.

A few are pinned by place (`PINNED`), because the demo promises them whatever the seed: ones that a hand-made
addition already covers, free ones, annual ones, ended ones.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from services.sandbox.seed.draw import draw, falls
from services.sandbox.seed.months import ONE_DAY, add_months, last_day, month_of
from services.sandbox.seed.offers import OFFERS, WHEEL, Offer, OfferKind
from services.sandbox.seed.organizations import ORGANIZATIONS, TOTAL_WEIGHT, Organization, currency_of

CENT = Decimal("0.01")
FINE = Decimal("0.0001")
_DOLLARS_PER_EURO = Decimal("1.08")
LINES_PER_SUBSCRIPTION = Decimal("0.973")  # measured on the previous month of seed 7


class Subscription(NamedTuple):
    id: str
    organization: Organization
    number: int
    offer: Offer
    currency: str
    quantity: int
    unit_price: Decimal
    """As invoices show it."""
    exact_price: Decimal
    """As totals are worked out from; differs from `unit_price` where invoices do not multiply exactly."""
    start: date
    end: date | None
    """Last day it ran, when it has ended."""
    day: int
    """Day of the month on which its cycles begin."""
    change: date | None
    """Day of its quantity change, billed as a Correction on the next invoice."""
    status: str
    chance: bytes


class Pin(NamedTuple):
    offer: int
    quantity: int = 0
    free: bool = False
    anniversary: int = 0
    """Annual: its anniversary falls this many months before the reference month."""
    ended: bool = False


PINNED: dict[tuple[int, int], Pin] = {
    (0, 0): Pin(1, quantity=12),
    (2, 0): Pin(2, quantity=8),
    (5, 0): Pin(0, quantity=25),
    (4, 0): Pin(9, free=True),
    (16, 0): Pin(2, free=True),
    (11, 0): Pin(17, anniversary=0),
    (13, 0): Pin(18, anniversary=1),
    (24, 0): Pin(17, anniversary=0),
    (1, 0): Pin(1, ended=True),
    (19, 0): Pin(2, ended=True),
    (3, 0): Pin(19),
    (6, 0): Pin(21),
    (8, 0): Pin(23),
    (24, 1): Pin(24),
}
"""(organization, number) → what it must be."""


def count_of(organization: Organization, lines: int) -> int:
    """How many subscriptions a customer has when the previous month shall have about `lines` lines."""
    return max(2, int(Decimal(lines) / LINES_PER_SUBSCRIPTION * organization.weight / TOTAL_WEIGHT))


def subscriptions_of(
    seed: int, lines: int, month: date, organization: Organization, *, microsoft: bool | None = None
) -> Iterator[Subscription]:
    """A customer's subscriptions; `microsoft` keeps only Microsoft's, or only the others, before making them."""
    for number in range(count_of(organization, lines)):
        chance = _chance(seed, organization, number)
        if microsoft is None or _offer(organization, number, chance).is_microsoft is microsoft:
            yield _make(month, organization, number, chance)


def all_subscriptions(seed: int, lines: int, month: date) -> Iterator[Subscription]:
    for organization in ORGANIZATIONS:
        yield from subscriptions_of(seed, lines, month, organization)


def subscription(seed: int, month: date, organization: Organization, number: int) -> Subscription:
    """One subscription as it stands in the reference month."""
    return _make(month, organization, number, _chance(seed, organization, number))


def _chance(seed: int, organization: Organization, number: int) -> bytes:
    return draw(seed, f"subscription/{organization.number}/{number}")


def _offer(organization: Organization, number: int, chance: bytes) -> Offer:
    pin = PINNED.get((organization.number, number))
    return OFFERS[pin.offer] if pin else WHEEL[chance[0]]


def _make(month: date, organization: Organization, number: int, chance: bytes) -> Subscription:
    pin = PINNED.get((organization.number, number))
    offer = _offer(organization, number, chance)
    currency = currency_of(organization, microsoft=offer.is_microsoft)
    start = _start(offer, month, chance, pin)
    end = _end(offer, month, start, chance, pin)
    price, exact = _prices(offer, currency, chance, pin)
    return Subscription(
        _id(chance),
        organization,
        number,
        offer,
        currency,
        _quantity(offer, chance, pin),
        price,
        exact,
        start,
        end,
        _cycle_day(offer, start, chance, pin),
        None if pin else _change(offer, month, start, end, chance),
        _status(end, chance, pin),
        chance,
    )


def _id(chance: bytes) -> str:
    h = chance.hex()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:32]}"


def _start(offer: Offer, month: date, chance: bytes, pin: Pin | None) -> date:
    """Most have run for months; some began in the last three, so that PurchaseFees appear."""
    day = timedelta(days=1 + chance[4] % 26)
    if pin:
        years = 12 if offer.kind is OfferKind.ANNUAL else 10
        back = 1 if offer.kind is OfferKind.ONE_TIME else years + pin.anniversary
        return add_months(month, -back) + (day if back == 1 else timedelta())
    if offer.kind is OfferKind.ONE_TIME:
        return (
            add_months(month, -1 if falls(chance[1], 130) else -2 if falls(chance[1], 220) else -3 - chance[2] % 10)
            + day
        )
    if offer.kind is OfferKind.ANNUAL:
        return add_months(month, -12 * (1 + chance[2] % 2) - (0, 0, 1, 1, 5)[chance[1] % 5])
    for back, limit in enumerate((8, 18, 30)):
        if falls(chance[1], limit):
            return add_months(month, -back) + day
    return add_months(month, -3 - chance[2] % 28) + (day if chance[3] >= _ALIGNED else timedelta())


_ALIGNED = 180
"""Of 256: subscriptions whose cycles follow the calendar month instead of their start day."""


def _cycle_day(offer: Offer, start: date, chance: bytes, pin: Pin | None) -> int:
    aligned = pin is not None or chance[3] < _ALIGNED or offer.kind in (OfferKind.USAGE, OfferKind.ITEM)
    return 1 if aligned else start.day


def _end(offer: Offer, month: date, start: date, chance: bytes, pin: Pin | None) -> date | None:
    """About one in nine ended in the previous month: its last CycleFee is there."""
    previous = add_months(month, -1)
    if pin:
        return last_day(previous) if pin.ended else None
    if offer.kind in (OfferKind.ONE_TIME, OfferKind.ANNUAL) or start >= add_months(previous, -4):
        return None
    if falls(chance[7], 36):
        return last_day(previous) if falls(chance[8], 200) else previous + timedelta(days=12 + chance[8] % 14)
    return last_day(add_months(previous, -4)) if falls(chance[7], 40) else None


def _change(offer: Offer, month: date, start: date, end: date | None, chance: bytes) -> date | None:
    """The day seats were added or removed, in one of the two months before the reference month."""
    if offer.kind is not OfferKind.LICENSE or end is not None or not falls(chance[10], 26):
        return None
    day = add_months(month, -2 if falls(chance[10], 14) else -1) + timedelta(days=3 + chance[11] % 22)
    return day if month_of(start) < month_of(day) else None


def _status(end: date | None, chance: bytes, pin: Pin | None) -> str:
    if end is not None:
        return "Expired"
    return "Suspended" if pin is None and falls(chance[9], 5) else "Active"


def _quantity(offer: Offer, chance: bytes, pin: Pin | None) -> int:
    if pin and pin.quantity:
        return pin.quantity
    if offer.kind is OfferKind.ONE_TIME:
        return 1 + chance[12] % 6
    return 1 + (chance[12] * chance[13] >> 9)


def _prices(offer: Offer, currency: str, chance: bytes, pin: Pin | None) -> tuple[Decimal, Decimal]:
    """(shown, exact): two thirds at list price, one fifth with four decimals, the rest shown rounded."""
    if pin and pin.free:
        return Decimal("0.00"), Decimal("0.00")
    listed = offer.price if currency == "EUR" else offer.price * _DOLLARS_PER_EURO
    if offer.kind is OfferKind.USAGE:
        return listed.quantize(FINE, ROUND_HALF_UP), listed.quantize(FINE, ROUND_HALF_UP)
    if pin or falls(chance[5], 170):
        scale = CENT if offer.price == offer.price.quantize(CENT) else FINE
        price = listed.quantize(scale, ROUND_HALF_UP)
        return price, price
    discounted = (listed * (200 - chance[6] % 20) / 200).quantize(FINE, ROUND_HALF_UP)
    return (discounted, discounted) if falls(chance[5], 222) else (discounted.quantize(CENT, ROUND_HALF_UP), discounted)


def commitment_end(subscription: Subscription, month: date) -> date | None:
    """Last day of the running 12-month term; one-time purchases and ended subscriptions have none of their own."""
    if subscription.end or subscription.offer.kind is OfferKind.ONE_TIME:
        return subscription.end
    term = month_of(subscription.start)
    while term <= month:
        term = add_months(term, 12)
    return term.replace(day=min(subscription.start.day, 28)) - ONE_DAY
