"""Desired additions and additions as ConnectWise holds them, with only what a test is about spelt out."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from services.contracts.shapes import DesiredAddition
from services.contracts.vocabulary import BillOption
from services.sync.additions.values import wanted_values
from services.sync.additions.written import Written
from services.sync.plans.operation import PlannedOperation
from services.sync.psas.addition import Addition, AdditionValues

SPACE = UUID(int=7)
MARCH = date(2026, 3, 1)


def desire(marker: str = "TO-A", **changes: Any) -> DesiredAddition:
    """5 seats at 10.00 on agreement 11, open, recurring."""
    values: dict[str, Any] = {
        "marker": marker,
        "line_id": uuid5(SPACE, marker),
        "line_version": 1,
        "invoice_id": "inv-1",
        "row_id": f"row-{marker}",
        "organization_id": "org-1",
        "organization": "Contoso",
        "company_id": "250",
        "company": "Contoso B.V.",
        "agreement_id": "11",
        "agreement": "Cloud",
        "product_id": "601",
        "product": "M365 Business",
        "subscription_id": f"sub-{marker}",
        "subscription": "M365 Business",
        "is_recurring": True,
        "currency": "EUR",
        "quantity": Decimal(5),
        "unit_price": Decimal("10.00"),
        "bill_option": BillOption.BILLABLE,
        "taxable": True,
        "effective_date": MARCH,
        "cancelled_date": None,
        "invoice_description": "M365 Business",
        **changes,
    }
    values.setdefault("amount", (values["quantity"] * values["unit_price"]).quantize(Decimal("0.01")))
    return DesiredAddition.model_validate(values)


def held(addition_id: str = "70", **changes: Any) -> Addition:
    """What the builder above wants, as the PSA holds it."""
    agreement_id = changes.pop("agreement_id", "11")
    values: dict[str, Any] = {
        "product_id": "601",
        "quantity": Decimal(5),
        "unit_price": Decimal(10),
        "bill_option": "Billable",
        "taxable": True,
        "effective_date": MARCH,
        "cancelled_date": None,
        "serial_number": "TO-A",
        "invoice_description": "M365 Business",
        **changes,
    }
    return Addition(addition_id, agreement_id, AdditionValues(**values))


def written(values: AdditionValues | None = None, **changes: Any) -> Written:
    """The builder's addition as we last wrote it, on 2 March."""
    fields: dict[str, Any] = {
        "marker": "TO-A",
        "agreement_id": "11",
        "addition_id": "70",
        "subscription_id": "sub-TO-A",
        "is_recurring": True,
        "currency": "EUR",
        "names": {"organization": "Contoso"},
        "values": values or wanted_values(desire()),
        "wanted_effective_date": MARCH,
        "ended_on": None,
        "written_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
        **changes,
    }
    return Written(**fields)


def as_addition(addition_id: str, values: AdditionValues, agreement_id: str = "11") -> Addition:
    """The PSA after a write of `values`."""
    return Addition(addition_id, agreement_id, values)


def apply(operations: list[PlannedOperation], actual: list[Addition]) -> list[Addition]:
    """The PSA after every operation of a plan was written."""
    after = {addition.id: addition for addition in actual}
    next_id = max((int(key) for key in after), default=0) + 1
    for operation in operations:
        if operation.error or operation.after is None:
            continue
        addition_id = operation.addition_id or str(next_id)
        next_id += 1
        after[addition_id] = as_addition(addition_id, operation.after)
    return list(after.values())


def remember(operations: list[PlannedOperation]) -> dict[str, Written]:
    """What is remembered after every operation of a plan was written."""
    return {
        operation.marker: written(
            operation.after,
            marker=operation.marker,
            addition_id=operation.addition_id or "0",
            wanted_effective_date=operation.desired.effective_date,
        )
        for operation in operations
        if operation.desired is not None and operation.after is not None and not operation.error
    }
