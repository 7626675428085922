"""ConnectWise as the product uses it: companies, catalog, agreements, and the additions it writes.

Lists come as pages whose unreadable records stand beside the readable ones; additions are different:
one unreadable addition makes the whole list unfit to plan with, so it raises.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from services.contracts.shapes import AgreementFacts
from services.kit.upstream.http import BadUpstreamAnswer, OutcomeUnknown, RightMissing
from services.sync.psas.connectwise import wire
from services.sync.psas.connectwise.channel import Channel
from services.sync.psas.connectwise.conditions import Condition, field
from services.sync.psas.connectwise.models import (
    Addition,
    AdditionDraft,
    AgreementType,
    CatalogItem,
    Company,
    Contact,
    Patch,
    SystemInfo,
)
from services.sync.psas.connectwise.wire import Page, RecordT, Wire

IDS_PER_QUESTION = 100  # keeps the address of a question about many records under 2000 characters


class ConnectWiseClient:
    """Everything the product asks of, or tells, one ConnectWise tenant."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._cycles: dict[str, str] | None = None

    @property
    def calls(self) -> int:
        """Requests sent so far: what a plan or a push has cost."""
        return self._channel.calls

    async def system_info(self) -> SystemInfo:
        return wire.read_one(await self._channel.get("/system/info"), wire.read_system_info)

    def companies(self) -> AsyncIterator[Page[Company]]:
        """Every company that is not in the recycle bin."""
        return self._pages("/company/companies", wire.read_company, field("deletedFlag").equals(value=False))

    def catalog_items(self) -> AsyncIterator[Page[CatalogItem]]:
        return self._pages("/procurement/catalog", wire.read_catalog_item)

    def agreement_types(self) -> AsyncIterator[Page[AgreementType]]:
        return self._pages("/finance/agreements/types", wire.read_agreement_type)

    def contacts(self, company_id: str) -> AsyncIterator[Page[Contact]]:
        return self._pages("/company/contacts", wire.read_contact, field("company/id").equals(int(company_id)))

    async def agreements(self, company_ids: Iterable[str] | None = None) -> AsyncIterator[Page[AgreementFacts]]:
        """Agreements of any status, of the given companies or of all."""
        cycles = await self._billing_cycles()

        def read(item: Wire) -> AgreementFacts:
            return wire.read_agreement(item, cycles)

        for condition in _questions("company/id", company_ids):
            async for page in self._pages("/finance/agreements", read, condition):
                yield page

    async def agreement(self, agreement_id: str) -> AgreementFacts:
        cycles = await self._billing_cycles()
        answer = await self._channel.get(f"/finance/agreements/{int(agreement_id)}")
        return wire.read_one(answer, lambda item: wire.read_agreement(item, cycles))

    async def additions(self, agreement_id: str) -> list[Addition]:
        """All additions of an agreement, unfiltered: a filtered read can miss what was written minutes ago."""
        found: list[Addition] = []
        async for page in self._pages(_additions_path(agreement_id), wire.read_addition):
            if page.unreadable:
                first = page.unreadable[0]
                raise BadUpstreamAnswer(f"unreadable addition: {first.reason}", raw=first.raw)
            found.extend(page.records)
        return found

    async def addition(self, agreement_id: str, addition_id: str) -> Addition:
        """One addition by id, the read that never lags. `MissingUpstream` when it is gone."""
        answer = await self._channel.get(f"{_additions_path(agreement_id)}/{int(addition_id)}")
        return wire.read_one(answer, wire.read_addition)

    async def create_addition(self, agreement_id: str, draft: AdditionDraft) -> Addition:
        """Create one addition; `OutcomeUnknown` when only a read of the agreement can tell whether it exists."""
        answer = await self._channel.post(_additions_path(agreement_id), wire.write_addition(draft))
        try:
            return wire.read_one(answer, wire.read_addition)
        except BadUpstreamAnswer as fault:
            raise OutcomeUnknown(f"a create was answered with an {fault.message}") from fault

    async def patch_addition(self, agreement_id: str, addition_id: str, patches: Sequence[Patch]) -> Addition:
        """Set absolute values; safe to repeat. The answer is the record after the change: compare it."""
        path = f"{_additions_path(agreement_id)}/{int(addition_id)}"
        return wire.read_one(await self._channel.patch(path, wire.write_patches(patches)), wire.read_addition)

    async def probe(self, path: str) -> None:
        """Read one record of a list: raises `RightMissing` where the role may not."""
        await self._channel.get(path, {"pageSize": "1"})

    async def probe_adding(self) -> None:
        """Add an empty addition to no agreement: refused either way, as `RightMissing` where the role may not."""
        await self._channel.post(_additions_path("0"), {})

    async def probe_editing(self) -> None:
        """Change nothing of no addition: refused either way, as `RightMissing` where the role may not."""
        await self._channel.patch(f"{_additions_path('0')}/0", [])

    async def _pages(
        self, path: str, read: Callable[[Wire], RecordT], conditions: Condition | None = None
    ) -> AsyncIterator[Page[RecordT]]:
        async for items in self._channel.pages(path, conditions=conditions):
            yield wire.read_page(items, read)

    async def _billing_cycles(self) -> dict[str, str]:
        """Billing cycle id → option. A role without Table Setup cannot read them: names must do then."""
        if self._cycles is None:
            try:
                pages = [page async for page in self._pages("/finance/billingCycles", wire.read_billing_cycle)]
            except RightMissing:
                pages = []
            self._cycles = {key: option for page in pages for key, option in page.records if option}
        return self._cycles


def _additions_path(agreement_id: str) -> str:
    return f"/finance/agreements/{int(agreement_id)}/additions"


def _questions(path: str, ids: Iterable[str] | None) -> list[Condition | None]:
    if ids is None:
        return [None]
    numbers = sorted({int(one) for one in ids})
    batches = [numbers[start : start + IDS_PER_QUESTION] for start in range(0, len(numbers), IDS_PER_QUESTION)]
    return [field(path).is_in(batch) for batch in batches]
