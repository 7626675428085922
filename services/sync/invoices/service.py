"""What the PSA has invoiced, read and kept beside its agreements."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.contracts.events.sync import TroubleNoted
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.money import show_money
from services.contracts.shapes import AgreementFacts, DayRange, PsaTraits
from services.contracts.vocabulary import LogLevel
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.kit.ledger import bus
from services.sync.additions.repository import list_our_agreements
from services.sync.invoices import repository
from services.sync.invoices.coverage import Covered, Watch, assign_periods, describe_agreement
from services.sync.invoices.models import ExpectedBilling, InvoiceReading, PsaInvoiceRow
from services.sync.invoices.reading import Found, Known
from services.sync.invoices.schemas import BilledPeriod, BilledState
from services.sync.psas.invoice import PsaInvoice
from services.sync.psas.port import Psa


@dataclass(frozen=True, slots=True)
class Invoiced:
    """What reading the invoices of our agreements came to.

    Args:
        facts: agreement → its facts with what the invoices say of its periods.
        moved: agreement → sentences about periods that were reopened or written off.
    """

    facts: Mapping[str, AgreementFacts]
    moved: Mapping[str, list[str]]


async def gather_known(session: ReadSession, listed: Collection[str]) -> tuple[set[str], Known]:
    """Which of the agreements hold additions of ours, and what is known of their invoices."""
    ours = await list_our_agreements(session) & set(listed)
    known: dict[str, dict[str, PsaInvoice]] = defaultdict(dict)
    for row in await repository.list_invoices(session, ours):
        if row.gone_at is None:
            known[row.agreement_id][row.invoice_id] = as_invoice(row)
    readings = await repository.list_readings(session, ours)
    were_read = {key for key, each in readings.items() if each.read_at is not None}
    return ours, Known(known, were_read, await repository.find_newest_change(session))


async def keep(
    session: WriteSession, run_id: UUID, found: Found, agreements: Mapping[str, AgreementFacts], psa: Psa
) -> Invoiced:
    """Store what was read of some agreements of ours, and say what it makes of their periods."""
    readings = await repository.list_readings(session, agreements)
    if found.trouble:
        await _keep_trouble(session, run_id, found.trouble, agreements, readings, psa.traits)
        return Invoiced({}, {})
    rows = await repository.list_invoices(session, agreements)
    keeper = _Keeper(found, agreements, psa.traits, psa.list_lag, _by_agreement(rows), readings)
    await repository.note_gone(session, found.gone)
    for agreement_id in agreements:
        keeper.take(agreement_id)
    await repository.save_invoices(session, keeper.invoices)
    await repository.forget_periods(session, keeper.forgotten)
    await repository.save_readings(session, keeper.watched)
    if found.unreadable:
        await _note_unreadable(session, run_id, found)
    return Invoiced(keeper.facts, keeper.moved)


async def watch(session: WriteSession, agreements: Mapping[str, AgreementFacts]) -> None:
    """Additions of ours stand on these agreements from now on: what is closed later was open when they were sent."""
    rows = [
        {
            "agreement_id": agreement_id,
            "watched_from": facts.next_invoice_date or facts.billing_start,
            "next_invoice_date": facts.next_invoice_date,
            "vouched_before": None,
            "moved_at": clock.now(),
            "read_at": None,
            "trouble": "",
        }
        for agreement_id, facts in agreements.items()
    ]
    await repository.begin_watching(session, rows)


class _Keeper:
    """Works out the rows of every agreement, and what its facts become."""

    def __init__(
        self,
        found: Found,
        agreements: Mapping[str, AgreementFacts],
        traits: PsaTraits,
        list_lag: timedelta,
        rows: Mapping[str, Sequence[PsaInvoiceRow]],
        readings: Mapping[str, InvoiceReading],
    ) -> None:
        self._found, self._agreements, self._traits, self._list_lag = found, agreements, traits, list_lag
        self._rows, self._readings = rows, readings
        self.invoices: list[dict[str, Any]] = []
        self.watched: list[dict[str, Any]] = []
        self.forgotten: list[str] = []
        self.facts: dict[str, AgreementFacts] = {}
        self.moved: dict[str, list[str]] = {}

    def take(self, agreement_id: str) -> None:
        facts, known = self._agreements[agreement_id], self._rows.get(agreement_id, ())
        before, terms = self._readings.get(agreement_id), AgreementTerms(facts, self._traits)
        live = {row.invoice_id: _days(row) for row in known if not self._is_gone(row)}
        fresh = self._found.fresh.get(agreement_id, [])
        new = [each for each in fresh if each.id not in {row.invoice_id for row in known}]
        taken = {days.first for days in live.values() if days}
        seen_before = before.next_invoice_date if before and before.read_at else None
        for key, period in assign_periods(new, taken, terms, seen_before).items():
            live[key] = DayRange(first=period.start, last=period.end) if period else None
        self.invoices += [_as_row(each, live.get(each.id)) for each in fresh]
        gone = self._list_gone(known, facts)
        row = self._watch(agreement_id, facts, before)
        self.watched.append(row)
        covered = Covered({days.first: days for days in live.values() if days}, {days.first: days for days in gone})
        watch_of = Watch(row["watched_from"], row["vouched_before"])
        after = describe_agreement(facts, covered, watch_of, terms)
        self.facts[agreement_id] = after
        self._note_moves(agreement_id, known, before, after)

    def _is_gone(self, row: PsaInvoiceRow) -> bool:
        return row.gone_at is not None or row.invoice_id in self._found.gone

    def _list_gone(self, known: Sequence[PsaInvoiceRow], facts: AgreementFacts) -> list[DayRange]:
        """Periods whose invoice is gone. Once the date itself has gone back over one, the date speaks of it again."""
        gone = []
        for row in known:
            days = _days(row)
            if days is None or not self._is_gone(row):
                continue
            if facts.next_invoice_date is not None and days.first >= facts.next_invoice_date:
                self.forgotten.append(row.invoice_id)
            else:
                gone.append(days)
        return gone

    def _watch(self, agreement_id: str, facts: AgreementFacts, before: InvoiceReading | None) -> dict[str, Any]:
        """A period counts as closed without an invoice once lists have had the time to show one."""
        now, date_now = clock.now(), facts.next_invoice_date
        opens = date_now or facts.billing_start
        is_same = before is not None and before.read_at is not None and before.next_invoice_date == date_now
        moved_at: datetime = before.moved_at if before is not None and is_same else now
        vouched: date | None = before.vouched_before if before else None
        if agreement_id not in self._found.incomplete and now - moved_at >= self._list_lag:
            vouched = opens
        return {
            "agreement_id": agreement_id,
            "watched_from": min(before.watched_from, opens) if before and before.watched_from else opens,
            "next_invoice_date": date_now,
            "vouched_before": min(vouched, opens) if vouched else None,
            "moved_at": moved_at,
            "read_at": now,
            "trouble": "",
        }

    def _note_moves(
        self,
        agreement_id: str,
        known: Sequence[PsaInvoiceRow],
        before: InvoiceReading | None,
        after: AgreementFacts,
    ) -> None:
        sentences = [
            f"{after.name}: {self._traits.label} no longer has invoice {row.number}, so the period from {days.first} "
            f"to {days.last} is open again."
            for row in known
            if row.invoice_id in self._found.gone and (days := _days(row)) is not None
        ]
        vouched = before.vouched_before if before else None
        sentences += [
            f"{after.name}: the period from {max(each.first, vouched) if vouched else each.first} to {each.last} was "
            "closed without an invoice."
            for each in after.unbilled
            if vouched is None or each.last >= vouched
        ]
        if sentences:
            self.moved[agreement_id] = sentences


def _by_agreement(rows: Sequence[PsaInvoiceRow]) -> dict[str, list[PsaInvoiceRow]]:
    found: dict[str, list[PsaInvoiceRow]] = defaultdict(list)
    for row in rows:
        found[row.agreement_id].append(row)
    return found


def _days(row: PsaInvoiceRow) -> DayRange | None:
    if row.period_start is None or row.period_end is None:
        return None
    return DayRange(first=row.period_start, last=row.period_end)


def as_invoice(row: PsaInvoiceRow) -> PsaInvoice:
    return PsaInvoice(
        id=row.invoice_id,
        number=row.number,
        agreement_id=row.agreement_id,
        day=row.day,
        currency=row.currency,
        total=row.total,
        products_total=row.products_total,
        changed_at=row.changed_at,
    )


def _as_row(invoice: PsaInvoice, days: DayRange | None) -> dict[str, Any]:
    return {
        "invoice_id": invoice.id,
        "agreement_id": invoice.agreement_id,
        "number": invoice.number,
        "day": invoice.day,
        "period_start": days.first if days else None,
        "period_end": days.last if days else None,
        "currency": invoice.currency,
        "total": invoice.total,
        "products_total": invoice.products_total,
        "changed_at": invoice.changed_at,
        "read_at": clock.now(),
        "gone_at": None,
    }


def describe_billed(row: ExpectedBilling) -> BilledPeriod:
    return BilledPeriod(
        organization=row.organization,
        organization_id=row.organization_id,
        agreement=row.agreement,
        agreement_id=row.agreement_id,
        period_start=row.period_start,
        period_end=row.period_end,
        currency=row.currency,
        expected=show_money(row.expected, row.currency),
        billed=None if row.billed is None else show_money(row.billed, row.currency),
        difference=None if row.billed is None else show_money(row.billed - row.expected, row.currency),
        state=BilledState(row.state),
        cause=row.cause,
        invoice_numbers=row.invoice_numbers,
        next_step=row.next_step,
    )


async def _keep_trouble(
    session: WriteSession,
    run_id: UUID,
    trouble: str,
    agreements: Mapping[str, AgreementFacts],
    readings: Mapping[str, InvoiceReading],
    traits: PsaTraits,
) -> None:
    """The next invoice date alone says what is invoiced until the right is there. Said once, not every night."""
    was_said = any(each.trouble for each in readings.values())
    await watch(session, agreements)
    await repository.note_trouble(session, agreements, trouble)
    if was_said or not agreements:
        return
    fact = TroubleNoted(
        level=LogLevel.WARNING,
        title=f"What {traits.label} has invoiced cannot be read",
        details=f"{explain_unread(traits.label)} {traits.label} said: {trouble}",
        run_id=run_id,
    )
    await bus.publish(session, fact, subject=f"run/{run_id}")


def explain_unread(psa: str) -> str:
    """What follows when invoices cannot be read, and what to do."""
    return (
        f"The invoices of {psa} were not read: the next invoice date of each agreement says what is invoiced, and no "
        f"receipt can show what was billed. Test the connection under Settings: it names the right that is missing."
    )


async def _note_unreadable(session: WriteSession, run_id: UUID, found: Found) -> None:
    first, count = found.unreadable[0], len(found.unreadable)
    fact = TroubleNoted(
        level=LogLevel.WARNING,
        title=f"{count} {'invoice' if count == 1 else 'invoices'} of agreements cannot be read",
        details=f"{first.reason}: {first.raw[:500]}",
        run_id=run_id,
    )
    await bus.publish(session, fact, subject=f"run/{run_id}")
