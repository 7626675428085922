"""Connections over HTTP."""

from fastapi import APIRouter, Request

from services.contracts.vocabulary import ConnectedSystem
from services.kit.base.crypto import SecretCannotBeOpened
from services.kit.base.db import Circumstances, Database
from services.kit.base.errors import InvalidFields, problems
from services.kit.upstream.retry import INTERACTIVE
from services.kit.web.app import Reading, Who, Writing, circumstances_of
from services.sync.connections import service
from services.sync.connections.schemas import ConnectionCheck, ConnectionIn, ConnectionOut, ConnectionTest
from services.sync.psas.registry import PSAS
from services.sync.upstreams import Upstreams

router = APIRouter(prefix="/api/v1/connections", tags=["connections"])


@router.get("/{system}")
async def get_connection(session: Reading, system: ConnectedSystem) -> ConnectionOut:
    """Where an upstream is, and whether the last test could use it. Secrets are never shown."""
    return await service.show_connection(session, system)


@router.put("/{system}", responses=problems(InvalidFields))
async def put_connection(
    request: Request, session: Writing, system: ConnectedSystem, given: ConnectionIn
) -> ConnectionOut:
    """Save address, settings and secrets of an upstream."""
    upstreams: Upstreams = request.app.state.upstreams
    return await service.save_connection(session, system, given, upstreams.sealer)


@router.post("/{system}/test", responses=problems(service.ConnectionMissing, SecretCannotBeOpened))
async def test_connection(request: Request, who: Who, system: ConnectedSystem) -> ConnectionTest:
    """Try every right the integration needs, and name the missing ones."""
    # No transaction is open while an upstream thinks.
    database: Database = request.app.state.database
    circumstances = circumstances_of(request, who)
    checks = await _probe(request.app.state.upstreams, database, circumstances, system)
    outcome = ConnectionTest(ok=all(check.ok for check in checks), checks=checks)
    async with database.writing(circumstances) as session:
        await service.note_test(session, system, outcome, service.missing_rights(checks))
    return outcome


async def _probe(
    upstreams: Upstreams, database: Database, circumstances: Circumstances, system: ConnectedSystem
) -> list[ConnectionCheck]:
    async with database.reading(circumstances) as session:
        await service.require_connection(session, system)
        opened = (
            await upstreams.open_psa(session, patience=INTERACTIVE)
            if system in PSAS
            else await upstreams.open_marketplace(session, INTERACTIVE)
        )
    return service.describe_access(await opened.check_access())
