"""Gathering what the dashboard shows."""

from services.contracts.vocabulary import ConnectedSystem, MirrorKind, RunKind
from services.kit.base.db import ReadSession
from services.sync.connections.service import show_connection
from services.sync.dashboard.schemas import DashboardOut, Freshness
from services.sync.loads.service import list_periods
from services.sync.mirrors.repository import list_states
from services.sync.runs import repository, service
from services.sync.runs.schemas import RunOut


async def show_dashboard(session: ReadSession) -> DashboardOut:
    return DashboardOut(
        connections=[await show_connection(session, system) for system in ConnectedSystem],
        last_mirror=await _latest(session, RunKind.MIRROR),
        last_load=await _latest(session, RunKind.LOAD),
        last_push=await _latest(session, RunKind.PUSH),
        periods=await list_periods(session),
        mirrors=[
            Freshness(
                kind=MirrorKind(row.kind),
                records=row.records,
                unreadable=row.unreadable,
                refreshed_at=row.refreshed_at,
            )
            for row in await list_states(session)
        ],
    )


async def _latest(session: ReadSession, kind: RunKind) -> RunOut | None:
    run = await repository.latest_run(session, kind)
    return None if run is None else service.describe(run)
