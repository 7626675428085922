"""Connections over HTTP."""

from collections.abc import Sequence

from fastapi import APIRouter, Request

from services.contracts.vocabulary import ConnectedSystem
from services.kit.base.crypto import SecretCannotBeOpened
from services.kit.base.db import Circumstances, Database, ReadSession, WriteSession
from services.kit.base.errors import InvalidFields, problems
from services.kit.upstream.retry import INTERACTIVE
from services.kit.web.app import Reading, Who, Writing, circumstances_of
from services.sync.connections import service, traits
from services.sync.connections.schemas import (
    ConnectionCheck,
    ConnectionIn,
    ConnectionOut,
    ConnectionTest,
    TraitIn,
    TraitOut,
)
from services.sync.psas.registry import PSAS
from services.sync.systems import Trait
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


@router.get("/{system}/traits")
async def list_connection_traits(request: Request, session: Reading, system: ConnectedSystem) -> list[TraitOut]:
    """What was learned about a PSA, or fixed; empty for a marketplace."""
    return await traits.show_traits(session, system, await _weigh(request, session, system))


@router.put("/{system}/traits/{trait}", responses=problems(InvalidFields, traits.TraitNotFound))
async def put_connection_trait(
    request: Request, session: Writing, system: ConnectedSystem, trait: str, given: TraitIn
) -> list[TraitOut]:
    """Fix a trait: nothing that is learned changes it any more."""
    traits.require_trait(await _weigh(request, session, system), trait)
    await traits.fix(session, system, trait, given.value)
    return await _publish(request, session, system)


@router.delete("/{system}/traits/{trait}", responses=problems(traits.TraitNotFound))
async def delete_connection_trait(
    request: Request, session: Writing, system: ConnectedSystem, trait: str
) -> list[TraitOut]:
    """Forget what was fixed and what was learned: the next push learns anew."""
    traits.require_trait(await _weigh(request, session, system), trait)
    await traits.forget(session, system, trait)
    return await _publish(request, session, system)


async def _weigh(request: Request, session: ReadSession, system: ConnectedSystem) -> Sequence[Trait]:
    upstreams: Upstreams = request.app.state.upstreams
    return await upstreams.weigh_traits(session, system) if system in PSAS else ()


async def _publish(request: Request, session: WriteSession, system: ConnectedSystem) -> list[TraitOut]:
    """Tell billing, unless the PSA was never described: then the first refresh does."""
    upstreams: Upstreams = request.app.state.upstreams
    if await service.is_described(session, system):
        await service.publish_traits(session, (await upstreams.open_psa(session)).traits)
    return await traits.show_traits(session, system, await _weigh(request, session, system))


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
