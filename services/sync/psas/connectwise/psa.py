"""ConnectWise as a `Psa`: the port's questions and writes over one channel."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from services.contracts.shapes import MirrorRecord, PsaTraits
from services.kit.upstream.http import BadUpstreamAnswer, MissingUpstream, OutcomeUnknown, Refused, RightMissing
from services.sync.psas.addition import Addition, AdditionList, AdditionValues
from services.sync.psas.connectwise import access, additions, invoices, records, wire
from services.sync.psas.connectwise.arrears import open_running_period
from services.sync.psas.connectwise.channel import PAGE_SIZE, Channel
from services.sync.psas.connectwise.conditions import Condition, field
from services.sync.psas.connectwise.links import link_to_agreement
from services.sync.psas.connectwise.refusals import explain_refusal
from services.sync.psas.connectwise.wire import RecordT, Wire
from services.sync.psas.invoice import InvoiceLines, InvoiceList, PsaInvoice, PsaInvoiceLine
from services.sync.systems import Access
from services.sync.unreadable import Unreadable


class ConnectWisePsa:
    """One partner's ConnectWise. Cheap to make."""

    def __init__(
        self,
        channel: Channel,
        traits: PsaTraits,
        list_lag: timedelta,
        arrears_period_types: Collection[str] = (),
        *,
        shows_prorated_price: bool = True,
    ) -> None:
        self._channel = channel
        self._traits = traits
        self._list_lag = list_lag
        self._arrears_period_types = arrears_period_types
        self._shows_prorated_price = shows_prorated_price

    @property
    def traits(self) -> PsaTraits:
        return self._traits

    @property
    def list_lag(self) -> timedelta:
        return self._list_lag

    @property
    def calls(self) -> int:
        return self._channel.calls

    def companies(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        """Every company that is not in the recycle bin."""
        return self._list("/company/companies", records.read_company, field("deletedFlag").equals(value=False))

    def catalog_items(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        return self._list("/procurement/catalog", records.read_catalog_item)

    def agreement_types(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        return self._list("/finance/agreements/types", records.read_agreement_type)

    async def agreements(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        cycles = await self._billing_cycles()

        def read(item: Wire) -> MirrorRecord:
            record = records.read_agreement(item, cycles)
            if record.agreement is None or wire.text(item, "periodType") not in self._arrears_period_types:
                return record
            return record.model_copy(update={"agreement": open_running_period(record.agreement, self._traits)})

        async for record in self._list("/finance/agreements", read):
            yield record
            if isinstance(record, MirrorRecord) and (trouble := record.attributes.get("trouble")):
                yield Unreadable(str(trouble), record.model_dump_json())

    async def list_additions(self, agreement_id: str) -> AdditionList:
        found = AdditionList()

        async for record in self._list(additions.list_path(agreement_id), self._reader_of(agreement_id)):
            if isinstance(record, Unreadable):
                found.unreadable.append(record)
            else:
                found.additions.append(record)
        return found

    async def read_addition(self, agreement_id: str, addition_id: str) -> Addition:
        answer = await self._channel.get(additions.record_path(agreement_id, addition_id))
        return self._read_one(answer, agreement_id)

    async def create_addition(self, agreement_id: str, values: AdditionValues) -> Addition:
        body = additions.write_addition(self.as_held(values))
        answer = await self._channel.post(additions.list_path(agreement_id), body)
        try:
            return self._read_one(answer, agreement_id)
        except BadUpstreamAnswer as fault:
            raise OutcomeUnknown(f"a create was answered with an {fault.message}") from fault

    async def update_addition(
        self, agreement_id: str, addition_id: str, before: AdditionValues, after: AdditionValues
    ) -> Addition:
        before, after = self.as_held(before), self.as_held(after)
        answered = await self._patch(agreement_id, addition_id, before, after)
        if before.product_id == after.product_id:
            return answered
        # Some tenants take price and texts from the catalog when the product changes, after the patch or in it.
        held = await self.read_addition(agreement_id, addition_id)
        if held.seen_as(after) == after:
            return held
        return await self._patch(agreement_id, addition_id, held.seen_as(after), after)

    async def _patch(
        self, agreement_id: str, addition_id: str, before: AdditionValues, after: AdditionValues
    ) -> Addition:
        path = additions.record_path(agreement_id, addition_id)
        return self._read_one(await self._channel.patch(path, additions.write_changes(before, after)), agreement_id)

    async def list_invoices(self, agreement_ids: Collection[str], changed_since: datetime | None) -> InvoiceList:
        found = InvoiceList()
        for group in invoices.in_groups(_numbers(agreement_ids)):
            conditions = invoices.of_agreements(group, changed_since)
            async for record in self._list(invoices.INVOICES, invoices.read_invoice, conditions):
                if isinstance(record, Unreadable):
                    found.unreadable.append(record)
                elif invoices.is_of_agreement(record, group):
                    found.invoices.append(record)
        return found

    async def count_invoices(self, agreement_ids: Collection[str]) -> int:
        count = 0
        for group in invoices.in_groups(_numbers(agreement_ids)):
            conditions = {"conditions": invoices.of_agreements(group).text}
            answer = await self._channel.get(f"{invoices.INVOICES}/count", conditions)
            count += wire.read_one(answer, lambda item: int(wire.number(item, "count") or 0))
        return count

    async def read_invoice(self, invoice_id: str) -> PsaInvoice:
        answer = await self._channel.get(invoices.invoice_path(invoice_id))
        return wire.read_one(answer, invoices.read_invoice)

    async def list_invoice_lines(self, invoice_ids: Collection[str]) -> InvoiceLines:
        found: dict[str, list[PsaInvoiceLine]] = {}
        unreadable: set[str] = set()
        for group in invoices.in_groups(_numbers(invoice_ids)):
            with suppress(RightMissing, MissingUpstream):
                async for items in self._channel.pages(invoices.LINES, conditions=invoices.of_invoices(group)):
                    for record in wire.read_each(items, invoices.read_line):
                        if isinstance(record, Unreadable):
                            unreadable.update(map(str, group))  # nobody knows of which of them it is
                        elif record[0] in invoice_ids:
                            found.setdefault(record[0], []).append(record[1])
        for invoice_id in set(invoice_ids) - set(found) - unreadable:
            with suppress(RightMissing, MissingUpstream, BadUpstreamAnswer):
                found[invoice_id] = await self._read_lines_of(invoice_id)
        return {key: lines for key, lines in found.items() if key not in unreadable}

    async def _read_lines_of(self, invoice_id: str) -> list[PsaInvoiceLine]:
        info = await self._channel.get(invoices.info_path(invoice_id))
        return wire.read_one(info, lambda item: [invoices.read_line(each)[1] for each in item.get("products") or []])

    def as_held(self, values: AdditionValues) -> AdditionValues:
        return additions.values_held(values)

    def explain_refusal(self, refused: Refused) -> str:
        return explain_refusal(refused)

    def link_to_agreement(self, agreement_id: str) -> str | None:
        return link_to_agreement(self._channel.account, agreement_id)

    def count_pages(self, additions: int) -> int:
        """One more than the full pages, and an empty one that ends the list (see `paging`)."""
        return additions // PAGE_SIZE + (2 if additions else 1)

    async def check_access(self) -> Sequence[Access]:
        return await access.check_access(self._channel)

    def _read_one(self, answer: object, agreement_id: str) -> Addition:
        return wire.read_one(answer, self._reader_of(agreement_id))

    def _reader_of(self, agreement_id: str) -> Callable[[Wire], Addition]:
        return partial(
            additions.read_addition, agreement_id=agreement_id, shows_prorated_price=self._shows_prorated_price
        )

    async def _list(
        self, path: str, read: Callable[[Wire], RecordT], conditions: Condition | None = None
    ) -> AsyncIterator[RecordT | Unreadable]:
        async for items in self._channel.pages(path, conditions=conditions):
            for record in wire.read_each(items, read):
                yield record

    async def _billing_cycles(self) -> Mapping[str, str]:
        """Billing cycle id → option. A role without Table Setup cannot read them: names must do then."""
        try:
            listed = self._list("/finance/billingCycles", records.read_billing_cycle)
            found = [cycle async for cycle in listed if not isinstance(cycle, Unreadable)]
        except RightMissing:
            return {}
        return {key: option for key, option in found if option}


def _numbers(ids: Collection[str]) -> list[int]:
    return [int(each) for each in ids if each.isascii() and each.isdigit()]
