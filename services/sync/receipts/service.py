"""Making and showing receipts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.contracts.invoicing.periods import add_days
from services.contracts.periods import days_of
from services.contracts.shapes import DesiredAddition, PlanScope, PsaTraits, Tally, UnsentLine
from services.contracts.vocabulary import LineStatus
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import NotFound
from services.sync.invoices.models import ExpectedBilling
from services.sync.invoices.repository import find_trouble, list_expected
from services.sync.invoices.schemas import BilledState
from services.sync.invoices.service import describe_billed
from services.sync.mirrors.repository import find_agreements
from services.sync.receipts import repository
from services.sync.receipts.models import ReceiptRow
from services.sync.receipts.schemas import DifferenceKind, Failure, ReceiptOut, ReceiptSummary, UnsentItem
from services.sync.receipts.tie_out import Charged, OnPsa, Rounded, RowKey, Sides, TieOut, tie_out
from services.sync.receipts.will_bill import Claim, Grounds, Unclaimed, WillBill, forecast_bills


class ReceiptNotFound(NotFound):
    """The run has no receipt: it has not been proven yet, it failed before, or it is no push."""

    action = "Look at the run: a push has its receipt once everything was read back."


@dataclass(frozen=True, slots=True)
class CameOut:
    """What a push left: lines on additions, lines that stayed behind, failures, and every addition of ours."""

    on_psa: Sequence[OnPsa]
    unsent: Sequence[UnsentLine]
    failures: Sequence[tuple[Failure, Sequence[RowKey]]]
    claims: Sequence[Claim]
    unclaimed: Sequence[Unclaimed]
    rounded: Sequence[Rounded] = ()


async def prove_scope(session: ReadSession, scope: PlanScope, came_out: CameOut, psa: PsaTraits) -> TieOut:
    """The tie-out of a plan's scope, against AppXite's rows as they came, and what its additions will bill."""
    keys = {key for each in came_out.on_psa for key, _ in each.claimed} | {
        (line.invoice_id, line.row_id) for line in came_out.unsent
    }
    failed_keys = frozenset(key for _, rows in came_out.failures for key in rows)
    charged = await repository.list_charged(session, scope)
    if scope.agreement_ids or scope.line_ids:
        # Agreements and lines are billing's, so for them only billing can say which rows are meant.
        charged = [row for row in charged if row.key in keys | failed_keys]
    sides = Sides(
        charged=charged,
        kept_out=await repository.list_kept_out(session, scope),
        on_psa=came_out.on_psa,
        rounded=came_out.rounded,
        unsent=[_as_item(line) for line in came_out.unsent],
        failures=[failure for failure, _ in came_out.failures],
        failed_keys=failed_keys,
        will_bill=await _forecast(session, scope, came_out, charged, psa),
        psa=psa.label,
    )
    return tie_out(sides)


async def _forecast(
    session: ReadSession, scope: PlanScope, came_out: CameOut, charged: Sequence[Charged], psa: PsaTraits
) -> WillBill:
    unclaimed = _name_customers(came_out, charged)
    if scope.organization_ids:
        unclaimed = [each for each in unclaimed if each.subject.organization_id in scope.organization_ids]
    agreement_ids = {each.desired.agreement_id for each in came_out.claims}
    agreement_ids |= {each.addition.agreement_id for each in unclaimed}
    records = await find_agreements(session, agreement_ids)
    agreements = {each.external_id: each.agreement for each in records if each.agreement is not None}
    newest = await repository.find_newest_period(session, scope)
    unlisted_from = add_days(days_of(newest)[1], 1) if newest else None
    return forecast_bills(Grounds(scope.period, came_out.claims, unclaimed, agreements, psa, unlisted_from))


def _name_customers(came_out: CameOut, charged: Sequence[Charged]) -> list[Unclaimed]:
    """Where an older build wrote an addition, its customer is the one of the same name."""
    lines: Sequence[Charged | OnPsa | UnsentLine] = [*charged, *came_out.on_psa, *came_out.unsent]
    by_name = {each.organization: each.organization_id for each in lines}
    return [
        each
        if each.subject.organization_id
        else replace(each, subject=replace(each.subject, organization_id=by_name.get(each.subject.organization, "")))
        for each in came_out.unclaimed
    ]


async def store_receipt(
    session: WriteSession,
    run_id: UUID,
    plan_id: UUID,
    scope: PlanScope,
    proven: TieOut,
    *,
    has_arrived: bool,
    singles: Tally,
) -> None:
    row = ReceiptRow(
        run_id=run_id,
        partner_id=session.circumstances.partner_id,
        plan_id=plan_id,
        period=scope.period,
        scope=scope.model_dump(mode="json"),
        ties_out=has_arrived and proven.accounted_for and proven.bills_as_charged,
        arrived=has_arrived,
        accounted_for=proven.accounted_for,
        bills_as_charged=proven.bills_as_charged,
        examined=proven.examined,
        totals=[each.model_dump(mode="json") for each in proven.totals],
        unsent=[each.model_dump(mode="json") for each in proven.unsent],
        failures=[each.model_dump(mode="json") for each in proven.failures],
        differences=[each.model_dump(mode="json") for each in proven.differences],
        singles=singles.model_dump(mode="json"),
        created_at=clock.now(),
    )
    await repository.add_receipt(session, row)


async def has_receipt(session: ReadSession, run_id: UUID) -> bool:
    return await repository.find_receipt(session, run_id) is not None


async def show_receipt(session: ReadSession, run_id: UUID) -> ReceiptOut:
    row = await repository.find_receipt(session, run_id)
    if row is None:
        raise ReceiptNotFound(f"There is no receipt of run {run_id}.")
    expected = await list_expected(session, run_id)
    lists = {"unsent": row.unsent, "failures": row.failures, "differences": row.differences}
    after = {
        "billed": [describe_billed(each) for each in expected],
        "totals": _add_billed(row.totals, expected),
        "invoices_unread": await _say_unread(session, expected),
    }
    return ReceiptOut.model_validate({**_summary(row), **lists, **after})


async def _say_unread(session: ReadSession, expected: Sequence[ExpectedBilling]) -> str:
    """Said only while something waits for an invoice."""
    waiting = {each.agreement_id for each in expected if each.state == BilledState.NOT_INVOICED.value}
    trouble = await find_trouble(session, waiting) if waiting else ""
    return f"The invoices of these agreements were not read: {trouble}" if trouble else ""


def _add_billed(totals: Sequence[dict[str, Any]], expected: Sequence[ExpectedBilling]) -> list[dict[str, Any]]:
    """What was billed of each customer and currency, once all of its periods are known."""
    billed: dict[tuple[str, str], Decimal | None] = {}
    for each in expected:
        key = (each.organization_id, each.currency)
        before = billed.get(key, Decimal(0))
        billed[key] = None if before is None or each.billed is None else before + each.billed
    return [{**each, "billed": billed.get((each["organization_id"], each["currency"]))} for each in totals]


def summarize(row: ReceiptRow) -> ReceiptSummary:
    return ReceiptSummary.model_validate(_summary(row))


def _summary(row: ReceiptRow) -> dict[str, object]:
    left = Counter(each["status"] for each in row.unsent)
    before, dropped = left[LineStatus.BILLED_BEFORE.value], left[LineStatus.DROPPED.value]
    return {
        "run_id": row.run_id,
        "plan_id": row.plan_id,
        "period": row.period,
        "scope": row.scope,
        "ties_out": row.ties_out,
        "arrived": row.arrived,
        "accounted_for": row.accounted_for,
        "bills_as_charged": row.bills_as_charged,
        "examined": row.examined,
        "totals": row.totals,
        "unsent_count": len(row.unsent) - before - dropped,
        "billed_before_count": before,
        "dropped_count": dropped,
        "failure_count": len(row.failures),
        "difference_count": sum(1 for each in row.differences if each["kind"] != DifferenceKind.DROPPED.value),
        "singles": row.singles,
        "created_at": row.created_at,
    }


def tally_unsent(proven: TieOut) -> Tally:
    """What stayed behind without having failed: not what was billed by hand before go-live, nor what rules drop."""
    meant = (LineStatus.BILLED_BEFORE.value, LineStatus.DROPPED.value)
    left = [item for item in proven.unsent if item.status not in meant]
    return Tally.of((item.currency, item.amount) for item in left)


def keys_of(desired: DesiredAddition) -> list[RowKey]:
    """The rows that an addition stands for: its own, or what gathers them and each of them."""
    return [(desired.invoice_id, desired.row_id), *((each.invoice_id, each.row_id) for each in desired.carries)]


def claim_rows(desired: DesiredAddition, total: Decimal) -> OnPsa:
    """What an addition bills, and for each row that it stands for, how much of its charge that is.

    What gathers rows stands like a row for the rest: for nothing, once all of its additions are added up.
    """
    whole = total + desired.rounded - desired.marked_up
    parts = [each.amount if each.charged is None else each.charged for each in desired.carries]
    claims = zip(keys_of(desired), [whole - sum(parts, Decimal(0)), *parts], strict=True)
    key = desired.invoice_id, desired.row_id
    return OnPsa(
        key,
        desired.organization_id,
        desired.organization,
        desired.currency,
        total,
        marked_up=desired.marked_up,
        claims=tuple(claims),
    )


def find_rounded(desired: Iterable[DesiredAddition]) -> list[Rounded]:
    """What is finer than a currency, and carried by no addition."""
    return [
        Rounded(each.organization_id, each.organization, each.currency, each.rounded)
        for each in desired
        if each.rounded
    ]


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
        invoice_number=line.invoice_number,
        product=line.product,
        subscription=line.subscription,
        billed_by=line.billed_by,
        dropped_by=line.dropped_by,
    )
