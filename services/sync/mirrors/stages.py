"""How a run that only refreshes mirrors ends."""

from uuid import UUID

from services.contracts.vocabulary import RunStatus
from services.kit.base.db import WriteSession
from services.sync.runs import service


async def finish_mirror(session: WriteSession, run_id: UUID) -> None:
    await service.finish_run(session, run_id, RunStatus.SUCCEEDED)
