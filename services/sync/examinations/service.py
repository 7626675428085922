"""Examinations that somebody asks for."""

from services.contracts.vocabulary import RunKind
from services.kit.base.db import WriteSession
from services.sync.connections.service import find_saved, psa_forms
from services.sync.runs import engine
from services.sync.runs import service as runs
from services.sync.runs.schemas import RunOut


async def request_examination(session: WriteSession) -> RunOut:
    """Queue an examination; while one has not ended, it is the answer."""
    await find_saved(session, psa_forms())
    return runs.describe(await engine.start_unless_running(session, RunKind.EXAMINATION))
