"""Proving a push: read everything back, mend what the PSA has kept with fewer decimals, and keep the receipt.

What is learned holds for the connection. It is committed together with the operations that it changes, so that a
process that dies in between leaves mends that the next one sends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.contracts.events.sync import TroubleNoted
from services.contracts.shapes import AgreementFacts
from services.contracts.vocabulary import LogLevel
from services.kit.base.db import WriteSession
from services.kit.ledger import bus
from services.kit.ledger.work import JobContext
from services.sync.additions import repository as additions
from services.sync.connections import traits
from services.sync.connections.service import find_saved, psa_forms, publish_traits
from services.sync.mirrors.repository import find_agreements
from services.sync.plans import repository as plans
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import OperationStatus
from services.sync.psas.port import Psa
from services.sync.pushes import endings, push, repository
from services.sync.pushes.lessons import (
    compare_prorated,
    learn_decimals,
    learn_proration,
    list_coarser,
    list_unexplained,
)
from services.sync.pushes.mending import Mend, explain_unmended, list_mends
from services.sync.pushes.proof import Proof, read_back
from services.sync.receipts import service as receipts
from services.sync.upstreams import Upstreams

_SENT_AGAIN = "{count} additions were sent again in a form that it holds."
_FORGET = "Forget it with the connection, under Settings, when that changes."


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look at everything that a push has written came to."""

    rows: Sequence[OperationRow]
    agreements: Mapping[str, AgreementFacts]
    proof: Proof


async def prove_writes(context: JobContext[Upstreams], run_id: UUID, plan_id: UUID) -> None:
    """Read everything back, store the receipt, publish the outcomes for billing.

    Each round of mending has learned fewer decimals than the one before, so that they end.

    Raises:
        UpstreamError: the PSA does not answer.
        ConnectionMissing: no credentials are saved.
    """
    async with context.reading() as session:
        if await receipts.has_receipt(session, run_id):
            return
    while True:
        await _send_mends(context, run_id, plan_id)
        sight = await _look(context, run_id, plan_id)
        if not await _learn(context, run_id, sight):
            break
    unexplained = list_unexplained(compare_prorated(sight.proof, sight.agreements), sight.proof.traits)
    async with context.writing() as session:
        for each in unexplained[: endings.MOST_NOTES]:
            details = each.describe(sight.proof.psa, sight.proof.traits.proration_rounds)
            await _note(session, run_id, LogLevel.WARNING, f"{sight.proof.psa} prorates otherwise", details)
        await endings.close_push(session, run_id, plan_id, sight.rows, sight.proof)


async def describe_again(context: JobContext[Upstreams]) -> None:
    """Publish traits that were learned: only once billing has marked what was sent, because it rates lines again."""
    async with context.writing() as session:
        psa = await context.resources.open_psa(session)
        await publish_traits(session, psa.traits)


async def _send_mends(context: JobContext[Upstreams], run_id: UUID, plan_id: UUID) -> None:
    """Send what was mended and has not arrived yet. Every agreement is looked at again before it is written to."""
    async with context.reading() as session:
        rows = await plans.list_operations(session, plan_id)
        psa = await context.resources.open_psa(session, fence=context.fence)
    pending = [row for row in rows if row.mending is not None and not OperationStatus(row.status).is_final]
    if pending:
        await push.Push(context, run_id, psa, {}, push.WAITING).write(pending)


async def _look(context: JobContext[Upstreams], run_id: UUID, plan_id: UUID) -> Sight:
    async with context.reading() as session:
        rows = await plans.list_operations(session, plan_id)
        looked_at = {row.agreement_id for row in await plans.list_ground(session, plan_id)}
        agreement_ids = looked_at | {row.agreement_id for row in rows}
        written = await additions.list_written(session, agreement_ids)
        records = await find_agreements(session, agreement_ids)
        psa = await context.resources.open_psa(session)
    facts = {each.external_id: each.agreement for each in records if each.agreement is not None}
    next_invoices = {key: day for key, each in facts.items() if (day := each.next_invoice_date)}
    proof = await push.look_patiently(
        push.WAITING, run_id, lambda: read_back(psa, rows, written, looked_at, next_invoices)
    )
    return Sight(rows, facts, proof)


async def _learn(context: JobContext[Upstreams], run_id: UUID, sight: Sight) -> bool:
    """Keep what the look has shown, and mend what can be; whether anything has to be sent again."""
    proof = sight.proof
    coarser = list_coarser(proof)
    proration = learn_proration(compare_prorated(proof, sight.agreements), proof.traits)
    lessons = [*learn_decimals(proof), *([proration] if proration else [])]
    if not coarser and not lessons:
        return False
    async with context.writing() as session:
        system = (await find_saved(session, psa_forms())).system
        fresh = [lesson for lesson in lessons if await traits.learn(session, system, lesson)]
        psa = await context.resources.open_psa(session)
        mends = list_mends(coarser, psa)
        await repository.amend(session, [mend.as_row() for mend in mends])
        for lesson in fresh:
            await _note_lesson(session, run_id, lesson, psa, mends)
    proof.traits = psa.traits
    mended = {mend.operation_id for mend in mends}
    for read in coarser:
        if read.row.id not in mended:
            outcome = proof.outcomes[read.row.id]
            proof.outcomes[read.row.id] = replace(outcome, error=explain_unmended(read, psa))
    return bool(mends)


async def _note_lesson(
    session: WriteSession, run_id: UUID, lesson: traits.Lesson, psa: Psa, mends: Sequence[Mend]
) -> None:
    label = psa.traits.label
    again = _SENT_AGAIN.format(count=len(mends)) if mends else ""
    shown = f"Addition {lesson.addition_id} was sent or forecast with {lesson.sent}, and shows {lesson.kept}."
    title = f"Learned of {label}: {traits.describe(lesson.trait, lesson.value)}"
    await _note(session, run_id, LogLevel.INFO, title, " ".join(filter(None, [shown, again, _FORGET])))


async def _note(session: WriteSession, run_id: UUID, level: LogLevel, title: str, details: str) -> None:
    fact = TroubleNoted(level=level, title=title, details=details, run_id=run_id)
    await bus.publish(session, fact, subject=f"run/{run_id}")
