"""What the periods to be invoiced are expected to bill, kept with the receipt until the invoices are there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.contracts.invoicing.exact import ZERO
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.periods import days_of
from services.contracts.shapes import AgreementFacts, PsaTraits
from services.kit.base.db import WriteSession
from services.sync.invoices import repository as invoices
from services.sync.invoices import service
from services.sync.invoices.expecting import Expected, Standing, expect_bills
from services.sync.invoices.schemas import BilledState
from services.sync.mirrors.repository import find_agreements
from services.sync.plans.schemas import CREATES
from services.sync.pushes.proof import Proof


async def keep_expected(session: WriteSession, run_id: UUID, proof: Proof, period: str) -> None:
    """Of every agreement that was read back, over all additions of ours on it; and watch what becomes of it."""
    read = {key for key, state in proof.states.items() if not state.trouble}
    records = await find_agreements(session, read)
    agreements = {each.external_id: each.agreement for each in records if each.agreement is not None}
    caught_up = await invoices.list_caught_up(session, agreements)
    standing = _list_standing(proof, caught_up)
    kept: list[dict[str, Any]] = []
    for agreement_id, facts in agreements.items():
        kept += _expect(run_id, facts, standing.get(agreement_id, []), proof.traits, period)
    await invoices.save_expected(session, kept)
    await service.watch(session, {key: each for key, each in agreements.items() if standing.get(key)})


def _list_standing(proof: Proof, caught_up: Mapping[tuple[str, str], Decimal]) -> dict[str, list[Standing]]:
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
                found[agreement_id].append(Standing(written, each, each.id in new, caught_up.get(place, ZERO)))
    return found


def _expect(
    run_id: UUID, facts: AgreementFacts, standing: Sequence[Standing], traits: PsaTraits, period: str
) -> list[dict[str, Any]]:
    terms, last_day = AgreementTerms(facts, traits), days_of(period)[1]
    organizations = {each.written.organization_id: each.written.names.get("organization", "") for each in standing}
    return [_as_row(run_id, facts, each, organizations) for each in expect_bills(standing, terms, last_day)]


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
