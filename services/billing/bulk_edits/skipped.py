"""Pages of the lines that a preview leaves out. They are looked for anew: a preview keeps the first of them only."""

from uuid import UUID

from services.billing.bulk_edits import repository, service
from services.billing.bulk_edits.changes import Skip, SkipReason
from services.billing.bulk_edits.effects import find_effects
from services.billing.bulk_edits.errors import BulkEditIsNotReady
from services.billing.bulk_edits.models import BulkEditRow
from services.billing.bulk_edits.preview import as_skipped
from services.billing.bulk_edits.schemas import BulkEditStatus, SkippedLine
from services.billing.lines import repository as lines
from services.billing.lines.models import LINES
from services.billing.lines.stored import StoredLine
from services.kit.base.db import ReadSession
from services.kit.web.paging import BadCursor, Page, decode_cursor, encode_cursor

MOST_LOOKED_AT = 10_000  # lines that one request rates; a page may be short, or empty, and still have a next one
BATCH = 1_000

Found = tuple[StoredLine, Skip]


async def list_skipped(
    session: ReadSession, bulk_edit_id: UUID, reason: SkipReason | None, limit: int, cursor: str | None
) -> Page[SkippedLine]:
    """Lines that a bulk edit would leave out as they are now, in the order of their ids, at most `limit`.

    Raises:
        BulkEditIsNotReady: it is applied or was given up, so that it would leave out others than it did.
    """
    row = await _find_ready(session, bulk_edit_id)
    wanted = repository.lines_of(service.scope_of(row), row.id)
    if cursor is not None:
        wanted.append(LINES.c.id > _place(cursor))
    matching = [line_id for line_id, _ in await lines.list_matching(session, wanted)]
    found: list[Found] = []
    looked_at = 0
    while looked_at < min(len(matching), MOST_LOOKED_AT) and len(found) <= limit:
        ids = matching[looked_at : looked_at + BATCH]
        found += [each for each in await _find_skipped(session, row, ids) if reason in (None, each[1].reason)]
        looked_at += len(ids)
    if len(found) > limit:
        return _page(found[:limit], found[limit - 1][0].id)
    return _page(found, matching[looked_at - 1] if looked_at < len(matching) else None)


async def _find_ready(session: ReadSession, bulk_edit_id: UUID) -> BulkEditRow:
    row = await service.find_known(session, bulk_edit_id)
    if row.status != BulkEditStatus.READY.value:
        raise BulkEditIsNotReady(f"The bulk edit is {row.status}: what it would leave out is told while it is ready.")
    return row


async def _find_skipped(session: ReadSession, row: BulkEditRow, ids: list[UUID]) -> list[Found]:
    batch = await lines.find_by_ids(session, ids)
    since = service.scope_of(row).unless_changed_since
    effects = await find_effects(session, batch, await service.changes_of_batch(session, row, ids), since)
    return sorted(effects.skipped, key=lambda each: each[0].id)


def _page(found: list[Found], last: UUID | None) -> Page[SkippedLine]:
    items = [as_skipped(line, skip) for line, skip in found]
    return Page(items=items, next_cursor=None if last is None else encode_cursor([str(last)]))


def _place(cursor: str) -> UUID:
    (text,) = decode_cursor(cursor, 1)
    try:
        return UUID(str(text))
    except ValueError as error:
        raise BadCursor("The cursor belongs to another list.") from error
