"""Asking for loads, and showing what they found."""

from collections.abc import Collection
from uuid import UUID

from services.contracts.events.sync import PeriodCompleted
from services.contracts.periods import period_before, period_of
from services.contracts.vocabulary import RunKind, RunStatus
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import Conflict
from services.kit.ledger import bus
from services.sync.connections.service import require_connections
from services.sync.loads import repository
from services.sync.loads.completeness import find_complete
from services.sync.loads.models import LoadInvoice
from services.sync.loads.months import check_periods, is_loadable
from services.sync.loads.schemas import InvoiceState, LoadInvoiceOut, PeriodOut
from services.sync.mirrors.repository import list_contracts
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
    known = await repository.summarize_periods(session)
    complete = await repository.list_complete_periods(session)
    current = period_of(clock.today())
    periods = sorted({*known, current, period_before(current)}, reverse=True)
    return [_describe_period(each, known.get(each), is_complete=each in complete) for each in periods]


def _describe_period(period: str, summary: repository.PeriodSummary | None, *, is_complete: bool) -> PeriodOut:
    lines, invoices, quarantined, loaded_at = summary or (0, 0, 0, None)
    return PeriodOut(
        period=period,
        lines=lines,
        invoices=invoices,
        quarantined=quarantined,
        loaded_at=loaded_at,
        loadable=is_loadable(period, clock.today()),
        is_complete=is_complete,
    )


async def set_completeness(session: WriteSession, period: str, *, is_complete: bool) -> PeriodOut:
    """A person says that every invoice of a month has come, or takes that back; plans of the month become stale."""
    check_periods([period], clock.today())
    await repository.set_completeness(session, period, is_complete)
    fact = PeriodCompleted(period=period, is_complete=is_complete)
    await bus.publish(session, fact, subject=f"period/{period}")
    known = await repository.summarize_periods(session)
    return _describe_period(period, known.get(period), is_complete=is_complete)


async def is_called_complete(session: ReadSession, period: str) -> bool:
    """Whether a person says that every invoice of a month has come."""
    return period in await repository.list_complete_periods(session)


async def find_complete_organizations(session: ReadSession, period: str, organization_ids: Collection[str]) -> set[str]:
    """Those of these customers whose month is complete."""
    if not organization_ids:
        return set()
    if await is_called_complete(session, period):
        return set(organization_ids)
    contracts = await list_contracts(session, organization_ids)
    invoices = await repository.list_invoiced(session, period)
    return set(organization_ids) & find_complete(period, invoices, contracts, clock.today())


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
