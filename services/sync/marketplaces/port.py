"""What the product needs of a marketplace, whichever API generation answers."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from services.contracts.shapes import InvoiceFacts, MirrorRecord, RowFacts
from services.sync.systems import Access
from services.sync.unreadable import Unreadable


@dataclass(frozen=True, slots=True)
class InvoiceHeader:
    """An invoice before its rows, and the sum they must have."""

    facts: InvoiceFacts
    checksum: Decimal | None
    """None when the header has none: then nothing proves that its rows are complete."""
    organization: str
    is_preview: bool
    raw: str
    issued_by: str = ""
    """Another organization than the partner: such an invoice is the partner's cost and is never billed on."""


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """A parsed row beside the text it came from. `invoice_number` finds its invoice where the id is absent."""

    facts: RowFacts
    invoice_number: str
    raw: str


@dataclass(frozen=True, slots=True)
class RowsQuestion:
    """What is asked for at once: one invoice, or all invoices of one day."""

    invoices: tuple[InvoiceFacts, ...]
    day: date
    is_preview: bool


class Marketplace(Protocol):
    """A marketplace that can be read. Records that cannot be read come as `Unreadable`, in their place."""

    @property
    def calls(self) -> int: ...

    def organizations(self) -> AsyncIterator[MirrorRecord | Unreadable]: ...

    def offers(self) -> AsyncIterator[MirrorRecord | Unreadable]: ...

    def contracts(self) -> AsyncIterator[MirrorRecord | Unreadable]: ...

    def subscriptions(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        """May break off with an UpstreamError; whoever reads begins again."""
        ...

    def invoice_headers(self, first: date, last: date) -> AsyncIterator[InvoiceHeader | Unreadable]:
        """Headers with an invoice date from `first` to `last`, both included; preview ones too."""
        ...

    def divide(self, invoices: Sequence[InvoiceFacts], *, is_preview: bool) -> list[RowsQuestion]:
        """The questions whose answers are the rows of these invoices, in a fixed order."""
        ...

    def rows(self, question: RowsQuestion) -> AsyncIterator[InvoiceRow | Unreadable]: ...

    async def check_access(self) -> Sequence[Access]:
        """Every resource that the product needs, tried."""
        ...
