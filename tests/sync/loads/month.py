"""A month to load, the load itself, and what should have come of it."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import pytest

from services.contracts.events.sync import RowsLoaded
from services.sync.loads.schemas import InvoiceState, LoadInvoiceOut
from services.sync.loads.service import list_invoices, request_load
from services.sync.runs.schemas import RunOut
from services.sync.runs.service import show_run
from tests.sync.conftest import APPXITE, Partner, StandIns

PERIOD = "2026-05"
BOTH_PROFILES = pytest.mark.parametrize("profile", ["reporting-current", "reporting-legacy"])


async def use_profile(partner: Partner, profile: str) -> None:
    """Connect to the stand-in that answers like one generation of the API."""
    path = "/legacy" if profile == "reporting-legacy" else ""
    await partner.connect(profile=profile, address=f"{APPXITE}{path}")


async def ask(partner: Partner, *periods: str) -> RunOut:
    async with partner.database.writing(partner.circumstances) as session:
        return await request_load(session, list(periods or (PERIOD,)))


async def load(partner: Partner, *periods: str) -> RunOut:
    """Ask for a load and see it through."""
    run = await ask(partner, *periods)
    await partner.settle()
    async with partner.database.reading(partner.circumstances) as session:
        return await show_run(session, run.id)


async def invoices_of(partner: Partner, run: RunOut, state: InvoiceState | None = None) -> list[LoadInvoiceOut]:
    async with partner.database.reading(partner.circumstances) as session:
        return await list_invoices(session, run.id, state, None, 1000)


async def expected(stand_ins: StandIns, period: str = PERIOD) -> tuple[int, dict[str, Decimal]]:
    """Lines and money per currency that AppXite has of a month, preview included."""
    lines, amounts = 0, Counter[str]()
    for total in (await stand_ins.state(APPXITE))["totals"]:
        if total["month"] == period:
            lines += total["lines"] + total["preview_lines"]
            amounts[total["currency"]] += Decimal(str(total["total"])) + Decimal(str(total["preview_total"]))  # type: ignore[assignment]
    return lines, {currency: Decimal(amount) for currency, amount in amounts.items()}


def rows_told(parts: Sequence[RowsLoaded]) -> Counter[tuple[str, str]]:
    return Counter((row.invoice_id, row.row_id) for part in parts for row in part.rows)
