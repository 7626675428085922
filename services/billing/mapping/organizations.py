"""Approves organizations and maps them to companies and agreements."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.billing.lines import repository as lines
from services.billing.mapping import repository
from services.billing.mapping.errors import AgreementOfAnotherCompany, MappingIsStale, MappingNotFound, NotInPsa
from services.billing.mapping.models import OrganizationRow
from services.billing.mapping.publishing import publish_change
from services.billing.mapping.repository import MappingFilter
from services.billing.mapping.schemas import (
    CompanySuggestion,
    OrganizationChange,
    OrganizationItem,
    SuggestionsAccepted,
)
from services.billing.mirrors import repository as references
from services.billing.mirrors.models import ReferenceRow
from services.billing.mirrors.schemas import Reference
from services.contracts.shapes import FieldChange
from services.contracts.vocabulary import MirrorKind, OrganizationState
from services.kit.base.db import ReadSession, WriteSession
from services.kit.web.paging import Page, decode_cursor, encode_cursor


async def list_organizations(
    session: ReadSession, wanted: MappingFilter, limit: int, cursor: str | None
) -> Page[OrganizationItem]:
    """Organizations by name, with their suggestions and how many of their lines are held."""
    place = decode_cursor(cursor, 2) if cursor else None
    after = (str(place[0]), str(place[1])) if place else None
    rows = await repository.list_by_name(session, OrganizationRow, wanted, after, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    items = await _describe_all(session, rows[:limit])
    return Page(items=items, next_cursor=encode_cursor([last.name, last.id]) if last else None)


async def change_organization(
    session: WriteSession, organization_id: str, change: OrganizationChange
) -> OrganizationItem:
    """Approve, exclude or map one organization. Its lines that are not sent follow."""
    row = (await repository.find_for_change(session, OrganizationRow, [organization_id])).get(organization_id)
    if row is None:
        raise MappingNotFound(f"There is no organization {organization_id}.")
    if row.version != change.version:
        current = (await _describe_all(session, [row]))[0]
        raise MappingIsStale(f"{row.name} was changed meanwhile.", current=current.model_dump(mode="json"))
    before = _decisions(row)
    _apply(row, change)
    await _check_choice(session, row, change)
    await _save(session, row, before)
    return (await _describe_all(session, [row]))[0]


async def accept_suggestions(session: WriteSession, ids: Sequence[str]) -> SuggestionsAccepted:
    """Map organizations to the companies suggested, and approve them: accepting is a person's word for both."""
    rows = await repository.find_for_change(session, OrganizationRow, ids)
    accepted = [row for row in rows.values() if row.target_id is None and row.suggested_id is not None]
    for row in accepted:
        before = _decisions(row)
        row.target_id, row.is_excluded = row.suggested_id, False
        await _save(session, row, before)
    names = [row.id for row in accepted]
    return SuggestionsAccepted(accepted=names, skipped=[each for each in ids if each not in names])


def _apply(row: OrganizationRow, change: OrganizationChange) -> None:
    given = change.model_fields_set
    if change.state is not None:
        row.is_excluded = change.state == "excluded"
    if "company_id" in given and change.company_id != row.target_id:
        row.target_id, row.agreement_id = change.company_id, None
    if "agreement_id" in given:
        row.agreement_id = change.agreement_id


async def _check_choice(session: ReadSession, row: OrganizationRow, change: OrganizationChange) -> None:
    psa = (await references.find_traits(session)).label
    if change.company_id and not await references.find(session, MirrorKind.COMPANY, [change.company_id]):
        raise NotInPsa(f"There is no company {change.company_id} in {psa}.")
    if not change.agreement_id:
        return
    agreement = (await references.find(session, MirrorKind.AGREEMENT, [change.agreement_id])).get(change.agreement_id)
    if agreement is None:
        raise NotInPsa(f"There is no agreement {change.agreement_id} in {psa}.")
    if agreement.parent_id != row.target_id:
        raise AgreementOfAnotherCompany(f"{agreement.name} is not an agreement of the company chosen.")


def _decisions(row: OrganizationRow) -> dict[str, Any]:
    return {
        "state": "excluded" if row.is_excluded else "approved",
        "company_id": row.target_id,
        "agreement_id": row.agreement_id,
    }


async def _save(session: WriteSession, row: OrganizationRow, before: Mapping[str, Any]) -> None:
    after = _decisions(row)
    changes = [FieldChange(field=name, before=before[name], after=after[name]) for name in after]
    changes = [each for each in changes if each.before != each.after]
    if not changes:
        return
    row.version += 1
    await session.flush()
    await publish_change(session, "organization", row, changes)


async def _describe_all(session: ReadSession, rows: Sequence[OrganizationRow]) -> list[OrganizationItem]:
    companies = await references.find(session, MirrorKind.COMPANY, _ids(rows, "target_id", "suggested_id"))
    agreements = await references.find(session, MirrorKind.AGREEMENT, _ids(rows, "agreement_id"))
    held = await lines.count_held(session, "organization_id", [row.id for row in rows])
    return [
        OrganizationItem(
            id=row.id,
            name=row.name,
            currency=row.currency,
            state=_state_of(row),
            company=describe_reference(row.target_id, companies),
            agreement=describe_reference(row.agreement_id, agreements),
            suggestion=_describe_suggestion(row, companies),
            lines_held=held.get(row.id, 0),
            version=row.version,
        )
        for row in rows
    ]


def _ids(rows: Iterable[OrganizationRow], *fields: str) -> set[str]:
    return {value for row in rows for field in fields if (value := getattr(row, field))}


def _state_of(row: OrganizationRow) -> OrganizationState:
    if row.is_excluded:
        return OrganizationState.EXCLUDED
    if row.target_id:
        return OrganizationState.MAPPED
    return OrganizationState.SUGGESTED if row.suggested_id else OrganizationState.UNMAPPED


def describe_reference(external_id: str | None, known: Mapping[str, ReferenceRow]) -> Reference | None:
    """A chosen record with its name; one that the PSA has lost keeps its id for a name."""
    if external_id is None:
        return None
    row = known.get(external_id)
    if row is None:
        return Reference(id=external_id, name=external_id, identifier=None)
    return Reference(id=row.external_id, name=row.name, identifier=row.identifier)


def _describe_suggestion(row: OrganizationRow, companies: Mapping[str, ReferenceRow]) -> CompanySuggestion | None:
    company = describe_reference(row.suggested_id, companies)
    if company is None or row.target_id is not None:
        return None
    return CompanySuggestion(
        company_id=company.id,
        company=company.name,
        score=row.suggestion_score or 0,
        reason=row.suggestion_reason or "",
    )
