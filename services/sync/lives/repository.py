"""Reads what is known of the additions of a line and of its subscription."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, or_, select

from services.contracts.shapes import AgreementFacts, DesiredAddition
from services.contracts.vocabulary import OperationKind
from services.kit.base.db import ReadSession
from services.sync.additions.models import WrittenAddition
from services.sync.additions.repository import as_written
from services.sync.additions.written import Written
from services.sync.lives.sightings import Sighting
from services.sync.loads.models import InvoiceRecord, LoadInvoice
from services.sync.plans.models import GroundRow, OperationRow, PlanRow
from services.sync.plans.schemas import OperationStatus
from services.sync.psas.addition import AdditionValues

MOST_ADDITIONS = 500
MOST_SIGHTINGS = 5_000
"""Newest first: a push a day of every line of a subscription for more than ten years."""


async def list_additions(session: ReadSession, line_id: UUID, subscription_id: str) -> list[Written]:
    """Additions that were written last for a line or for its subscription, newest first."""
    of_line = WrittenAddition.line_id == line_id
    condition = or_(of_line, WrittenAddition.subscription_id == subscription_id) if subscription_id else of_line
    query = select(WrittenAddition).where(condition).order_by(WrittenAddition.written_at.desc()).limit(MOST_ADDITIONS)
    return [as_written(row) for row in await session.scalars(query)]


async def list_sightings(session: ReadSession, markers: Collection[str]) -> list[Sighting]:
    """What applied plans have proven of additions, oldest first."""
    query = (
        select(OperationRow, GroundRow.agreement_facts)
        .join(PlanRow, PlanRow.id == OperationRow.plan_id)
        .outerjoin(
            GroundRow,
            and_(GroundRow.plan_id == OperationRow.plan_id, GroundRow.agreement_id == OperationRow.agreement_id),
        )
        .where(OperationRow.marker.in_(list(markers)), OperationRow.status == OperationStatus.DONE.value)
        .order_by(PlanRow.id.desc(), OperationRow.position.desc())  # ids of plans grow with time
        .limit(MOST_SIGHTINGS)
    )
    found = [_as_sighting(row, facts) for row, facts in await session.execute(query)]
    return found[::-1]


def _as_sighting(row: OperationRow, facts: dict[str, object] | None) -> Sighting:
    return Sighting(
        marker=row.marker,
        kind=OperationKind(row.kind),
        addition_id=row.addition_id,
        desired=DesiredAddition.model_validate(row.desired) if row.desired else None,
        before=AdditionValues.model_validate(row.before) if row.before else None,
        after=AdditionValues.model_validate(row.after) if row.after else None,
        facts=AgreementFacts.model_validate(facts) if facts else None,
    )


async def find_invoice_numbers(session: ReadSession, invoice_ids: Collection[str]) -> dict[str, str]:
    """Invoice → its number, of those that a load keeps."""
    query = (
        select(LoadInvoice.invoice_id, LoadInvoice.number)
        .join(
            InvoiceRecord,
            and_(InvoiceRecord.invoice_id == LoadInvoice.invoice_id, InvoiceRecord.latest_run_id == LoadInvoice.run_id),
        )
        .where(LoadInvoice.invoice_id.in_(list(invoice_ids)))
    )
    return {row.invoice_id: row.number for row in await session.execute(query)}
