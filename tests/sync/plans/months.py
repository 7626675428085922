"""Charges of June and July 2026, with the billing periods that bill them, and ConnectWise's invoices before."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid5

from services.contracts.shapes import DesiredAddition, UnsentLine
from services.contracts.vocabulary import HoldReason, LineStatus
from tests.sync.conftest import CONNECTWISE, StandIns
from tests.sync.plans.builders import SPACE
from tests.sync.plans.desk import JUNE, want

JULY = "2026-07"
SUBSCRIPTION = "sub-a"
THIRTY = {"quantity": Decimal(1), "unit_price": Decimal("30.00")}


def june(marker: str = "TO-A", **changes: Any) -> DesiredAddition:
    """30.00 a month, charged for June by line `june`."""
    given = {**_line("june"), **THIRTY, "bills_from": JUNE, "bills_through": date(2026, 6, 30), **changes}
    return want(marker, **given)


def july(marker: str = "TO-A", **changes: Any) -> DesiredAddition:
    """The same for July, by line `july`: the addition keeps its start."""
    days = {"bills_from": date(2026, 7, 1), "bills_through": date(2026, 7, 31)}
    return want(marker, **{**_line("july"), **THIRTY, **days, **changes})


def _line(name: str) -> dict[str, Any]:
    return {"line_id": uuid5(SPACE, name), "row_id": f"row-{name}", "subscription_id": SUBSCRIPTION}


def stay_behind(line: DesiredAddition, status: LineStatus, *reasons: HoldReason) -> UnsentLine:
    """The line stays behind, having been sent before."""
    return UnsentLine(
        **line.model_dump(
            include={
                *("line_id", "invoice_id", "row_id", "organization_id", "organization", "currency", "amount"),
                *("subscription_id", "subscription", "is_recurring"),
            }
        ),
        status=status,
        reasons=list(reasons),
        sent_marker=line.marker,
    )


async def invoice_through(stand_ins: StandIns, day: str) -> None:
    """ConnectWise invoices every agreement for all that is due by a day."""
    await stand_ins.order(CONNECTWISE, "invoice-agreements", through=day)
