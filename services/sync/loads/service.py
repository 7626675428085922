"""Asking for loads, and showing what they found."""

from uuid import UUID

from services.contracts.periods import period_before, period_of
from services.contracts.vocabulary import RunKind, RunStatus
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import Conflict
from services.sync.connections.service import require_connections
from services.sync.loads import repository
from services.sync.loads.models import LoadInvoice
from services.sync.loads.months import check_periods, is_loadable
from services.sync.loads.schemas import InvoiceState, LoadInvoiceOut, PeriodOut
from services.sync.runs import engine, parts
from services.sync.runs import repository as run_tables
from services.sync.runs import service as runs
from services.sync.runs.models import Run
from services.sync.runs.schemas import RunOut

ROWS = "rows"
"""The last step of a load; see `workflows.load`."""


class LoadIsRunning(Conflict):
    """One of the months is being loaded already."""

    action = "Wait for the running load to finish, or follow it under Runs."


async def request_load(session: WriteSession, periods: list[str]) -> RunOut:
    """Queue a load of some months."""
    months = check_periods(periods, clock.today())
    await require_connections(session)
    for other in await run_tables.list_unfinished(session, RunKind.LOAD):
        if set(other.periods) & set(months):
            await _make_way(session, other)
    return runs.describe(await engine.start(session, RunKind.LOAD, months))


async def _make_way(session: WriteSession, other: Run) -> None:
    """Two jobs must not read one month at once; a load that only waits for billing harms nothing."""
    if not await parts.is_waiting(session, other):
        raise LoadIsRunning(f"Load {other.id} of {', '.join(other.periods)} is running.")
    if other.step != ROWS:
        # It has not begun to read rows: the newer load takes its place.
        await runs.finish_run(session, other.id, RunStatus.FAILED, "A newer load has taken its place.")


async def list_periods(session: ReadSession) -> list[PeriodOut]:
    """Every month that was loaded, and the present and previous one, newest first."""
    today = clock.today()
    known = await repository.summarize_periods(session)
    current = period_of(today)
    periods = []
    for period in sorted({*known, current, period_before(current)}, reverse=True):
        lines, invoices, quarantined, loaded_at = known.get(period, (0, 0, 0, None))
        periods.append(
            PeriodOut(
                period=period,
                lines=lines,
                invoices=invoices,
                quarantined=quarantined,
                loaded_at=loaded_at,
                loadable=is_loadable(period, today),
            )
        )
    return periods


async def list_invoices(
    session: ReadSession, run_id: UUID, state: InvoiceState | None, after: tuple[str, str] | None, limit: int
) -> list[LoadInvoiceOut]:
    """What a load found of each invoice; RunNotFound for a run of somebody else."""
    await runs.show_run(session, run_id)
    return [_describe(row) for row in await repository.page_of_invoices(session, run_id, state, after, limit)]


def _describe(row: LoadInvoice) -> LoadInvoiceOut:
    return LoadInvoiceOut(
        invoice_id=row.invoice_id,
        number=row.number,
        date=row.invoice_date,
        period=row.period,
        organization=row.organization,
        currency=row.currency,
        status=row.status,
        state=InvoiceState(row.state),
        reason=row.reason,
        checksum=row.checksum,
        rows_total=row.rows_total,
        rows=row.rows,
    )
