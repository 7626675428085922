"""ConnectWise as a `Psa`: the port's questions and writes over one channel."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import timedelta

from services.contracts.shapes import MirrorRecord, PsaTraits
from services.kit.upstream.http import BadUpstreamAnswer, OutcomeUnknown, Refused, RightMissing
from services.sync.psas.addition import Addition, AdditionList, AdditionValues
from services.sync.psas.connectwise import access, additions, records, wire
from services.sync.psas.connectwise.arrears import open_running_period
from services.sync.psas.connectwise.channel import PAGE_SIZE, Channel
from services.sync.psas.connectwise.conditions import Condition, field
from services.sync.psas.connectwise.links import link_to_agreement
from services.sync.psas.connectwise.refusals import explain_refusal
from services.sync.psas.connectwise.wire import RecordT, Wire
from services.sync.systems import Access
from services.sync.unreadable import Unreadable


class ConnectWisePsa:
    """One partner's ConnectWise. Cheap to make."""

    def __init__(
        self, channel: Channel, traits: PsaTraits, list_lag: timedelta, arrears_period_types: Collection[str] = ()
    ) -> None:
        self._channel = channel
        self._traits = traits
        self._list_lag = list_lag
        self._arrears_period_types = arrears_period_types

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

        def read(item: Wire) -> Addition:
            return additions.read_addition(item, agreement_id)

        async for record in self._list(additions.list_path(agreement_id), read):
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
        if held.values == after:
            return held
        return await self._patch(agreement_id, addition_id, held.values, after)

    async def _patch(
        self, agreement_id: str, addition_id: str, before: AdditionValues, after: AdditionValues
    ) -> Addition:
        path = additions.record_path(agreement_id, addition_id)
        return self._read_one(await self._channel.patch(path, additions.write_changes(before, after)), agreement_id)

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
        return wire.read_one(answer, lambda item: additions.read_addition(item, agreement_id))

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
