"""ConnectWise behind the port of PSAs."""

from collections.abc import Sequence
from datetime import timedelta

from services.contracts.shapes import PsaTraits
from services.contracts.vocabulary import BillOption
from services.kit.upstream.http import Refused
from services.sync.additions.values import differing_fields
from services.sync.psas.addition import Addition, AdditionList, AdditionValues
from services.sync.psas.connectwise import models, wire
from services.sync.psas.connectwise.channel import PAGE_SIZE
from services.sync.psas.connectwise.client import ConnectWiseClient, _additions_path
from services.sync.psas.port import Access, Fence
from services.sync.pushes.sentences import explain_refusal

_PATHS: dict[str, models.PatchPath] = {
    "product_id": "product",
    "quantity": "quantity",
    "unit_price": "unitPrice",
    "bill_option": "billCustomer",
    "taxable": "taxableFlag",
    "effective_date": "effectiveDate",
    "cancelled_date": "cancelledDate",
    "serial_number": "serialNumber",
    "invoice_description": "invoiceDescription",
}
TRAITS = PsaTraits(
    label="ConnectWise",
    price_decimals=2,
    quantity_decimals=4,
    longest_description=6000,
    cycle_months={"monthly": 1, "bimonthly": 2, "quarterly": 3, "semiannual": 6, "yearly": 12},
    cycle_weeks={"weekly": 1, "biweekly": 2},
    non_recurring_cycles=["notrecurring"],
    refuses_invoiced_dates=True,
)


def as_stored(text: str) -> str:
    return text.replace("\r\n", " ").replace("\r", " ").replace("\n", " ").replace("\t", "    ").strip()


class ConnectWise:
    def __init__(
        self, client: ConnectWiseClient, fence: Fence | None = None, list_lag: timedelta = timedelta(0)
    ) -> None:
        self.client = client
        self.fence = fence or (lambda: None)
        self.list_lag = list_lag
        self.traits = TRAITS

    @property
    def calls(self) -> int:
        return self.client.calls

    async def list_additions(self, agreement_id: str) -> AdditionList:
        found = AdditionList()
        async for page in self.client._pages(_additions_path(agreement_id), wire.read_addition):
            found.additions.extend(_addition(each) for each in page.records)
            found.unreadable.extend(page.unreadable)
        return found

    async def read_addition(self, agreement_id: str, addition_id: str) -> Addition:
        return _addition(await self.client.addition(agreement_id, addition_id))

    async def create_addition(self, agreement_id: str, values: AdditionValues) -> Addition:
        self.fence()
        assert values.effective_date
        draft = models.AdditionDraft(
            product_id=values.product_id,
            quantity=values.quantity,
            unit_price=values.unit_price,
            bill_option=BillOption(values.bill_option),
            taxable=values.taxable,
            effective_date=values.effective_date,
            cancelled_date=values.cancelled_date,
            serial_number=values.serial_number,
            invoice_description=values.invoice_description,
        )
        return _addition(await self.client.create_addition(agreement_id, draft))

    async def update_addition(
        self, agreement_id: str, addition_id: str, before: AdditionValues, after: AdditionValues
    ) -> Addition:
        self.fence()
        patches = [
            models.Patch(path=_PATHS[name], value=getattr(after, name)) for name in differing_fields(before, after)
        ]
        return _addition(await self.client.patch_addition(agreement_id, addition_id, patches))

    def as_held(self, values: AdditionValues) -> AdditionValues:
        return values.model_copy(update={"invoice_description": as_stored(values.invoice_description)})

    def explain_refusal(self, refused: Refused) -> str:
        return explain_refusal(refused)

    def count_pages(self, additions: int) -> int:
        return additions // PAGE_SIZE + 1

    async def check_access(self) -> Sequence[Access]:
        return []


def _addition(addition: models.Addition) -> Addition:
    return Addition(
        addition.id,
        addition.agreement_id,
        AdditionValues(
            product_id=addition.product_id,
            quantity=addition.quantity,
            unit_price=addition.unit_price,
            bill_option=addition.bill_option,
            taxable=addition.taxable,
            effective_date=addition.effective_date,
            cancelled_date=addition.cancelled_date,
            serial_number=addition.serial_number.strip(),
            invoice_description=as_stored(addition.invoice_description),
        ),
    )
