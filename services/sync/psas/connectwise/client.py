"""Additions as plans and pushes used them before the port; goes when the last of them asks a `Psa`."""

from collections.abc import Sequence
from decimal import Decimal

from services.kit.upstream.http import BadUpstreamAnswer, OutcomeUnknown
from services.sync.psas.connectwise import additions, wire
from services.sync.psas.connectwise.channel import Channel
from services.sync.psas.connectwise.models import Addition, AdditionDraft, Patch
from services.sync.psas.connectwise.wire import Wire
from services.sync.unreadable import Unreadable


class ConnectWiseClient:
    """Reads and writes additions of one ConnectWise tenant."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    @property
    def calls(self) -> int:
        """Requests sent so far: what a plan or a push has cost."""
        return self._channel.calls

    async def additions(self, agreement_id: str) -> list[Addition]:
        """All additions of an agreement, unfiltered: a filtered read can miss what was written minutes ago."""
        found: list[Addition] = []
        async for page in self._channel.pages(additions.list_path(agreement_id)):
            for record in wire.read_each(page, _read_addition):
                if isinstance(record, Unreadable):
                    raise BadUpstreamAnswer(f"unreadable addition: {record.reason}", raw=record.raw)
                found.append(record)
        return found

    async def addition(self, agreement_id: str, addition_id: str) -> Addition:
        """One addition by id, the read that never lags. `MissingUpstream` when it is gone."""
        answer = await self._channel.get(additions.record_path(agreement_id, addition_id))
        return wire.read_one(answer, _read_addition)

    async def create_addition(self, agreement_id: str, draft: AdditionDraft) -> Addition:
        """Create one addition; `OutcomeUnknown` when only a read of the agreement can tell whether it exists."""
        answer = await self._channel.post(additions.list_path(agreement_id), _write_addition(draft))
        try:
            return wire.read_one(answer, _read_addition)
        except BadUpstreamAnswer as fault:
            raise OutcomeUnknown(f"a create was answered with an {fault.message}") from fault

    async def patch_addition(self, agreement_id: str, addition_id: str, patches: Sequence[Patch]) -> Addition:
        """Set absolute values; safe to repeat. The answer is the record after the change: compare it."""
        path = additions.record_path(agreement_id, addition_id)
        return wire.read_one(await self._channel.patch(path, [_write_patch(each) for each in patches]), _read_addition)


def _read_addition(item: Wire) -> Addition:
    return Addition(
        id=wire.record_id(item),
        agreement_id=wire.text(item, "agreementId"),
        product_id=wire.text(wire.reference(item, "product"), "id"),
        product_identifier=wire.text(wire.reference(item, "product"), "identifier"),
        quantity=wire.number(item, "quantity") or Decimal(0),
        unit_price=wire.number(item, "unitPrice") or Decimal(0),
        bill_option=wire.text(item, "billCustomer"),
        taxable=wire.flag(item, "taxableFlag"),
        effective_date=wire.day(item, "effectiveDate"),
        cancelled_date=wire.day(item, "cancelledDate"),
        serial_number=wire.text(item, "serialNumber"),
        invoice_description=wire.text(item, "invoiceDescription"),
        last_updated=None,
    )


def _write_addition(draft: AdditionDraft) -> dict[str, object]:
    body: dict[str, object] = {
        "product": {"id": int(draft.product_id)},
        "quantity": draft.quantity,
        "unitPrice": draft.unit_price,
        "billCustomer": draft.bill_option.value,
        "taxableFlag": draft.taxable,
        "effectiveDate": wire.write_day(draft.effective_date),
        "serialNumber": draft.serial_number,
        "invoiceDescription": draft.invoice_description,
    }
    if draft.cancelled_date is not None:
        body["cancelledDate"] = wire.write_day(draft.cancelled_date)
    return body


def _write_patch(patch: Patch) -> dict[str, object]:
    if patch.value is None:
        return {"op": "remove", "path": patch.path}
    if patch.path == "product":
        return {"op": "replace", "path": patch.path, "value": {"id": int(str(patch.value))}}
    value = patch.value
    return {
        "op": "replace",
        "path": patch.path,
        "value": value if isinstance(value, str | bool | Decimal) else wire.write_day(value),
    }
