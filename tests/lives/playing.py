"""Plays many lives side by side through one installation, and writes down what each was billed and what was listed.

Lives share an installation when they have the same rules and their months fit into one calendar, so that a hundred
lives cost a handful of installations. Each is a customer of its own; only loads, plans and pushes are everybody's.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from services.sync.plans.models import OperationRow
from tests.lives.installation import Installation, Push
from tests.lives.life import Item, Life, Month, invoices_of, read_rows
from tests.lives.outcome import Billed, Left, Listed, Played
from tests.lives.world import Customer, marketplace_world, psa_world
from tests.sync.conftest import APPXITE, CONNECTWISE

COMMON_END = "07"
"""Lives that are over by July share the months of their year; longer ones have an installation of their own."""
MOST_LIVES = 80
"""In one installation, so that parallel workers have something to share."""
WORKING_DAY = 20


@dataclass(frozen=True, slots=True)
class Script:
    """Lives that share an installation, and the months in the order in which everybody works through them."""

    name: str
    months: list[str]
    lives: list[Life]
    in_order: bool = True
    """Otherwise months come back, and every life begins with exactly these."""


def group_lives(lives: Sequence[Life]) -> list[Script]:
    """The lives by what they must share: calendar, rules, and whether months are said to be complete."""
    groups: dict[tuple[str, str, bool], list[Life]] = defaultdict(list)
    disorderly = {" ".join(each.month for each in life.months) for life in lives if not _in_order(life)}
    for life in lives:
        calendar = _course_of(life) or _calendar_of(life, disorderly)
        groups[calendar, orjson.dumps(life.rules).decode(), life.complete].append(life)
    return [script for key, found in sorted(groups.items()) for script in _share_out(key, found)]


def _share_out(key: tuple[str, str, bool], lives: list[Life]) -> list[Script]:
    calendar, rules, complete = key
    name = " ".join(filter(None, [calendar, rules * (rules != "{}"), "complete" * complete]))
    parts = [lives[first : first + MOST_LIVES] for first in range(0, len(lives), MOST_LIVES)]
    return [_make_script(f"{name} part {number}" if number else name, part) for number, part in enumerate(parts)]


def _course_of(life: Life) -> str:
    """What everybody in the installation does with such a life: an order of pushes or new rules; mostly nothing."""
    if all(each.pushed is None and each.rules is None for each in life.months):
        return ""
    return " ".join(f"{each.month} {each.pushed} {each.rules}" for each in life.months)


def _in_order(life: Life) -> bool:
    months = [each.month for each in life.months]
    return months == sorted(set(months)) and not _course_of(life)


def _calendar_of(life: Life, disorderly: set[str]) -> str:
    """A life whose months come back shares those of a longer one that begins in the same way."""
    months = [each.month for each in life.months]
    if not _in_order(life):
        return max((len(each), each) for each in disorderly if each.startswith(" ".join(months)))[1]
    year = months[0][:4]
    return f"{year} {'half' if months[-1] <= f'{year}-{COMMON_END}' else 'long'}"


def _make_script(name: str, lives: list[Life]) -> Script:
    given = [[each.month for each in life.months] for life in lives]
    if not _in_order(lives[0]):
        return Script(name.strip(), max(given, key=len), lives, in_order=False)
    return Script(name.strip(), sorted(set().union(*given)), lives)


class Player:
    """Works through a script, month by month."""

    def __init__(self, installation: Installation, script: Script) -> None:
        self.installation, self.script = installation, script
        self.customers = [Customer(life, number, f"Customer {number}") for number, life in enumerate(script.lives)]
        self.played = [Played() for _ in script.lives]
        self._by_agreement = {
            str(each.agreement_id(letter)): each for each in self.customers for letter in each.life.agreements
        }
        self._by_organization = {each.id: each for each in self.customers}
        self._time = 0

    async def play(self) -> list[Played]:
        """All months; the outcomes in the order of the script's lives."""
        await self._open()
        latest = self.script.months[0]
        for place, name in enumerate(self.script.months):
            latest = max(latest, name)
            await self.installation.set_day(date.fromisoformat(f"{latest}-{WORKING_DAY}"))
            await self._play_month(name, self._find_months(place, name))
        for each in await self.installation.list_found():
            played = self.played[self._by_agreement[each.agreement_id].number]
            money = "unclear" if each.billed is None else f"{each.billed - each.expected:f}"
            played.found.append(f"{each.period_start} {money}")
        await self._name_additions()
        return self.played

    def _find_months(self, place: int, name: str) -> list[tuple[Customer, Month]]:
        if not self.script.in_order:
            return [(each, each.life.months[place]) for each in self.customers if place < len(each.life.months)]
        return [(each, month) for each in self.customers for month in each.life.months if month.month == name]

    async def _open(self) -> None:
        """Both worlds as they are before the first month; every customer is approved and mapped."""
        installation, today = self.installation, date.fromisoformat(f"{self.script.months[0]}-01")
        await installation.set_day(today)
        await installation.stand_ins.order(APPXITE, "world", **marketplace_world(self.customers, today))
        await installation.stand_ins.order(CONNECTWISE, "world", **psa_world(self.customers, today))
        await installation.connect()
        if rules := self.script.lives[0].rules:
            await installation.set_rules(rules)
        await installation.mirror()
        await installation.map_product()
        await installation.map_customers({each.id: self._mapping(each, "A") for each in self.customers})

    def _mapping(self, customer: Customer, letter: str) -> dict[str, Any]:
        return {
            "state": "approved",
            "company_id": str(customer.company_id(letter)),
            "agreement_id": str(customer.agreement_id(letter)),
        }

    async def _play_month(self, name: str, active: list[tuple[Customer, Month]]) -> None:
        installation = self.installation
        months = sorted({name}.union(*(month.months for _, month in active)))
        for customer, month in active:
            await self._delete_invoices(customer, month)
        rules = next((month.rules for _, month in active if month.rules is not None), None)
        if rules is not None:
            await installation.set_rules(rules)
        await self._invoice_customers(active)
        await self._change_mappings(active)
        await installation.load(months)
        await self._work_on_lines(active)
        if self.script.lives[0].complete:
            for each in months:
                await installation.say_complete(each)
        await self._bill_before(active)
        pushed = active[0][1].pushed
        await self._push(months if pushed is None else pushed, active)
        for customer, month in active:
            await self._work_in_connectwise(customer, month)
            if month.through is not None:
                await self._bill(customer, month, month.through)

    async def _bill_before(self, active: list[tuple[Customer, Month]]) -> None:
        """What ConnectWise invoices before the push."""
        for customer, month in active:
            if month.invoiced_before is not None:
                await self._bill(customer, month, month.invoiced_before)

    async def _push(self, months: list[str], active: list[tuple[Customer, Month]]) -> None:
        for each in months:
            push = await self.installation.push_month(each, self._choices(active), self._say_by_hand(active))
            self._write_down(push, active)
        for each in months:
            self._write_down_second(each, await self.installation.list_writes(each))

    async def _work_in_connectwise(self, customer: Customer, month: Month) -> None:
        """What people do there after the push, before it invoices."""
        if month.hand_priced is not None:
            await self.installation.price_by_hand(customer.agreement_id(), month.hand_priced)
        for day in month.written_off:
            await self.installation.write_off(customer.agreement_id(), day)

    async def _invoice_customers(self, active: list[tuple[Customer, Month]]) -> None:
        """What AppXite has now: new and changed invoices, subscriptions that began, ended or came back, names."""
        order: dict[str, list[dict[str, Any]]] = {"organizations": [], "subscriptions": [], "invoices": []}
        for customer, month in active:
            if month.renamed:
                customer.name = month.renamed
                order["organizations"].append(customer.organization())
            order["subscriptions"] += self._subscriptions(customer, month)
            order["invoices"] += self._invoices(customer, month)
        await self.installation.stand_ins.order(APPXITE, "world", **order)
        if order["organizations"]:
            await self.installation.mirror()

    def _subscriptions(self, customer: Customer, month: Month) -> list[dict[str, Any]]:
        texts = [*month.custom, *(text for rows in invoices_of(month).values() for text in rows)]
        new = {row.subscription for row in read_rows(texts)} - customer.subscriptions
        return [
            *(customer.subscription(name) for name in sorted((new | set(month.active)) - set(month.ended))),
            *(customer.subscription(name, ended=day) for name, day in month.ended.items()),
        ]

    def _invoices(self, customer: Customer, month: Month) -> list[dict[str, Any]]:
        invoices = [
            customer.invoice(name, rows, month.invoice_day, month.status) for name, rows in invoices_of(month).items()
        ]
        if month.custom:
            invoices.append(customer.invoice(month.month, month.custom, month.invoice_day, is_custom=True))
        return invoices

    async def _change_mappings(self, active: list[tuple[Customer, Month]]) -> None:
        changes: dict[str, dict[str, Any]] = {}
        for customer, month in active:
            if month.moved_to:
                changes[customer.id] = self._mapping(customer, month.moved_to)
            if month.customer:
                changes[customer.id] = {"state": month.customer}
        if changes:
            await self.installation.map_customers(changes)

    async def _work_on_lines(self, active: list[tuple[Customer, Month]]) -> None:
        for customer, month in active:
            if month.deleted:
                await self.installation.delete_additions(customer.agreement_id())
            edits: dict[str, dict[str, Any]] = {row: dict(values) for row, values in month.edit.items()}
            for rows, is_excluded in ((month.exclude, True), (month.include, False)):
                for row in rows:
                    edits.setdefault(row, {})["excluded"] = is_excluded
            for name, values in edits.items():
                earlier, _, row = name.rpartition("/")
                invoiced = earlier or month.month
                if letter := values.get("agreement_id"):
                    values["agreement_id"] = str(customer.agreement_id(letter))
                given = {field: None if value == "" else value for field, value in values.items()}
                await self.installation.edit_line(customer.invoice_id(invoiced), customer.row_id(row, invoiced), given)

    def _choices(self, active: list[tuple[Customer, Month]]) -> dict[str, str]:
        return {
            str(customer.agreement_id(letter)): month.decide
            for customer, month in active
            if month.decide
            for letter in customer.life.agreements
        }

    def _say_by_hand(self, active: list[tuple[Customer, Month]]) -> dict[str, str]:
        return {f"{customer.id}-{name}": said for customer, month in active for name, said in month.by_hand.items()}

    def _write_down(self, push: Push, active: list[tuple[Customer, Month]]) -> None:
        """Only what concerns a life's own months: other months of its customer are pushed along with others'."""
        self._time += 1
        for customer in self.customers:
            self._write_down_receipt(customer, push)
        for customer, month in active:
            if push.month not in month.months:
                continue
            place, played = customer.life.months.index(month), self.played[customer.number]
            played.listed[place] += _list_differences(customer, push)
            played.rounded[place] += sum(
                (Decimal(each["rounded"]) for each in _of(customer, push.receipt["totals"])), Decimal(0)
            )
            played.unsent[place] += [
                ("+".join(each["reasons"]) or each["status"], Decimal(each["amount"]))
                for each in _of(customer, push.receipt["unsent"])
            ]
        for each in push.receipt["failures"]:
            if failed := self._by_organization.get(each["organization_id"]):
                self.played[failed.number].failures.append(f"{push.month}: {each['error']}")

    def _write_down_receipt(self, customer: Customer, push: Push) -> None:
        played = self.played[customer.number]
        played.receipts[push.month] = self._time
        found = _of(customer, push.receipt["differences"])
        played.differences += [Listed.read(self._time, push.month, each) for each in found]
        played.left[push.month] = [
            Left(each["subscription"], tuple(each["reasons"]), Decimal(each["amount"]))
            for each in _of(customer, push.receipt["unsent"])
        ]

    def _write_down_second(self, month: str, writes: list[OperationRow]) -> None:
        for each in writes:
            customer = self._by_agreement[each.agreement_id]
            played = self.played[customer.number]
            played.second_plans.append(f"{month}: {each.kind} {each.amount:f} {' '.join(each.explanation)}")

    async def _bill(self, customer: Customer, month: Month, through: date) -> None:
        self._time += 1
        played = self.played[customer.number]
        for letter in month.invoiced_agreement or customer.life.agreements:
            for invoice in await self.installation.invoice(customer.agreement_id(letter), through):
                start = invoice["period_start"]
                played.invoices.append((letter, invoice))
                for line in invoice["additions"]:
                    amount = Decimal(str(line["amount"]))
                    played.billed[letter, start] += amount
                    marker, addition_id = line["serial_number"], str(line["addition_id"])
                    played.bills.append(Billed(self._time, letter, start, marker, addition_id, amount))

    async def _delete_invoices(self, customer: Customer, month: Month) -> None:
        """What they billed is billed no more."""
        played = self.played[customer.number]
        for letter, invoice in [*played.invoices]:
            if letter != "A" or date.fromisoformat(invoice["period_start"]) not in month.uninvoiced:
                continue
            await self.installation.delete_invoice(invoice["invoice_id"])
            played.invoices.remove((letter, invoice))
            for line in invoice["additions"]:
                played.billed[letter, invoice["period_start"]] -= Decimal(str(line["amount"]))

    async def _name_additions(self) -> None:
        """Whose charges each addition of ours bills."""
        for marker, organization_id, subscription in await self.installation.list_written():
            if customer := self._by_organization.get(organization_id):
                self.played[customer.number].owners[marker] = subscription


def _list_differences(customer: Customer, push: Push) -> list[Item]:
    return [(each["kind"], Decimal(each["amount"])) for each in _of(customer, push.receipt.get("differences", []))]


def _of(customer: Customer, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in items if each["organization_id"] == customer.id]
