"""A tiny second PSA, in memory: other ids, other traits, and lists that lag as a test says."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from services.contracts.shapes import MirrorRecord, PsaTraits
from services.kit.upstream.http import MissingUpstream, OutcomeUnknown, Refused, RightMissing, UpstreamError
from services.sync.psas.addition import Addition, AdditionList, AdditionValues
from services.sync.psas.invoice import InvoiceLines, InvoiceList, PsaInvoice, PsaInvoiceLine
from services.sync.systems import Access
from services.sync.unreadable import Unreadable

TRAITS = PsaTraits(
    label="Ledgerly",
    price_decimals=4,
    quantity_decimals=2,
    longest_description=40,
    cycle_months={"everymonth": 1, "everyyear": 12},
    cycle_weeks={},
    non_recurring_cycles=["once"],
    refuses_invoiced_dates=False,
)


@dataclass
class MemoryPsa:
    """Holds `held` by id; its lists hide the ids in `hidden` and show `unreadable` beside the others."""

    held: dict[str, Addition] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    hides_new: bool = False
    """Whether lists do not show what is created from now on."""
    unreadable: list[Unreadable] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    """Ids that lists still show, and no read by id finds."""
    missing_agreements: set[str] = field(default_factory=set)
    invoices: dict[str, PsaInvoice] = field(default_factory=dict)
    hidden_invoices: set[str] = field(default_factory=set)
    """Ids that lists do not show yet; counts and reads by id do."""
    invoices_refused: bool = False
    """The role may not read them."""
    invoice_lines: dict[str, list[PsaInvoiceLine]] = field(default_factory=dict)
    records: dict[str, list[MirrorRecord]] = field(default_factory=dict)
    list_lag: timedelta = timedelta(0)
    traits: PsaTraits = TRAITS
    calls: int = 0
    asked_by_id: list[str] = field(default_factory=list)
    creates: list[str] = field(default_factory=list)
    """Markers of the creates that arrived, in order."""
    lost_answers: set[str] = field(default_factory=set)
    """Markers whose create is made while its answer is lost."""
    list_fault: UpstreamError | None = None
    """What lists answer once something was created."""
    twin_of: Addition | None = None
    """An addition that somebody copies while the next create is made."""
    gate: asyncio.Event | None = None
    """While it is not set, writes wait."""
    writing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a write has begun."""
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, *additions: Addition) -> "MemoryPsa":
        return cls({each.id: each for each in additions})

    async def _list(self, kind: str) -> AsyncIterator[MirrorRecord | Unreadable]:
        self.calls += 1
        for record in self.records.get(kind, []):
            yield record

    def companies(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        return self._list("company")

    def catalog_items(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        return self._list("catalog_item")

    def agreement_types(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        return self._list("agreement_type")

    def agreements(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        return self._list("agreement")

    async def list_additions(self, agreement_id: str) -> AdditionList:
        self.calls += 1
        if self.list_fault is not None and self.creates:
            raise self.list_fault
        if agreement_id in self.missing_agreements:
            raise MissingUpstream("no such agreement", status=404)
        shown = [each for each in self.held.values() if each.agreement_id == agreement_id]
        return AdditionList([each for each in shown if each.id not in self.hidden], list(self.unreadable))

    async def read_addition(self, agreement_id: str, addition_id: str) -> Addition:
        self.calls += 1
        self.asked_by_id.append(addition_id)
        found = self.held.get(addition_id)
        if found is None or found.agreement_id != agreement_id or addition_id in self.deleted:
            raise MissingUpstream("no such addition", status=404)
        return found

    async def create_addition(self, agreement_id: str, values: AdditionValues) -> Addition:
        await self._begin_write()
        made = Addition(f"ADD-{next(self._numbers):04d}", agreement_id, self.as_held(values))
        self.held[made.id] = made
        self.creates.append(made.marker)
        if self.twin_of is not None:
            self.held["TWIN"] = replace(self.twin_of, id="TWIN")
        if self.hides_new:
            self.hidden.add(made.id)
        if made.marker in self.lost_answers:
            raise OutcomeUnknown("no answer to a create")
        return made

    async def update_addition(
        self, agreement_id: str, addition_id: str, before: AdditionValues, after: AdditionValues
    ) -> Addition:
        await self._begin_write()
        if addition_id not in self.held:
            raise MissingUpstream("no such addition", status=404)
        self.held[addition_id] = Addition(addition_id, agreement_id, self.as_held(after))
        return self.held[addition_id]

    async def list_invoices(self, agreement_ids: Collection[str], changed_since: datetime | None) -> InvoiceList:
        self.calls += 1
        if self.invoices_refused:
            raise RightMissing("You do not have security permission to perform this action.", status=403)
        shown = [each for each in self.invoices.values() if each.id not in self.hidden_invoices]
        of_them = [each for each in shown if each.agreement_id in agreement_ids]
        if changed_since is None:
            return InvoiceList(of_them)
        return InvoiceList([each for each in of_them if each.changed_at is None or each.changed_at > changed_since])

    async def count_invoices(self, agreement_ids: Collection[str]) -> int:
        self.calls += 1
        return sum(each.agreement_id in agreement_ids for each in self.invoices.values())

    async def read_invoice(self, invoice_id: str) -> PsaInvoice:
        self.calls += 1
        if invoice_id not in self.invoices:
            raise MissingUpstream("no such invoice", status=404)
        return self.invoices[invoice_id]

    async def list_invoice_lines(self, invoice_ids: Collection[str]) -> InvoiceLines:
        self.calls += 1
        return {each: self.invoice_lines[each] for each in invoice_ids if each in self.invoice_lines}

    async def _begin_write(self) -> None:
        self.calls += 1
        self.writing.set()
        if self.gate is not None:
            await self.gate.wait()

    def as_held(self, values: AdditionValues) -> AdditionValues:
        return values.model_copy(
            update={
                "quantity": _round(values.quantity, self.traits.quantity_decimals),
                "unit_price": _round(values.unit_price, self.traits.price_decimals),
                "invoice_description": values.invoice_description[: self.traits.longest_description],
            }
        )

    def explain_refusal(self, refused: Refused) -> str:
        return f"{self.traits.label} refused it: {refused.message}."

    def link_to_agreement(self, agreement_id: str) -> str | None:
        return None

    def count_pages(self, additions: int) -> int:
        return additions // 10 + 1

    async def check_access(self) -> Sequence[Access]:
        return [Access("Everything", "")]


def _round(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
