"""What one addition says, the same for every PSA. Pure."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.contracts.invoicing.bills import BilledAddition
from services.contracts.money import Amount, round_money
from services.contracts.vocabulary import BillOption
from services.sync.unreadable import Unreadable


class AdditionValues(BaseModel):
    """The fields of one addition that a plan compares and sets."""

    model_config = ConfigDict(frozen=True)

    product_id: str
    quantity: Amount
    unit_price: Amount
    bill_option: str
    taxable: bool
    effective_date: date | None
    cancelled_date: date | None
    serial_number: str
    invoice_description: str
    unit_cost: Amount | None = None
    """None where nobody of ours has asked for one: then the PSA's own is neither written nor compared."""

    @property
    def is_open(self) -> bool:
        return self.cancelled_date is None

    @property
    def is_stopped(self) -> bool:
        """It was made to bill never: it ends on its start, and is not billable."""
        is_one_day = self.cancelled_date is not None and self.cancelled_date == self.effective_date
        return is_one_day and self.bill_option == BillOption.DO_NOT_BILL.value

    def bills_after(self, next_invoice: date | None) -> bool:
        """Whether a billing period that is not invoiced yet may bill it: it is open, or its end is not past.

        Args:
            next_invoice: first day that is not invoiced yet; None where nothing ever was.
        """
        if self.cancelled_date is None:
            return True
        return not self.is_stopped and (next_invoice is None or self.cancelled_date >= next_invoice)

    def total(self, currency: str) -> Decimal:
        """What one full billing period bills."""
        return round_money(self.quantity * self.unit_price, currency)

    def as_billed(self, currency: str, start: date) -> BilledAddition:
        """As the PSA's invoicing sees it; `start` where it says none."""
        return BilledAddition(
            quantity=self.quantity,
            unit_price=self.unit_price,
            currency=currency,
            start=self.effective_date or start,
            end=self.cancelled_date,
            bill_option=self.bill_option,
        )

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class Addition:
    """One addition of an agreement as the PSA holds it now."""

    id: str
    agreement_id: str
    values: AdditionValues
    """Without a unit cost, see `seen_as`."""
    unit_cost: Decimal | None = None
    """What the PSA holds, whoever wrote it."""
    prorated: Decimal | None = None
    """What the PSA itself says it bills for the period in which the addition begins; None where it says nothing."""

    def seen_as(self, wanted: AdditionValues) -> AdditionValues:
        """Its values, to be compared with others: with its unit cost only where the others name one."""
        if wanted.unit_cost is None:
            return self.values
        return self.values.model_copy(update={"unit_cost": self.unit_cost or Decimal(0)})

    @property
    def marker(self) -> str:
        """Ours, where it is one of ours; whatever people wrote there otherwise."""
        return self.values.serial_number


@dataclass(frozen=True, slots=True)
class AdditionList:
    """The additions of one agreement that a list shows. One that cannot be read stands beside the others."""

    additions: list[Addition] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
