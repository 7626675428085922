"""Random lives in which nothing keeps its order: the second kind, beside the orderly ones of `drawing`.

Lives of one course share an installation, and so what everybody shares: the months as they come, which of them are
pushed and in which order, and the rules, which an administrator changes in the middle. A life of its own are the
customer's agreements of any cycle, its subscriptions, every invoice and its changes, and what people do: edits of
dates and agreements, lines left out and taken back, mappings, decisions, and when ConnectWise invoices which agreement.

Every life ends as an orderly one does: all subscriptions have ended, all invoices are loaded and pushed once more, and
ConnectWise invoices until nothing of them is left to bill.

Agreements that prorate have whole quantities at prices in whole cents here: where ConnectWise catches up on several
missed periods, it rounds their sum once, and a forecast of each period differs by a cent. `TIEOUT_LIVES_CATCH_UP=1`
draws all quantities and prices on them as well. An agreement that does not recur loses its next invoice date once it is
invoiced, so that nobody can tell one that is invoiced from one that never was, as long as invoices themselves are not
read: `TIEOUT_LIVES_NOT_RECURRING=1` draws them, where there is a monthly one otherwise. Neither agreements in arrears
nor charge types that do not bill (`DoNotBill`, `NoCharge`) are drawn.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from services.contracts.invoicing.periods import add_months
from services.contracts.money import round_money
from tests.lives.life import Life, last_day_of, read_rows

AT_ONCE = 50
"""Lives of one course."""
VERSION = 1
"""A seed draws the same life for as long as this stays."""
_BEGINNINGS = ["2026-02", "2026-11", "2028-01", "2028-02"]
"""Two with a leap day, one across a new year."""
_LENGTHS = {"Monthly": 1, "BiMonthly": 2, "Quarterly": 3, "SemiAnnual": 6, "Yearly": 12}
_CYCLES = [
    *["Monthly"] * 12,
    "BiMonthly",
    *["Quarterly"] * 3,
    "SemiAnnual",
    "Yearly",
    "Weekly",
    "BiWeekly",
    "NotRecurring",
]
_CURRENCIES = [*["EUR"] * 8, "JPY", "KWD"]
_ONCE = ["Correction", "UsageFee", "OneTimeFee", "ItemFee"]
ONE_DAY = timedelta(days=1)
_WITH_NOT_RECURRING = os.environ.get("TIEOUT_LIVES_NOT_RECURRING") == "1"
_WITH_CATCH_UP = os.environ.get("TIEOUT_LIVES_CATCH_UP") == "1"


@dataclass(frozen=True, slots=True)
class Step:
    """What everybody of a course does at the same time."""

    month: str
    pushed: list[str]
    rules: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Course:
    steps: list[Step]
    months: list[str]
    """The months that AppXite invoices, in the calendar's order."""


@dataclass
class Subscription:
    """One subscription while its life is drawn."""

    name: str
    anchor: date
    """A day on which a charge begins."""
    length: int
    quantity: Decimal
    price: Decimal
    first: str
    last: str
    pause: str = ""
    """A month without a charge, after which it returns."""
    has_begun: bool = False
    has_ended: bool = False
    """As AppXite says, for now."""


@dataclass
class Draw:
    """One life while it is drawn."""

    random: Random
    course: Course
    currency: str
    can_move: bool
    has_fine_money: bool
    """Whether quantities and prices may have more decimals than money."""
    subscriptions: list[Subscription] = field(default_factory=list)
    invoices: dict[str, list[str]] = field(default_factory=dict)
    """Month → rows of its invoice as AppXite has it now."""
    pending: dict[str, list[str]] = field(default_factory=dict)
    """Invoices that AppXite will bring, or change, with the next step."""
    excluded: set[str] = field(default_factory=set)
    edited: dict[str, set[str]] = field(default_factory=dict)

    def happens(self, percent: int) -> bool:
        return self.random.randrange(100) < percent


def draw_course(number: int) -> Course:
    """The course of some lives, always the same."""
    random = Random(f"course {number} of version {VERSION}")  # noqa: S311 - a test draws lives, no secrets
    months = _months_from(random.choice(_BEGINNINGS), random.randrange(2, 5))
    order = months[:] if random.randrange(100) < 60 else random.sample(months, len(months))
    if random.randrange(100) < 30:
        order.insert(random.randrange(1, len(order) + 1), random.choice(order[:1] + order))
    steps: list[Step] = []
    seen: set[str] = set()
    for month in order:
        seen.add(month)
        rules = _draw_rules(random) if random.randrange(100) < 35 else None
        steps.append(Step(month, _draw_pushes(random, month, sorted(seen)), rules))
    end = _months_from(months[-1], 2)[-1]
    return Course([*steps, Step(end, [*months, end])], months)


def _months_from(first: str, count: int) -> list[str]:
    return [f"{add_months(date.fromisoformat(f'{first}-01'), number):%Y-%m}" for number in range(count)]


def _draw_pushes(random: Random, month: str, seen: list[str]) -> list[str]:
    """Mostly the step's own month; or nothing, all in order, all in reverse, or an older one after it."""
    way = random.randrange(10)
    if way < 4:
        return [month]
    if way < 6:
        return []
    if way < 8:
        return seen
    return seen[::-1] if way < 9 else random.sample(seen, random.randrange(1, len(seen) + 1))


def _draw_rules(random: Random) -> dict[str, Any]:
    """Some rules away from their defaults."""
    choices: dict[str, list[Any]] = {
        "late_one_time": ["hold", "next_open_period"],
        "late_recurring": ["hold", "next_open_period"],
        "when_changed_after_invoicing": ["true_up", "hold"],
        "when_longer_than_cycle": ["one_time", "hold"],
        "allow_zero_price": [True, False],
        "charge_start": [
            {"kind": "as_invoiced"},
            {"kind": "first_day_of_month"},
            {"kind": "first_day_of_next_month"},
            {"kind": "billing_cycle_day"},
            {"kind": "next_invoice_date"},
            {"kind": "fixed_day", "day": random.randrange(1, 32)},
            {"kind": "as_invoiced", "offset_days": random.choice([-40, -3, 2, 35])},
        ],
        "charge_end": [
            {"kind": "open_ended"},
            {"kind": "as_invoiced"},
            {"kind": "last_day_of_month"},
            {"kind": "as_invoiced", "offset_months": 1},
        ],
    }
    rules: dict[str, Any] = {
        name: random.choice(values)
        for name, values in choices.items()
        if random.randrange(100) < (12 if name == "charge_end" else 30)
    }
    if random.randrange(100) < 30:
        causes = ["vanished", "excluded", "held", "free", "absent"]
        rules["when_undecided"] = {random.choice(causes): random.choice(["ask", "end", "keep"])}
    return rules | _draw_dropping(Random(repr(rules)), rules)  # noqa: S311 - lives, not secrets


def _draw_dropping(random: Random, rules: dict[str, Any]) -> dict[str, Any]:
    """What is not passed on, from a stream of its own, so that everything else of a life stays as it was drawn."""
    dropping = {"drop_favourable_prorations": True} if random.randrange(100) < 30 else {}
    if random.randrange(100) < 30 and not rules.get("allow_zero_price"):
        dropping["drop_zero_lines"] = True
    return dropping


def draw_disorder(seed: int) -> Life:
    """The life of a seed, always the same."""
    random = Random(f"life {seed} of version {VERSION}")  # noqa: S311 - a test draws lives, no secrets
    course = draw_course(seed // AT_ONCE)
    begin = date.fromisoformat(f"{course.months[0]}-01")
    second = _agreement(random, begin) if random.randrange(100) < 40 else None
    first = _agreement(random, begin)
    prorates = first["prorates"] or (second is not None and second["prorates"])
    draw = Draw(
        random,
        course,
        random.choice(_CURRENCIES),
        can_move=second is not None,
        has_fine_money=_WITH_CATCH_UP or not prorates,
    )
    names = ["seats", "mail", "disk"][: random.choice([1, 1, 1, 2, 3])]
    draw.subscriptions = [_subscription(draw, name) for name in names]
    months = [_step(draw, place, step) for place, step in enumerate(course.steps[:-1])]
    return Life.model_validate(
        {
            "title": f"disorderly seed {seed}",
            "why": "drawn",
            "agreement": first,
            "second": second,
            "currency": draw.currency,
            "billing_day": random.randrange(1, 29),
            "month": [*months, _end(draw)],
        }
    )


def _agreement(random: Random, begin: date) -> dict[str, Any]:
    cycle = random.choice(_CYCLES)
    if cycle == "NotRecurring" and not _WITH_NOT_RECURRING:
        cycle = "Monthly"
    is_contract_year = random.randrange(100) < 40
    start = date(begin.year - 1, 1, random.randrange(1, 32) if is_contract_year else 1)
    return {
        "cycle": cycle,
        "periods": "ContractYear" if is_contract_year else "CalendarYear",
        "prorates": random.randrange(100) < 25,
        "bill_start": start,
        "next_invoice": _next_invoice(random, cycle, start, begin),
    }


def _next_invoice(random: Random, cycle: str, start: date, begin: date) -> date:
    """The first day not invoiced: of the period around the beginning, or of the one after."""
    if cycle == "NotRecurring":
        return start
    if cycle not in _LENGTHS:
        weeks = timedelta(days=7 if cycle == "Weekly" else 14)
        return start + ((begin - start) // weeks + random.randrange(2)) * weeks
    count = 0
    while add_months(start, count + _LENGTHS[cycle]) <= begin:
        count += _LENGTHS[cycle]
    return add_months(start, count + random.choice([0, 0, _LENGTHS[cycle]]))


def _subscription(draw: Draw, name: str) -> Subscription:
    random, months = draw.random, draw.course.months
    year = int(months[0][:4])
    first = random.choice([months[0], months[0], months[0], random.choice(months)])
    last = random.choice([months[-1], months[-1], max(first, random.choice(months))])
    return Subscription(
        name,
        date(year - 2, 1, random.choice([1, 1, 1, 15, 28, 29, 30, 31, random.randrange(1, 32)])),
        random.choice([1] * 12 + [3, 6, 12, 12]),
        _quantity(draw),
        _price(draw),
        first,
        last,
        pause=random.choice(months) if draw.happens(15) else "",
    )


def _quantity(draw: Draw) -> Decimal:
    if draw.happens(12) and draw.has_fine_money:
        return Decimal(draw.random.randrange(1, 99_999)) / draw.random.choice([10, 100, 1000])
    return Decimal(draw.random.randrange(1, 40))


def _price(draw: Draw) -> Decimal:
    """Mostly what seats cost; sometimes fine decimals, sometimes a dozen digits."""
    random = draw.random
    if draw.happens(8) and draw.has_fine_money:
        return Decimal(random.randrange(1, 10**6)) / 10**5
    if draw.happens(4):
        return round_money(Decimal(random.randrange(10**9, 10**10)) / 100, draw.currency)
    return round_money(Decimal(random.randrange(100, 3000)) / 100, draw.currency) or Decimal(1)


def _step(draw: Draw, place: int, step: Step) -> dict[str, Any]:
    """One step: what AppXite invoices by now, and what people and ConnectWise do."""
    earlier, draw.pending = draw.pending, {}
    body: dict[str, Any] = {"month": step.month, "pushed": step.pushed, "rules": step.rules, "earlier": earlier}
    if step.month not in draw.invoices and step.month not in earlier:
        rows = _rows(draw, step.month)
        if rows and draw.happens(10):
            draw.pending[step.month] = rows
        elif rows:
            body["rows"] = draw.invoices[step.month] = rows
    draw.invoices |= earlier
    if draw.happens(25) and draw.invoices:
        changed = draw.random.choice(sorted(draw.invoices))
        draw.pending.setdefault(changed, _change(draw, changed))
    body |= _endings(draw, step.month)
    body |= _work(draw)
    return body | _invoicing(draw, place)


def _rows(draw: Draw, month: str) -> list[str]:
    return [row for each in draw.subscriptions for row in _rows_of(draw, each, month)]


def _rows_of(draw: Draw, subscription: Subscription, month: str) -> Iterator[str]:
    if subscription.first <= month <= subscription.last and month != subscription.pause:
        if draw.happens(25):
            subscription.quantity = _quantity(draw)
        if draw.happens(15):
            subscription.price = _price(draw)
        yield from _charges(draw, subscription, month)
    if draw.happens(12):
        yield _once(draw, subscription.name, month)
    if draw.happens(6):
        yield _part(draw, subscription.name, month)


def _charges(draw: Draw, subscription: Subscription, month: str) -> Iterator[str]:
    """The charge that begins in a month, if one does."""
    anchor, length = subscription.anchor, subscription.length
    count = (int(month[:4]) - anchor.year) * 12 + int(month[5:]) - anchor.month
    if subscription.has_begun and count % length:
        return
    start, end = add_months(anchor, count), add_months(anchor, count + length) - ONE_DAY
    if not subscription.has_begun and draw.happens(30):
        start = draw.random.choice([start, min(end, start + timedelta(days=draw.random.randrange(1, 20)))])
    kind = "CycleFee" if subscription.has_begun else "PurchaseFee"
    subscription.has_begun = True
    quantity, price = subscription.quantity, Decimal(0) if draw.happens(4) else subscription.price
    total = round_money(quantity * price, draw.currency)
    yield f"{subscription.name} {kind} {start} to {end}: {quantity:f} × {price:f} = {total:f}"


def _money(draw: Draw) -> Decimal:
    return round_money(Decimal(draw.random.randrange(100, 9000)) / 100, draw.currency)


def _once(draw: Draw, name: str, month: str) -> str:
    amount = draw.random.choice([-1, 1]) * _money(draw)
    day = draw.random.randrange(1, 28)
    return f"{name} {draw.random.choice(_ONCE)} {month}-{day:02} to {last_day_of(month)}: 1 × {amount} = {amount}"


def _part(draw: Draw, name: str, month: str) -> str:
    """A short recurring row beside the charge: seats added in the middle of the month."""
    amount = _money(draw)
    return f"{name} CycleFee {month}-{draw.random.randrange(20, 28)} to {last_day_of(month)}: 1 × {amount} = {amount}"


def _change(draw: Draw, month: str) -> list[str]:
    """An invoice that AppXite changes afterwards: another total, one row more, or one row fewer."""
    rows = draw.invoices[month]
    if len(rows) > 1 and draw.happens(25):
        return rows[:-1]
    if not rows or draw.happens(30):
        return [*rows, _once(draw, draw.subscriptions[0].name, month)]
    place = draw.random.randrange(len(rows))
    amount = _money(draw)
    changed = f"{rows[place].split(': ')[0]}: 1 × {amount} = {amount}"
    return [*rows[:place], changed, *rows[place + 1 :]]


def _endings(draw: Draw, month: str) -> dict[str, Any]:
    """Subscriptions that AppXite says have ended, and those that return."""
    ended, active = {}, []
    for each in draw.subscriptions:
        is_over = month > each.last or month == each.pause
        if is_over and each.has_begun and not each.has_ended and draw.happens(50):
            ended[each.name] = date.fromisoformat(f"{month}-01") - ONE_DAY
            each.has_ended = True
        elif each.has_ended and not is_over:
            active.append(each.name)
            each.has_ended = False
    return {"ended": ended, "active": active}


def _work(draw: Draw) -> dict[str, Any]:
    """What people do with lines, mappings and undecided additions."""
    random = draw.random
    body: dict[str, Any] = {"decide": random.choice(["end", "keep", "later", None])}
    known = [f"{month}/{row.id}" for month, rows in sorted(draw.invoices.items()) for row in read_rows(rows)]
    if draw.excluded and draw.happens(40):
        body["include"] = [min(draw.excluded)]
        draw.excluded.remove(min(draw.excluded))
    elif known and draw.happens(8):
        body["exclude"] = [random.choice(known)]
        draw.excluded.add(body["exclude"][0])
    if draw.edited and draw.happens(30):
        row = min(draw.edited)
        body["edit"] = {row: dict.fromkeys(sorted(draw.edited.pop(row)), "")}
    elif known and draw.happens(15):
        row = random.choice(known)
        body["edit"] = {row: _edit(draw, row[:7])}
        draw.edited.setdefault(row, set()).update(body["edit"][row])
    if draw.can_move and draw.happens(25):
        body["moved_to"] = random.choice("AB")
    return body


def _edit(draw: Draw, month: str) -> dict[str, str]:
    """A day around the month, or the other agreement."""
    random = draw.random
    day = date.fromisoformat(f"{month}-01") + timedelta(days=random.randrange(-20, 60))
    if draw.can_move and draw.happens(35):
        return {"agreement_id": random.choice("AB")}
    return {random.choice(["charge_start_date", "charge_start_date", "charge_end_date"]): day.isoformat()}


def _invoicing(draw: Draw, place: int) -> dict[str, Any]:
    """When ConnectWise invoices: before the push, after it, both, or not at all; both agreements or one of them."""
    random = draw.random
    day = last_day_of(max(each.month for each in draw.course.steps[: place + 1]))
    through = [day, day + ONE_DAY, day - timedelta(days=random.randrange(1, 28)), day + timedelta(days=15)]
    body: dict[str, Any] = {"invoiced_through": random.choice([day, day, *through, "nothing"])}
    if draw.happens(15):
        body["invoiced_before"] = random.choice([day, *through])
    if draw.can_move and draw.happens(15):
        body["invoiced_agreement"] = random.choice("AB")
    return body


def _end(draw: Draw) -> dict[str, Any]:
    """Everything ends, every invoice is loaded again, and ConnectWise invoices what is left."""
    step = draw.course.steps[-1]
    ended = last_day_of(draw.course.months[-1])
    return {
        "month": step.month,
        "pushed": step.pushed,
        "earlier": {**draw.invoices, **draw.pending},
        "ended": {each.name: ended for each in draw.subscriptions},
        "decide": "end",
        "invoiced_through": ended + timedelta(days=800),
    }
