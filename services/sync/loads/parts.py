"""Cutting rows into parts of at most 500, each of one period and with the headers it needs. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeVar
from uuid import UUID

from services.contracts.envelope import MAX_ROWS_PER_CHUNK
from services.contracts.events.sync import RowsLoaded
from services.contracts.shapes import InvoiceFacts, RowFacts, VanishedRow

ItemT = TypeVar("ItemT")


def cut_rows(run_id: UUID, invoices: Mapping[str, InvoiceFacts], rows: Iterable[RowFacts]) -> Iterator[RowsLoaded]:
    """Parts without numbers yet (0), in the order of the rows."""
    for period, of_period in groupby(rows, key=lambda row: invoices[row.invoice_id].period):
        for some in _slices(list(of_period)):
            headers = {row.invoice_id: invoices[row.invoice_id] for row in some}
            yield RowsLoaded(run_id=run_id, part=0, period=period, invoices=list(headers.values()), rows=list(some))


def cut_vanished(run_id: UUID, period: str, vanished: Sequence[VanishedRow]) -> Iterator[RowsLoaded]:
    """Parts that only say what is gone."""
    for some in _slices(vanished):
        yield RowsLoaded(run_id=run_id, part=0, period=period, invoices=[], rows=[], vanished=list(some))


def _slices(items: Sequence[ItemT]) -> Iterator[Sequence[ItemT]]:
    for start in range(0, len(items), MAX_ROWS_PER_CHUNK):
        yield items[start : start + MAX_ROWS_PER_CHUNK]
