"""Plays many lives side by side through one installation, and writes down what each was billed and what was listed.

Lives share an installation when they have the same rules and their months fit into one calendar, so that a hundred
lives cost a handful of installations. Each is a customer of its own; only loads, plans and pushes are everybody's.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from services.sync.plans.models import OperationRow
from tests.lives.installation import Installation, Push
from tests.lives.life import Life, Month, invoices_of, month_after, read_rows
from tests.lives.world import Customer, marketplace_world, psa_world
from tests.sync.conftest import APPXITE, CONNECTWISE

LONGEST_COMMON = 6
"""Months of the calendar that short lives share; longer ones have an installation of their own."""
WORKING_DAY = 20


@dataclass(frozen=True, slots=True)
class Script:
    """Lives that share an installation, and the months in the order in which everybody works through them."""

    name: str
    months: list[str]
    lives: list[Life]


@dataclass
class Played:
    """What became of one life."""

    billed: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """Agreement and first day of the billing period → money."""
    listed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Month → differences of its receipts, as "kind amount"."""
    unsent: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Month → lines not sent, as "reason amount"."""
    second_plans: list[str] = field(default_factory=list)
    """What a plan would have written right after a push."""
    failures: list[str] = field(default_factory=list)
    """What the receipts call failures."""


def group_lives(lives: Iterable[Life]) -> list[Script]:
    """The lives by what they must share; those that go through months out of order stay among themselves."""
    groups: dict[tuple[str, ...], list[Life]] = defaultdict(list)
    for life in lives:
        groups[_calendar_of(life), orjson.dumps(life.rules).decode(), str(life.complete)].append(life)
    return [
        Script(f"{calendar} {rules} {'complete' if complete == 'True' else ''}".strip(), _months_of(found), found)
        for (calendar, rules, complete), found in sorted(groups.items())
    ]


def _calendar_of(life: Life) -> str:
    months = [each.month for each in life.months]
    if months != sorted(months):
        return " ".join(months)
    year = months[0][:4]
    return f"{year} {'half' if months[-1] <= f'{year}-0{LONGEST_COMMON}' else 'long'}"


def _months_of(lives: Sequence[Life]) -> list[str]:
    given = [[each.month for each in life.months] for life in lives]
    if any(months != sorted(months) for months in given):
        return given[0]
    months = [min(min(each) for each in given)]
    while months[-1] < max(max(each) for each in given):
        months.append(month_after(months[-1]))
    return months


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

    async def play(self) -> list[Played]:
        """All months; the outcomes in the order of the script's lives."""
        await self._open()
        latest = self.script.months[0]
        for name in self.script.months:
            latest = max(latest, name)
            await self.installation.set_day(date.fromisoformat(f"{latest}-{WORKING_DAY}"))
            await self._play_month(name, self._find_months(name))
        return self.played

    def _find_months(self, name: str) -> list[tuple[Customer, Month]]:
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
        await self._invoice_customers(active)
        await self._change_mappings(active)
        await installation.load(months)
        await self._work_on_lines(active)
        if self.script.lives[0].complete:
            for each in months:
                await installation.say_complete(each)
        for each in months:
            self._write_down(name, await installation.push_month(each, self._choices(active)), active)
        for each in months:
            self._write_down_second(each, await installation.list_writes(each))
        for customer, month in active:
            if month.through is not None:
                await self._bill(customer, month.through)

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
            *(customer.subscription(name) for name in sorted(new | set(month.active))),
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
            edits: dict[str, dict[str, Any]] = {row: dict(values) for row, values in month.edit.items()}
            for rows, is_excluded in ((month.exclude, True), (month.include, False)):
                for row in rows:
                    edits.setdefault(row, {})["excluded"] = is_excluded
            for row, values in edits.items():
                invoice_id = customer.invoice_id(month.month)
                await self.installation.edit_line(invoice_id, customer.row_id(row, month.month), values)

    def _choices(self, active: list[tuple[Customer, Month]]) -> dict[str, str]:
        return {
            str(customer.agreement_id(letter)): month.decide
            for customer, month in active
            if month.decide
            for letter in customer.life.agreements
        }

    def _write_down(self, name: str, push: Push, active: list[tuple[Customer, Month]]) -> None:
        concerned = {customer.id: customer for customer, month in active if push.month in month.months}
        for customer_id, customer in concerned.items():
            played = self.played[customer.number]
            for each in push.receipt.get("differences", []):
                if each["organization_id"] == customer_id:
                    played.listed[name].append(f"{each['kind']} {Decimal(each['amount']):f}")
            for each in push.receipt["unsent"]:
                if each["organization_id"] == customer_id:
                    reasons = "+".join(each["reasons"]) or each["status"]
                    played.unsent[name].append(f"{reasons} {Decimal(each['amount']):f}")
        for each in push.receipt["failures"]:
            if failed := self._by_organization.get(each["organization_id"]):
                self.played[failed.number].failures.append(f"{push.month}: {each['error']}")

    def _write_down_second(self, month: str, writes: list[OperationRow]) -> None:
        for each in writes:
            customer = self._by_agreement[each.agreement_id]
            played = self.played[customer.number]
            played.second_plans.append(f"{month}: {each.kind} {each.amount:f} {' '.join(each.explanation)}")

    async def _bill(self, customer: Customer, through: date) -> None:
        played = self.played[customer.number]
        for letter in customer.life.agreements:
            for invoice in await self.installation.invoice(customer.agreement_id(letter), through):
                for line in invoice["additions"]:
                    played.billed[letter, invoice["period_start"]] += Decimal(str(line["amount"]))
