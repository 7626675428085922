"""What the periods to be invoiced are expected to bill, kept with the receipt until the invoices are there."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.periods import days_of
from services.contracts.shapes import AgreementFacts
from services.kit.base.db import WriteSession
from services.sync.invoices import repository as invoices
from services.sync.invoices import service
from services.sync.invoices.expecting import Expected, Standing, expect_bills
from services.sync.invoices.models import ExpectedBilling
from services.sync.invoices.schemas import BilledState, ExpectedAddition
from services.sync.mirrors.repository import find_agreements
from services.sync.plans.schemas import CREATES
from services.sync.pushes.proof import Proof

Place = tuple[str, str]
"""Agreement id and addition id."""


async def keep_expected(session: WriteSession, run_id: UUID, proof: Proof, period: str) -> None:
    """Of every agreement that was read back, over all additions of ours on it; and watch what becomes of it.

    What earlier pushes expected of periods that are still open is expected anew.
    """
    read = {key for key, state in proof.states.items() if not state.trouble}
    records = await find_agreements(session, read)
    terms = {each.external_id: AgreementTerms(each.agreement, proof.traits) for each in records if each.agreement}
    earlier = [
        each
        for each in await invoices.list_waiting(session, terms)
        if not terms[each.agreement_id].is_invoiced(each.period_start)
    ]
    standing = _list_standing(proof, _find_late(earlier))
    last_days: dict[str, date] = defaultdict(lambda: days_of(period)[1])
    for row in earlier:
        last_days[row.agreement_id] = max(last_days[row.agreement_id], row.period_start)
    kept: list[dict[str, Any]] = []
    for agreement_id, each in terms.items():
        kept += _expect(run_id, each, standing.get(agreement_id, []), last_days[agreement_id])
    await invoices.forget_expected(session, earlier)
    await invoices.save_expected(session, kept)
    await service.watch(session, {key: each.facts for key, each in terms.items() if standing.get(key)})


def _find_late(earlier: Sequence[ExpectedBilling]) -> set[Place]:
    """Additions of which the next invoice bills closed days as well."""
    return {
        (row.agreement_id, addition.addition_id)
        for row in earlier
        for addition in map(ExpectedAddition.model_validate, row.additions)
        if addition.caught_up
    }


def _list_standing(proof: Proof, late: Collection[Place]) -> dict[str, list[Standing]]:
    """Agreement → the additions of ours that stand there, in the order of the PSA's list."""
    new = {each.addition.id for each in proof.proven.values() if each.row.kind in CREATES}
    by_id = {(each.agreement_id, each.addition_id): each for each in proof.written}
    by_marker = {(each.agreement_id, each.marker): each for each in proof.written}
    found: dict[str, list[Standing]] = defaultdict(list)
    for agreement_id, state in proof.states.items():
        for each in state.additions:
            place = (agreement_id, each.id)
            written = by_id.get(place) or by_marker.get((agreement_id, each.marker))
            if written is not None:
                found[agreement_id].append(Standing(written, each, each.id in new or place in late))
    return found


def _expect(run_id: UUID, terms: AgreementTerms, standing: Sequence[Standing], last_day: date) -> list[dict[str, Any]]:
    organizations = {each.written.organization_id: each.written.names.get("organization", "") for each in standing}
    return [_as_row(run_id, terms.facts, each, organizations) for each in expect_bills(standing, terms, last_day)]


def _as_row(run_id: UUID, facts: AgreementFacts, expected: Expected, organizations: dict[str, str]) -> dict[str, Any]:
    """Several customers of AppXite may share an agreement: then its money is nobody's alone."""
    return {
        "agreement_id": facts.agreement_id,
        "period_start": expected.period.start,
        "period_end": expected.period.end,
        "currency": expected.currency,
        "run_id": run_id,
        "agreement": facts.name,
        "organization": ", ".join(sorted(filter(None, organizations.values()))),
        "organization_id": next(iter(organizations)) if len(organizations) == 1 else "",
        "expected": expected.amount,
        "additions": [each.model_dump(mode="json") for each in expected.additions],
        "state": BilledState.NOT_INVOICED.value,
    }
