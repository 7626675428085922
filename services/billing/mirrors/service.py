"""Lists what the PSA has, for people who map."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from services.billing.mirrors import repository
from services.billing.mirrors.models import ReferenceRow
from services.billing.mirrors.schemas import AgreementReference, Reference
from services.contracts.shapes import AgreementFacts
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import ReadSession
from services.kit.web.paging import Page, decode_cursor, encode_cursor

ShownT = TypeVar("ShownT")


async def list_references(
    session: ReadSession, kind: MirrorKind, *, search: str | None, limit: int, cursor: str | None
) -> Page[Reference]:
    """Companies, catalog items or agreement types by name."""
    place = _place(cursor)
    rows = await repository.search(session, kind, text=search, parent_id=None, after=place, limit=limit + 1)
    return _page(rows, limit, lambda row: Reference(id=row.external_id, name=row.name, identifier=row.identifier))


async def list_agreements(
    session: ReadSession, *, company_id: str | None, search: str | None, limit: int, cursor: str | None
) -> Page[AgreementReference]:
    """Agreements by name, of one company or all."""
    rows = await repository.search(
        session, MirrorKind.AGREEMENT, text=search, parent_id=company_id, after=_place(cursor), limit=limit + 1
    )
    return _page(rows, limit, _show_agreement)


def _place(cursor: str | None) -> tuple[str, str] | None:
    if cursor is None:
        return None
    name, external_id = decode_cursor(cursor, 2)
    return str(name), str(external_id)


def _page(rows: Sequence[ReferenceRow], limit: int, show: Callable[[ReferenceRow], ShownT]) -> Page[ShownT]:
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = encode_cursor([last.name, last.external_id]) if last else None
    return Page(items=[show(row) for row in rows[:limit]], next_cursor=next_cursor)


def _show_agreement(row: ReferenceRow) -> AgreementReference:
    facts = AgreementFacts.model_validate(row.agreement)
    return AgreementReference(
        id=facts.agreement_id,
        name=facts.name,
        company_id=facts.company_id,
        type_id=facts.type_id,
        type=facts.type_name,
        status=facts.status,
        currency=facts.currency,
        billing_cycle=facts.billing_cycle,
        is_prorated=facts.is_prorated,
        next_invoice_date=facts.next_invoice_date,
    )
