"""After the fact: what was expected of each period is compared with what it was invoiced with, once, and kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.contracts.events.sync import TroubleNoted
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.money import as_text, show_money
from services.contracts.shapes import AgreementFacts, PsaTraits
from services.contracts.vocabulary import LogLevel
from services.kit.base.db import ReadSession, WriteSession
from services.kit.ledger import bus
from services.sync.invoices import repository
from services.sync.invoices.comparing import Bill, Comparison, compare, compare_written_off
from services.sync.invoices.models import ExpectedBilling
from services.sync.invoices.schemas import BilledState, ExpectedAddition
from services.sync.invoices.service import as_invoice
from services.sync.psas.invoice import InvoiceLines, PsaInvoice
from services.sync.psas.port import Psa

WRITTEN_OFF = "written off"
"""Basis of what was compared with a period that has no invoice."""
MOST_NOTES = 20
"""Findings said one by one in the system log; the receipts list them all."""

Key = tuple[str, object, str]
"""Agreement, first day of the period, currency."""


@dataclass(frozen=True, slots=True)
class ToCompare:
    """One period whose invoices have come, changed or gone since it was compared last."""

    row: ExpectedBilling
    basis: str
    invoices: Sequence[PsaInvoice]
    is_written_off: bool


async def list_to_compare(
    session: ReadSession, facts: Mapping[str, AgreementFacts], traits: PsaTraits
) -> list[ToCompare]:
    """What has to be compared, by what is stored; nothing is asked of the PSA."""
    closed = {key: AgreementTerms(each, traits) for key, each in facts.items() if each.unbilled}
    waiting = await repository.list_to_compare(session, closed)
    invoices: dict[tuple[str, object], list[PsaInvoice]] = defaultdict(list)
    for each in await repository.list_invoices(session, {row.agreement_id for row, _ in waiting}):
        if each.gone_at is None:
            invoices[each.agreement_id, each.period_start].append(as_invoice(each))
    found = []
    for row, basis in waiting:
        terms = closed.get(row.agreement_id)
        is_written_off = not basis and terms is not None and terms.is_written_off(row.period_start)
        now = WRITTEN_OFF if is_written_off else basis
        if now != row.basis:
            found.append(ToCompare(row, now, invoices[row.agreement_id, row.period_start], is_written_off))
    return found


async def read_lines(psa: Psa, waiting: Sequence[ToCompare]) -> InvoiceLines:
    """The lines of the invoices to be compared with: the one thing that costs a call, and only for new invoices."""
    ids = {invoice.id for each in waiting for invoice in each.invoices}
    return await psa.list_invoice_lines(ids) if ids else {}


async def keep_comparisons(
    session: WriteSession, run_id: UUID, waiting: Sequence[ToCompare], lines: InvoiceLines, psa: str
) -> None:
    """Store how each period came out, and say under System Logs what differs."""
    notes: list[TroubleNoted] = []
    for each in waiting:
        row = await repository.lock_expected(session, each.row)
        if row is None:
            continue
        found = _compare(each, lines, psa)
        row.state, row.billed = found.state.value, found.billed
        row.cause, row.next_step, row.basis = found.cause, found.next_step, each.basis
        row.invoice_numbers = [invoice.number for invoice in each.invoices]
        if found.state in (BilledState.DIFFERS, BilledState.UNCLEAR):
            notes.append(_note(row, found, psa, run_id))
    await session.flush()
    await bus.publish_all(session, [(note, f"run/{run_id}") for note in notes[:MOST_NOTES]])


def _compare(each: ToCompare, lines: InvoiceLines, psa: str) -> Comparison:
    row = each.row
    bill = Bill(
        currency=row.currency,
        expected=row.expected,
        additions=[ExpectedAddition.model_validate(addition) for addition in row.additions],
        invoices=each.invoices,
        lines=lines,
        psa=psa,
    )
    if each.is_written_off:
        return compare_written_off(bill)
    return compare(bill) if each.invoices else Comparison(BilledState.NOT_INVOICED)


def _note(row: ExpectedBilling, found: Comparison, psa: str, run_id: UUID) -> TroubleNoted:
    expected = f"{as_text(show_money(row.expected, row.currency))} {row.currency}"
    billed = "unclear" if found.billed is None else f"{as_text(show_money(found.billed, row.currency))} {row.currency}"
    where = f"{row.organization}, {row.agreement}, {row.period_start} to {row.period_end}"
    return TroubleNoted(
        level=LogLevel.WARNING,
        title=f"{psa} billed something else than was expected",
        details=f"{where}: expected {expected}, billed {billed}. {found.cause} {found.next_step}".strip(),
        run_id=run_id,
    )
