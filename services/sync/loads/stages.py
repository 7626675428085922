"""How a load goes on: from mirrors to rows, and from rows to its end."""

from uuid import UUID

from services.contracts.events.sync import LoadPrepared
from services.contracts.vocabulary import RunStatus
from services.kit.base.db import WriteSession
from services.kit.ledger import bus
from services.sync.runs import repository, saga, service
from services.sync.runs.saga import SagaKind, Stage


async def prepare_load(session: WriteSession, run_id: UUID) -> None:
    """Billing has the mirrors; the rows may be fetched."""
    run = await repository.find_run(session, run_id)
    if run is None:
        return
    await saga.open_stage(session, run_id, SagaKind.LOAD, Stage.ROWS)
    await bus.publish(session, LoadPrepared(run_id=run_id, periods=run.periods), subject=f"run/{run_id}")


async def finish_load(session: WriteSession, run_id: UUID) -> None:
    """Billing has made lines of every part."""
    await service.finish_run(session, run_id, RunStatus.SUCCEEDED)
