"""Refreshing mirrors: read a kind whole, store it, publish what is new, in parts of at most 500.

Only new and changed records are published; earlier ones are in the ledger and will be delivered. A refresh that
is repeated after a crash finds what it stored, and publishes only the rest.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from services.contracts.envelope import MAX_ROWS_PER_CHUNK
from services.contracts.events.sync import MirrorRefreshed, TroubleNoted
from services.contracts.shapes import AgreementFacts, MirrorRecord
from services.contracts.vocabulary import LogLevel, MirrorKind, RunKind
from services.kit.base import clock
from services.kit.base.db import WriteSession
from services.kit.ledger import bus
from services.kit.ledger.work import JobContext
from services.sync.connections.service import publish_traits, require_connections
from services.sync.invoices import billed
from services.sync.invoices import service as invoices
from services.sync.invoices.reading import read_invoices
from services.sync.mirrors import repository
from services.sync.mirrors.reading import MARKETPLACE_KINDS, PSA_KINDS, Reading, read_marketplace, read_psa
from services.sync.psas.port import Psa
from services.sync.runs import engine, parts
from services.sync.runs import service as runs
from services.sync.runs.schemas import RunOut
from services.sync.upstreams import Upstreams

Moved = Mapping[str, Sequence[str]]
"""Agreement → sentences about its periods that were reopened or written off."""
NoteMoves = Callable[[WriteSession, Moved], Awaitable[None]]
ALL_KINDS = (*MARKETPLACE_KINDS, *PSA_KINDS)
PUBLISHED_KINDS = tuple(kind for kind in ALL_KINDS if kind is not MirrorKind.SUBSCRIPTION)
"""What billing maps and rates by. Only plans ask about subscriptions: which of them have ended."""


async def request_mirrors(session: WriteSession) -> RunOut:
    """Queue a refresh of both sides."""
    await require_connections(session)
    return runs.describe(await engine.start(session, RunKind.MIRROR))


async def ignore_moves(_session: WriteSession, _moved: Moved) -> None:
    """Of whoever does not keep what depends on invoiced periods."""


async def refresh_mirrors(
    context: JobContext[Upstreams],
    run_id: UUID,
    kinds: Sequence[MirrorKind] = ALL_KINDS,
    note_moves: NoteMoves = ignore_moves,
) -> None:
    """Refresh some kinds, in order, as a step of a run. With agreements, what was invoiced of ours is read.

    Args:
        note_moves: called with the periods that were reopened or written off, in the transaction that publishes them.

    Raises:
        UpstreamError: a list could not be read; kinds before it are stored and published.
        ConnectionMissing: no credentials are saved.
    """
    upstreams = context.resources
    async with context.reading() as session:
        marketplace = await upstreams.open_marketplace(session) if set(kinds) & set(MARKETPLACE_KINDS) else None
        psa = await upstreams.open_psa(session) if set(kinds) & set(PSA_KINDS) else None
    for kind in kinds:
        if kind in MARKETPLACE_KINDS and marketplace is not None:
            reading = await read_marketplace(marketplace, kind, upstreams.patience)
        elif psa is not None and kind is MirrorKind.AGREEMENT:
            await refresh_agreements(context, run_id, psa, note_moves)
            continue
        elif psa is not None:
            reading = await read_psa(psa, kind)
        else:
            continue
        async with context.writing() as session:
            await take_in(session, run_id, kind, reading)
    if psa is not None:
        async with context.writing() as session:
            await publish_traits(session, psa.traits)


async def refresh_agreements(context: JobContext[Upstreams], run_id: UUID, psa: Psa, note_moves: NoteMoves) -> None:
    """Agreements, with what their invoices say of the periods of those that hold additions of ours."""
    reading = await read_psa(psa, MirrorKind.AGREEMENT)
    async with context.reading() as session:
        ours, known = await invoices.gather_known(session, reading.bodies)
    records = {key: MirrorRecord.model_validate_json(reading.bodies[key]) for key in ours}
    facts = {key: each.agreement for key, each in records.items() if each.agreement is not None}
    found = await read_invoices(psa, facts, known)
    async with context.writing() as session:
        invoiced = await invoices.keep(session, run_id, found, facts, psa)
        for key, each in invoiced.facts.items():
            reading.bodies[key] = records[key].model_copy(update={"agreement": each}).model_dump_json()
        await take_in(session, run_id, MirrorKind.AGREEMENT, reading)
        await note_moves(session, invoiced.moved)
    await _compare_billed(context, run_id, psa, invoiced.facts)


async def _compare_billed(
    context: JobContext[Upstreams], run_id: UUID, psa: Psa, facts: Mapping[str, AgreementFacts]
) -> None:
    """What was expected of periods that were invoiced since; lines are read of their invoices only."""
    async with context.reading() as session:
        waiting = await billed.list_to_compare(session, facts, psa.traits)
    if not waiting:
        return
    lines = await billed.read_lines(psa, waiting)
    async with context.writing() as session:
        await billed.keep_comparisons(session, run_id, waiting, lines, psa.traits.label)


async def take_in(session: WriteSession, run_id: UUID, kind: MirrorKind, reading: Reading) -> None:
    """Store one reading and publish what it says that was not known."""
    changed = await repository.store_records(session, kind, reading.bodies)
    # A record that could not be read has an id nobody knows: then nothing is known to be gone.
    gone = [] if reading.unreadable else await repository.unlist_others(session, kind)
    if kind in PUBLISHED_KINDS:
        changes = [MirrorRecord.model_validate_json(body) for key, body in reading.bodies.items() if key in changed]
        changes += [record.model_copy(update={"is_active": False}) for record in gone]
        for start in range(0, len(changes), MAX_ROWS_PER_CHUNK):
            await _publish(session, run_id, kind, changes[start : start + MAX_ROWS_PER_CHUNK])
    if reading.unreadable:
        await _note_trouble(session, run_id, kind, reading)
    await repository.note_state(
        session,
        kind,
        records=len(reading.bodies),
        unreadable=len(reading.unreadable),
        refreshed_at=clock.now(),
    )


async def _publish(session: WriteSession, run_id: UUID, kind: MirrorKind, records: list[MirrorRecord]) -> None:
    part = await parts.take_part(session, run_id)
    fact = MirrorRefreshed(run_id=run_id, kind=kind, part=part, records=records)
    await bus.publish(session, fact, subject=f"mirror/{kind.value}")


async def _note_trouble(session: WriteSession, run_id: UUID, kind: MirrorKind, reading: Reading) -> None:
    first = reading.unreadable[0]
    name = kind.value.replace("_", " ")
    fact = TroubleNoted(
        level=LogLevel.WARNING,
        title=f"{len(reading.unreadable)} {name} records cannot be read",
        details=f"{first.reason}: {first.raw[:500]}",
        run_id=run_id,
    )
    await bus.publish(session, fact, subject=f"mirror/{kind.value}")
