"""Reads AppXite's side of a period from the rows as they came, and keeps receipts."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Text, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from services.contracts.shapes import PlanScope
from services.kit.base.db import ReadSession, WriteSession
from services.sync.loads.models import InvoiceRecord, InvoiceRowRecord, LoadInvoice
from services.sync.loads.schemas import InvoiceState
from services.sync.receipts.models import ReceiptRow
from services.sync.receipts.tie_out import Charged, KeptOut


async def find_receipt(session: ReadSession, run_id: UUID) -> ReceiptRow | None:
    return await session.get(ReceiptRow, run_id)


async def list_receipts(
    session: ReadSession, *, period: str | None, before: UUID | None, limit: int
) -> Sequence[ReceiptRow]:
    """Newest first: run ids grow with time."""
    query = select(ReceiptRow).order_by(ReceiptRow.run_id.desc()).limit(limit)
    if period is not None:
        query = query.where(ReceiptRow.period == period)
    if before is not None:
        query = query.where(ReceiptRow.run_id < before)
    return (await session.scalars(query)).all()


async def find_newest_period(session: ReadSession, scope: PlanScope) -> str | None:
    """The newest month before a scope's that has a receipt about the same, or about everything."""
    same = scope.model_dump(mode="json", exclude={"period"})
    everything = PlanScope(period=scope.period).model_dump(mode="json", exclude={"period"})
    narrowed = ReceiptRow.scope.op("-", return_type=JSONB())(literal("period", Text()))
    query = select(func.max(ReceiptRow.period)).where(
        ReceiptRow.period < scope.period,
        or_(narrowed == literal(same, JSONB()), narrowed == literal(everything, JSONB())),
    )
    return await session.scalar(query)


async def add_receipt(session: WriteSession, receipt: ReceiptRow) -> None:
    session.add(receipt)
    await session.flush()


async def list_charged(session: ReadSession, scope: PlanScope) -> list[Charged]:
    """Every row in force of a scope's invoices, as AppXite sent it; agreements and lines do not narrow it here."""
    query = (
        select(
            InvoiceRowRecord.invoice_id,
            InvoiceRowRecord.row_id,
            InvoiceRowRecord.organization_id,
            InvoiceRowRecord.organization_name,
            LoadInvoice.currency,
            InvoiceRowRecord.total,
        )
        .join(
            InvoiceRecord,
            and_(
                InvoiceRecord.invoice_id == InvoiceRowRecord.invoice_id,
                InvoiceRecord.valid_run_id == InvoiceRowRecord.run_id,
            ),
        )
        .join(
            LoadInvoice,
            and_(LoadInvoice.run_id == InvoiceRecord.valid_run_id, LoadInvoice.invoice_id == InvoiceRecord.invoice_id),
        )
        .where(InvoiceRecord.period == scope.period, InvoiceRecord.vanished_at.is_(None))
        .order_by(InvoiceRowRecord.run_id, InvoiceRowRecord.ordinal)
    )
    if scope.organization_ids:
        query = query.where(InvoiceRowRecord.organization_id.in_(scope.organization_ids))
    if scope.subscription_id is not None:
        query = query.where(InvoiceRowRecord.subscription_id == scope.subscription_id)
    return [
        Charged((invoice_id, row_id), organization_id, organization, currency, total)
        for invoice_id, row_id, organization_id, organization, currency, total in await session.execute(query)
    ]


async def list_kept_out(session: ReadSession, scope: PlanScope) -> list[KeptOut]:
    """Invoices whose latest load was quarantined, with what they charge beyond the rows in force.

    A plan about single agreements, lines or one subscription is not about whole invoices.
    """
    if scope.agreement_ids or scope.line_ids or scope.subscription_id is not None:
        return []
    in_force = (
        select(func.sum(InvoiceRowRecord.total))
        .where(
            InvoiceRowRecord.invoice_id == InvoiceRecord.invoice_id,
            InvoiceRowRecord.run_id == InvoiceRecord.valid_run_id,
        )
        .scalar_subquery()
    )
    organization = (
        select(func.min(InvoiceRowRecord.organization_id))
        .where(InvoiceRowRecord.invoice_id == InvoiceRecord.invoice_id)
        .scalar_subquery()
    )
    query = (
        select(LoadInvoice, organization, in_force)
        .join(
            InvoiceRecord,
            and_(LoadInvoice.run_id == InvoiceRecord.latest_run_id, LoadInvoice.invoice_id == InvoiceRecord.invoice_id),
        )
        .where(
            InvoiceRecord.period == scope.period,
            InvoiceRecord.latest_state == InvoiceState.QUARANTINED.value,
            InvoiceRecord.vanished_at.is_(None),
        )
        .order_by(LoadInvoice.number)
    )
    kept = [_kept_out(*found) for found in await session.execute(query)]
    if scope.organization_ids:
        return [each for each in kept if each.organization_id in scope.organization_ids]
    return kept


def _kept_out(invoice: LoadInvoice, organization_id: str | None, in_force: Decimal | None) -> KeptOut:
    charged = invoice.rows_total if invoice.checksum is None else invoice.checksum
    return KeptOut(
        invoice_id=invoice.invoice_id,
        number=invoice.number,
        organization_id=organization_id or "",
        organization=invoice.organization,
        currency=invoice.currency,
        amount=None if charged is None else charged - (in_force or Decimal(0)),
        rows=0 if in_force is not None else invoice.rows,
        reason=invoice.reason,
    )
