"""Takes and reverts what people decide about a line. The rules then say what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from pydantic import JsonValue

from services.billing.lines import repository as lines
from services.billing.lines import service
from services.billing.lines.decisions import repository
from services.billing.lines.decisions.comparing import compare, find_refused
from services.billing.lines.decisions.errors import (
    AgreementNotInPsa,
    EditNotFound,
    LineIsInvoiced,
    ProductNotInPsa,
    StaleVersion,
)
from services.billing.lines.decisions.models import DecisionRow
from services.billing.lines.decisions.origins import find_origins
from services.billing.lines.decisions.repository import Edit
from services.billing.lines.decisions.schemas import (
    DecisionItem,
    EditableFieldItem,
    EditableFields,
    FieldOrigin,
    LineOriginsOut,
)
from services.billing.lines.schemas import LineItem
from services.billing.lines.service import LineNotFound
from services.billing.lines.stored import StoredLine
from services.billing.mirrors import repository as references
from services.billing.rating.books import Needs, gather_books
from services.billing.rating.service import rate_again
from services.billing.rules.editable import EDITABLE, Editor
from services.contracts.events.billing import LineEdited
from services.contracts.shapes import FieldChange
from services.contracts.vocabulary import BillOption, MirrorKind
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.ids import new_id
from services.kit.ledger.bus import publish


def list_fields() -> EditableFields:
    """Every field that people may change."""
    fields = EDITABLE.items()
    return EditableFields(
        items=[
            EditableFieldItem(
                field=name,
                label=each.label,
                editor=each.editor,
                after_invoicing=each.after_invoicing,
                choices=[option.value for option in BillOption] if each.editor is Editor.BILL_OPTION else [],
            )
            for name, each in fields
        ]
    )


async def show_origins(session: ReadSession, line_id: UUID) -> LineOriginsOut:
    """Where each editable field of a line comes from."""
    found = await lines.find_by_ids(session, [line_id])
    if not found:
        raise LineNotFound(f"There is no line {line_id}.")
    (stored,) = found
    book = (await gather_books(session, Needs.of(found)))[stored.rules_version]
    origins = find_origins(stored, await repository.find_in_force(session, line_id), book)
    return LineOriginsOut(
        line_id=line_id,
        version=stored.version,
        rules_version=stored.rules_version,
        items=origins,
        names=await _name_values(session, origins),
    )


async def _name_values(session: ReadSession, origins: Sequence[FieldOrigin]) -> dict[str, str]:
    wanted = {
        (kind, str(value))
        for each in origins
        if (kind := EDITABLE[each.field].refers_to)
        for value in (each.value, each.system, each.user)
        if value
    }
    names = await references.name_all(session, wanted)
    return {external_id: name for (_, external_id), name in names.items()}


def describe(row: DecisionRow) -> DecisionItem:
    return DecisionItem(
        id=row.id,
        edit_id=row.edit_id,
        field=row.field,
        label=EDITABLE[row.field].label if row.field in EDITABLE else row.field,
        value=row.value,
        actor=row.actor,
        reason=row.reason,
        decided_at=row.decided_at,
        reverted_at=row.reverted_at,
        reverted_by=row.reverted_by,
    )


async def edit_line(
    session: WriteSession, line_id: UUID, version: int, values: Mapping[str, JsonValue], reason: str = ""
) -> LineItem:
    """Apply a person's decisions to a line and rate it again; None gives a field back to the rules."""
    stored = await _read(session, line_id, version)
    await check_references(session, values)
    after = replace(stored, decisions={**stored.decisions, **values})
    changes = compare(stored.effective, after.effective)
    if changes:
        await _refuse_if_invoiced(session, stored, changes)
        decided = {each.field: values[each.field] for each in changes}
        edit = Edit(new_id(), session.circumstances.actor.name, reason)
        await repository.decide(session, edit, {line_id: decided})
        await _take_effect(session, after, changes, reason)
    return await service.show_line(session, line_id)


async def revert_edit(session: WriteSession, line_id: UUID, version: int, edit_id: UUID) -> LineItem:
    """Take an edit back; what was decided before it is in force again."""
    stored = await _read(session, line_id, version)
    if not await repository.revert(session, line_id, edit_id, session.circumstances.actor.name):
        raise EditNotFound(f"No edit {edit_id} is in force on this line.")
    (after,) = await lines.find_by_ids(session, [line_id])
    changes = compare(stored.effective, after.effective)
    if changes:
        await _refuse_if_invoiced(session, after, changes)
        await _take_effect(session, after, changes, "edit reverted")
    return await service.show_line(session, line_id)


async def _read(session: ReadSession, line_id: UUID, version: int) -> StoredLine:
    found = await lines.find_by_ids(session, [line_id])
    if not found:
        raise LineNotFound(f"There is no line {line_id}.")
    if found[0].version != version:
        current = await service.show_line(session, line_id)
        raise StaleVersion(
            f"The line is at version {current.version}, not {version}.", current=current.model_dump(mode="json")
        )
    return found[0]


_MISSING = {MirrorKind.AGREEMENT: AgreementNotInPsa, MirrorKind.CATALOG_ITEM: ProductNotInPsa}


async def check_references(session: ReadSession, values: Mapping[str, JsonValue]) -> None:
    """Refuse ids of records that the PSA does not have, as far as the mirror knows."""
    for name, value in values.items():
        kind = EDITABLE[name].refers_to
        if kind is not None and value and not await references.find(session, kind, [str(value)]):
            psa = (await references.find_traits(session)).label
            raise _MISSING[kind](f"There is no {kind.value.replace('_', ' ')} {value} in {psa}.")


async def _refuse_if_invoiced(session: ReadSession, stored: StoredLine, changes: list[FieldChange]) -> None:
    book = (await gather_books(session, Needs.of([stored])))[stored.rules_version]
    if refused := find_refused(stored.line, changes, book):
        raise LineIsInvoiced(f"{book.psa.label} has invoiced this line: {', '.join(refused)} can no longer be changed.")


async def _take_effect(session: WriteSession, after: StoredLine, changes: list[FieldChange], reason: str) -> None:
    (edited,) = await rate_again(session, [after])
    try:
        await lines.save(session, [replace(edited, version=after.version + 1)])
    except lines.LinesMoved as error:
        raise StaleVersion("The line was changed in this very moment.") from error
    line = after.line
    fact = LineEdited(
        line_id=after.id,
        period=line.period,
        changes=changes,
        reason=reason,
        line=f"{line.organization_name}, {line.subscription_name or line.offer_name}",
    )
    await publish(session, fact, subject=f"line/{after.id}")
