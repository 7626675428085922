"""The first step of a load: list the invoices of its months, once, and keep what the list said of each."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

from services.contracts.periods import days_of
from services.contracts.shapes import Tally
from services.kit.base.db import WriteSession
from services.kit.ledger.work import JobContext
from services.sync.loads import repository
from services.sync.loads.reports import note_progress, report_quarantine
from services.sync.loads.schemas import InvoiceState
from services.sync.marketplaces.port import InvoiceHeader
from services.sync.runs import parts, service
from services.sync.unreadable import Unreadable
from services.sync.upstreams import Upstreams

NAMELESS = "unreadable-"


async def list_headers(context: JobContext[Upstreams], run_id: UUID, periods: Sequence[str]) -> None:
    """Read and keep every header, unless an earlier try of this step has. Unreadable ones are quarantined at once.

    Raises:
        UpstreamError: AppXite could not be read.
        ConnectionMissing: no credentials are saved.
    """
    async with context.writing() as session:
        if (await parts.lock_step(session, run_id)).checkpoint.get("is_listed"):
            return
        source = await context.resources.open_marketplace(session)
    found: dict[str, dict[str, Any]] = {}
    for period in periods:
        async for header in source.invoice_headers(*days_of(period)):
            columns = _columns_of(header) if isinstance(header, InvoiceHeader) else _columns_of_bad(header, period)
            found[columns["invoice_id"]] = columns
    async with context.writing() as session:
        step = await parts.lock_step(session, run_id)
        await _keep(session, run_id, found)
        step.checkpoint = {"is_listed": True}
        await note_progress(session, run_id)


async def _keep(session: WriteSession, run_id: UUID, found: Mapping[str, dict[str, Any]]) -> None:
    partner = session.circumstances.partner_id
    invoices = [{"run_id": run_id, "partner_id": partner, **columns} for columns in found.values()]
    await repository.add_invoices(session, invoices)
    for columns in found.values():
        if columns["state"] == InvoiceState.QUARANTINED.value:
            await report_quarantine(session, run_id, columns)
        elif columns["state"] == InvoiceState.NOT_OURS.value:
            amounts = {} if columns["checksum"] is None else {columns["currency"]: columns["checksum"]}
            await service.add_outcomes(session, run_id, {columns["state"]: Tally(count=1, amounts=amounts)})


def _columns_of(header: InvoiceHeader) -> dict[str, Any]:
    facts = header.facts.model_dump()
    return {
        **facts,
        "organization": header.organization,
        "state": (InvoiceState.NOT_OURS if header.issued_by else InvoiceState.PENDING).value,
        "reason": f"{header.issued_by} issued it, so it is not billed on." if header.issued_by else "",
        "checksum": header.checksum,
        "rows_total": None,
        "rows": 0,
        "raw": header.raw.replace("\x00", ""),
        "bad_text": None,
    }


def _columns_of_bad(header: Unreadable, period: str) -> dict[str, Any]:
    raw = header.raw.replace("\x00", "")
    digest = blake2b(raw.encode(), digest_size=8).hexdigest()
    return {
        "invoice_id": header.invoice_id or f"{NAMELESS}{digest}",
        "number": header.invoice_number,
        "invoice_date": None,
        "period": period,
        "currency": "",
        "status": "",
        "is_sendable": False,
        "organization": "",
        "state": InvoiceState.QUARANTINED.value,
        "reason": f"Its header cannot be read: {header.reason}.",
        "checksum": None,
        "rows_total": None,
        "rows": 0,
        "raw": raw,
        "bad_text": raw,
    }
