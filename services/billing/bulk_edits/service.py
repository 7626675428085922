"""Asks for bulk edits, applies them, takes them back and puts them back; the work itself is a job (see `work`)."""

from collections.abc import Collection
from uuid import UUID

from services.billing.bulk_edits import repository
from services.billing.bulk_edits.changes import Change, SetField, ValuesPerLine, read_changes
from services.billing.bulk_edits.errors import BulkEditIsNotReady, BulkEditNotFound, LinesUnknown, ReasonRequired
from services.billing.bulk_edits.jobs import order_work
from services.billing.bulk_edits.models import BulkEditFileRow, BulkEditRow, RefusedCellRow
from services.billing.bulk_edits.schemas import (
    BulkEditIn,
    BulkEditOut,
    BulkEditStatus,
    BulkPreview,
    ImportedFile,
    LineScope,
    RefusedCellItem,
)
from services.billing.line_files.refusals import RefusalReason
from services.billing.lines.decisions.service import check_references
from services.billing.rules.editable import EDITABLE
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.ids import new_id
from services.kit.ledger.live import announce_after_commit
from services.kit.web.paging import Page


async def request_preview(session: WriteSession, wanted: BulkEditIn, reason_above: int | None) -> BulkEditOut:
    """Keep what is wanted and order its preview."""
    for change in wanted.changes:
        if isinstance(change, SetField):
            await check_references(session, {change.field: change.value})
    if wanted.values is not None:
        return await _request_values(session, wanted.values, wanted.reason, reason_above)
    scope = wanted.scope or LineScope(of_values=True)
    row = await _keep(session, _make(session, scope, list(wanted.changes), wanted.reason), reason_above)
    return describe(row, reason_above)


async def _request_values(
    session: WriteSession, change: ValuesPerLine, reason: str, reason_above: int | None
) -> BulkEditOut:
    for each in change.values:
        await check_references(session, each.changes)
    unknown = {each.id for each in change.values} - await repository.find_existing_lines(
        session, [each.id for each in change.values]
    )
    if unknown:
        raise LinesUnknown(f"{len(unknown)} of these lines are not here, such as {min(unknown)}.")
    edited = in_order({name for each in change.values for name in each.changes})
    kept = ValuesPerLine(kind="values", edited=edited, lines=len(change.values))
    row = _make(session, LineScope(of_values=True), [kept], reason)
    await repository.add_values(session, row.id, [(each.id, each.version, each.changes) for each in change.values])
    return describe(await _keep(session, row, reason_above), reason_above)


def in_order(fields: Collection[str]) -> tuple[str, ...]:
    """Some editable fields, in the order in which people see them."""
    return tuple(name for name in EDITABLE if name in fields)


async def request_import(
    session: WriteSession, content: bytes, file: ImportedFile, reason: str, reason_above: int | None
) -> BulkEditOut:
    """Keep an edited file and order that it is read and previewed."""
    row = _make(session, LineScope(of_values=True), [ValuesPerLine(kind="values")], reason)
    row.file = file.model_dump(mode="json")
    session.add(BulkEditFileRow(partner_id=row.partner_id, bulk_edit_id=row.id, content=content))
    return describe(await _keep(session, row, reason_above), reason_above)


def _make(session: WriteSession, scope: LineScope, changes: list[Change], reason: str) -> BulkEditRow:
    return BulkEditRow(
        partner_id=session.circumstances.partner_id,
        id=new_id(),
        status=BulkEditStatus.PREVIEWING.value,
        scope=scope.model_dump(mode="json"),
        changes=[change.model_dump(mode="json") for change in changes],
        reason=reason.strip(),
        created_by=session.circumstances.actor.name,
    )


async def _keep(session: WriteSession, row: BulkEditRow, reason_above: int | None) -> BulkEditRow:
    session.add(row)
    await session.flush()
    await session.refresh(row)
    await order_work(session, row.id, reason_above)
    return row


async def list_refused(
    session: ReadSession, bulk_edit_id: UUID, limit: int, cursor: str | None
) -> Page[RefusedCellItem]:
    """Refused cells of an imported file, in its order."""
    await find_known(session, bulk_edit_id)
    rows = await repository.list_refused(session, bulk_edit_id, limit, cursor)
    return repository.BY_NUMBER.page(rows, limit, describe_refused)


def describe_refused(row: RefusedCellRow) -> RefusedCellItem:
    return RefusedCellItem(
        number=row.number,
        sheet=row.sheet,
        row=row.row,
        column=row.column,
        at=row.at,
        value=row.value,
        line_id=row.line_id,
        reason=RefusalReason(row.reason),
        words=row.words,
    )


async def show(session: ReadSession, bulk_edit_id: UUID, reason_above: int | None) -> BulkEditOut:
    return describe(await find_known(session, bulk_edit_id), reason_above)


async def find_known(session: ReadSession, bulk_edit_id: UUID) -> BulkEditRow:
    """A bulk edit; BulkEditNotFound."""
    return _require(await repository.find(session, bulk_edit_id), bulk_edit_id)


def _require(row: BulkEditRow | None, bulk_edit_id: UUID) -> BulkEditRow:
    if row is None:
        raise BulkEditNotFound(f"There is no bulk edit {bulk_edit_id}.")
    return row


async def list_page(
    session: ReadSession, limit: int, cursor: str | None, reason_above: int | None
) -> Page[BulkEditOut]:
    """Bulk edits, newest first."""
    rows = await repository.list_window(session, limit, cursor)
    return repository.NEWEST_FIRST.page(rows, limit, lambda row: describe(row, reason_above))


async def apply(session: WriteSession, bulk_edit_id: UUID, reason: str, reason_above: int | None) -> BulkEditOut:
    """Order that a previewed edit is made, in one transaction."""
    row = await _lock(session, bulk_edit_id, BulkEditStatus.READY)
    row.reason = reason.strip() or row.reason
    if _needs_reason(_preview_of(row), reason_above) and not row.reason:
        raise ReasonRequired(f"More than {reason_above} lines change: say why.")
    row.applied_by = session.circumstances.actor.name
    return await _begin(session, row, BulkEditStatus.APPLYING, reason_above)


async def undo(session: WriteSession, bulk_edit_id: UUID, reason_above: int | None) -> BulkEditOut:
    """Order that an applied edit is taken back as a whole."""
    row = await _lock(session, bulk_edit_id, BulkEditStatus.APPLIED)
    row.undone_by = session.circumstances.actor.name
    return await _begin(session, row, BulkEditStatus.UNDOING, reason_above)


async def redo(session: WriteSession, bulk_edit_id: UUID, reason_above: int | None) -> BulkEditOut:
    """Order that an edit that was taken back is put in force again, exactly as it was."""
    row = await _lock(session, bulk_edit_id, BulkEditStatus.UNDONE)
    row.applied_by = session.circumstances.actor.name
    return await _begin(session, row, BulkEditStatus.REDOING, reason_above)


async def _lock(session: WriteSession, bulk_edit_id: UUID, expected: BulkEditStatus) -> BulkEditRow:
    row = _require(await repository.lock(session, bulk_edit_id), bulk_edit_id)
    if row.status != expected.value:
        raise BulkEditIsNotReady(f"The bulk edit is {row.status}, not {expected.value}. {row.error}".strip())
    return row


async def _begin(
    session: WriteSession, row: BulkEditRow, status: BulkEditStatus, reason_above: int | None
) -> BulkEditOut:
    row.status, row.done, row.error = status.value, 0, ""
    await session.flush()
    await order_work(session, row.id, reason_above)
    shown = describe(row, reason_above)
    announce_after_commit(session, "bulk_edit", shown)
    return shown


def changes_of(row: BulkEditRow) -> list[Change]:
    return read_changes(row.changes)


async def changes_of_batch(session: ReadSession, row: BulkEditRow, ids: Collection[UUID]) -> list[Change]:
    """The changes, with what they want of some lines where each has values of its own."""
    return [
        change.of_batch(await repository.find_values(session, row.id, ids))
        if isinstance(change, ValuesPerLine)
        else change
        for change in changes_of(row)
    ]


def file_of(row: BulkEditRow) -> ImportedFile | None:
    return ImportedFile.model_validate(row.file) if row.file else None


def scope_of(row: BulkEditRow) -> LineScope:
    return LineScope.model_validate(row.scope)


def _preview_of(row: BulkEditRow) -> BulkPreview | None:
    return BulkPreview.model_validate(row.preview) if row.preview else None


def describe(row: BulkEditRow, reason_above: int | None) -> BulkEditOut:
    preview = _preview_of(row)
    return BulkEditOut(
        id=row.id,
        status=BulkEditStatus(row.status),
        scope=scope_of(row),
        changes=changes_of(row),
        file=file_of(row),
        reason=row.reason,
        needs_reason=_needs_reason(preview, reason_above),
        preview=preview,
        done=row.done,
        total=row.total,
        error=row.error,
        created_by=row.created_by,
        created_at=row.created_at,
        applied_by=row.applied_by,
        applied_at=row.applied_at,
        undone_by=row.undone_by,
        undone_at=row.undone_at,
    )


def _needs_reason(preview: BulkPreview | None, reason_above: int | None) -> bool:
    return reason_above is not None and preview is not None and preview.changed.count > reason_above
