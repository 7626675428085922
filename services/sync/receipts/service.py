"""Making and showing receipts."""

from collections.abc import Sequence
from uuid import UUID

from services.contracts.shapes import DesiredAddition, PlanScope, Tally, UnsentLine
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import NotFound
from services.sync.receipts import repository
from services.sync.receipts.models import ReceiptRow
from services.sync.receipts.schemas import Failure, ReceiptOut, ReceiptSummary, UnsentItem
from services.sync.receipts.tie_out import OnPsa, RowKey, Sides, TieOut, tie_out


class ReceiptNotFound(NotFound):
    """The run has no receipt: it has not been proven yet, it failed before, or it is no push."""

    action = "Look at the run: a push has its receipt once everything was read back."


async def prove_scope(
    session: ReadSession,
    scope: PlanScope,
    on_psa: Sequence[OnPsa],
    unsent: Sequence[UnsentLine],
    failures: Sequence[tuple[Failure, RowKey | None]],
) -> TieOut:
    """The tie-out of a plan's scope, against AppXite's rows as they came."""
    keys = {each.key for each in on_psa} | {(line.invoice_id, line.row_id) for line in unsent}
    keys |= {key for _, key in failures if key is not None}
    charged = await repository.list_charged(session, scope)
    sides = Sides(
        # Agreements and lines are billing's, so for them only billing can say which rows are meant.
        charged=[row for row in charged if row.key in keys] if scope.agreement_ids or scope.line_ids else charged,
        kept_out=await repository.list_kept_out(session, scope),
        on_psa=on_psa,
        unsent=[_as_item(line) for line in unsent],
        failures=[failure for failure, _ in failures],
        failed_keys=frozenset(key for _, key in failures if key is not None),
    )
    return tie_out(sides)


async def store_receipt(session: WriteSession, run_id: UUID, plan_id: UUID, period: str, proven: TieOut) -> None:
    row = ReceiptRow(
        run_id=run_id,
        partner_id=session.circumstances.partner_id,
        plan_id=plan_id,
        period=period,
        ties_out=proven.ties_out,
        examined=proven.examined,
        totals=[each.model_dump(mode="json") for each in proven.totals],
        unsent=[each.model_dump(mode="json") for each in proven.unsent],
        failures=[each.model_dump(mode="json") for each in proven.failures],
        created_at=clock.now(),
    )
    await repository.add_receipt(session, row)


async def has_receipt(session: ReadSession, run_id: UUID) -> bool:
    return await repository.find_receipt(session, run_id) is not None


async def show_receipt(session: ReadSession, run_id: UUID) -> ReceiptOut:
    row = await repository.find_receipt(session, run_id)
    if row is None:
        raise ReceiptNotFound(f"There is no receipt of run {run_id}.")
    return ReceiptOut.model_validate({**_summary(row), "unsent": row.unsent, "failures": row.failures})


def summarize(row: ReceiptRow) -> ReceiptSummary:
    return ReceiptSummary.model_validate(_summary(row))


def _summary(row: ReceiptRow) -> dict[str, object]:
    return {
        "run_id": row.run_id,
        "plan_id": row.plan_id,
        "period": row.period,
        "ties_out": row.ties_out,
        "examined": row.examined,
        "totals": row.totals,
        "unsent_count": len(row.unsent),
        "failure_count": len(row.failures),
        "created_at": row.created_at,
    }


def tally_unsent(proven: TieOut) -> Tally:
    """What stayed behind without having failed."""
    return Tally.of((item.currency, item.amount) for item in proven.unsent)


def key_of(desired: DesiredAddition) -> RowKey:
    return desired.invoice_id, desired.row_id


def _as_item(line: UnsentLine) -> UnsentItem:
    return UnsentItem(
        line_id=line.line_id,
        invoice_id=line.invoice_id,
        row_id=line.row_id,
        organization_id=line.organization_id,
        organization=line.organization,
        currency=line.currency,
        amount=line.amount,
        status=line.status.value,
        reasons=[reason.value for reason in line.reasons],
    )
