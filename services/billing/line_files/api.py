"""Files of invoice lines over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from services.billing.line_files.export import write_lines
from services.billing.line_files.schemas import FileWish
from services.billing.lines.api import BY_ORGANIZATION, Filter, Sorts
from services.billing.lines.filters import LineFilter
from services.billing.lines.grid.order import Order, read_order
from services.kit.base.db import Circumstances, Database
from services.kit.base.errors import TooManyTries, problems
from services.kit.sheets.formats import BINARY_BODIES, FileFormat
from services.kit.web.app import Who, circumstances_of

MOST_AT_ONCE = 2  # each holds a connection of the database for as long as its reader takes; the pool has ten

router = APIRouter(prefix="/api/v1/invoice-lines", tags=["invoice-lines"])
_turns = asyncio.Semaphore(MOST_AT_ONCE)


class TooManyExports(TooManyTries):
    """Files are being written already, as many as this service writes at once."""

    action = "Wait until one of them is done."


def wish_file(
    file_format: Annotated[FileFormat, Query(alias="format")] = FileFormat.XLSX,
    a_sheet_for_each_currency: Annotated[bool, Query(description="In a workbook; otherwise one sheet")] = False,
    byte_order_mark: Annotated[bool, Query(description="Of CSV: lets Excel read names in any script")] = True,
) -> FileWish:
    """How the file is to be."""
    return FileWish(file_format, a_sheet_for_each_currency, byte_order_mark)


Wish = Annotated[FileWish, Depends(wish_file)]


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {"content": BINARY_BODIES},
        **problems(TooManyExports),
    },
)
async def export_invoice_lines(
    request: Request,
    who: Who,
    wanted: Filter,
    wish: Wish,
    sort: Sorts = [BY_ORGANIZATION],  # noqa: B006 - FastAPI copies it
) -> StreamingResponse:
    """All lines that match, in the order of the grid, as one file for a spreadsheet; it can be edited and imported."""
    if _turns.locked():
        raise TooManyExports(f"{MOST_AT_ONCE} files are being written.")
    database: Database = request.app.state.database
    parts = _write(database, circumstances_of(request, who), wanted, read_order(sort), wish)
    name = f"lines-{wanted.period or 'all'}.{wish.format.value}"
    return StreamingResponse(
        parts, media_type=wish.format.media_type, headers={"content-disposition": f'attachment; filename="{name}"'}
    )


async def _write(
    database: Database, circumstances: Circumstances, wanted: LineFilter, order: Order, wish: FileWish
) -> AsyncIterator[bytes]:
    """The file in a transaction of its own: that of a request ends before its answer begins."""
    async with _turns, database.reading(circumstances) as session:
        async for part in write_lines(session, wanted, order, wish):
            yield part
