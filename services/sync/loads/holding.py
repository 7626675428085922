"""Holding a load for the length of one transaction, and keeping the place where its job is."""

from typing import Any
from uuid import UUID

from services.kit.base.db import WriteSession
from services.sync.loads import repository
from services.sync.loads.schemas import InvoiceState
from services.sync.runs import repository as run_tables
from services.sync.runs import service

UNDECIDED = (InvoiceState.PENDING, InvoiceState.STAGED)


class LoadIsOver(Exception):
    """The run has ended, or everything was told: nothing more may be told in its name."""


async def hold_load(session: WriteSession, run_id: UUID) -> dict[str, Any]:
    """Lock saga, then run, in the order that acknowledgements do; the place kept in the saga."""
    held = await run_tables.lock_saga(session, run_id)
    run = await run_tables.lock_run(session, run_id)
    if held is None or held.is_sealed or run is None or run.finished_at is not None:
        raise LoadIsOver(f"load {run_id} is over")
    return held.place


async def keep_place(session: WriteSession, run_id: UUID, place: dict[str, Any]) -> None:
    held = await run_tables.lock_saga(session, run_id)
    if held is not None:
        held.place = place


async def note_progress(session: WriteSession, run_id: UUID) -> None:
    """Invoices decided, of those listed."""
    counts = await repository.count_by_state(session, run_id)
    undecided = sum(counts.get(state, 0) for state in UNDECIDED)
    total = sum(counts.values())
    await service.note_progress(session, run_id, total - undecided, total)
