"""Writes the journal of a push into the operations of its plan, and takes turns on agreements."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from services.kit.base import clock
from services.kit.base.db import WriteSession
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import OperationStatus
from services.sync.pushes.models import AgreementTurn
from services.sync.pushes.write import Outcome
from services.sync.runs.models import Run

# Two runs that ask for one agreement at once would not see each other's uncommitted tickets.
_ONE_AFTER_ANOTHER = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(agreement, 0)) FROM unnest(CAST(:agreements AS text[])) AS agreement"
)


async def mark_sending(session: WriteSession, operation_ids: Sequence[UUID]) -> None:
    await session.execute(
        update(OperationRow)
        .where(OperationRow.id.in_(operation_ids))
        .values(status=OperationStatus.SENDING.value, sent_at=clock.now())
    )


async def mark_planned(session: WriteSession, operation_ids: Sequence[UUID]) -> None:
    await session.execute(
        update(OperationRow)
        .where(OperationRow.id.in_(operation_ids))
        .values(status=OperationStatus.PLANNED.value, sent_at=None)
    )


async def mark_unknown(session: WriteSession, operation_ids: Sequence[UUID]) -> None:
    await session.execute(
        update(OperationRow).where(OperationRow.id.in_(operation_ids)).values(status=OperationStatus.UNKNOWN.value)
    )


async def record_outcomes(session: WriteSession, outcomes: Sequence[Outcome]) -> None:
    """Keep what became of operations."""
    settled_at = clock.now()
    rows: list[dict[str, Any]] = [
        {
            "id": outcome.operation_id,
            "status": outcome.status.value,
            "addition_id": outcome.addition_id,
            "error": outcome.error,
            "settled_at": settled_at,
        }
        for outcome in outcomes
    ]
    if rows:
        await session.execute(update(OperationRow), rows)


async def amend(session: WriteSession, mends: list[dict[str, Any]]) -> None:
    """Let operations be sent again, with values that the PSA can hold."""
    if mends:
        status = {"status": OperationStatus.PLANNED.value, "error": "", "settled_at": None}
        await session.execute(update(OperationRow), [{**mend, **status} for mend in mends])


async def take_turns(session: WriteSession, run_id: UUID, agreement_ids: Collection[str]) -> set[str]:
    """Ask for a turn on each agreement; those on which this run may write until it gives the turn back.

    Runs wait for each other in the order in which they asked. The turns of a run that has ended count no more.
    """
    ids = sorted(agreement_ids)
    partner = session.circumstances.partner_id
    await session.execute(_ONE_AFTER_ANOTHER, {"agreements": [f"{partner}/{each}" for each in ids]})
    ended = select(Run.id).where(Run.finished_at.is_not(None))
    await session.execute(
        delete(AgreementTurn).where(AgreementTurn.agreement_id.in_(ids), AgreementTurn.run_id.in_(ended))
    )
    asked = [{"partner_id": partner, "agreement_id": each, "run_id": run_id} for each in ids]
    await session.execute(insert(AgreementTurn).on_conflict_do_nothing(), asked)
    first = (
        select(AgreementTurn.agreement_id, AgreementTurn.run_id)
        .where(AgreementTurn.agreement_id.in_(ids))
        .ext(distinct_on(AgreementTurn.agreement_id))
        .order_by(AgreementTurn.agreement_id, AgreementTurn.ticket)
    )
    return {agreement_id for agreement_id, holder in await session.execute(first) if holder == run_id}


async def give_turns_back(session: WriteSession, run_id: UUID, agreement_ids: Collection[str]) -> None:
    """Let the next run write on these agreements."""
    if agreement_ids:
        await session.execute(
            delete(AgreementTurn).where(
                AgreementTurn.run_id == run_id, AgreementTurn.agreement_id.in_(list(agreement_ids))
            )
        )
