"""What the product needs of a PSA, whichever it is: records to map, additions to write, and its traits.

Everything that is one vendor's own stands behind this port: dialects of its API, how it stores text, the
form of its ids, the cost of a page, how it words a refusal. Ids are text everywhere on this side of it.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from services.contracts.shapes import MirrorRecord, PsaTraits
from services.kit.upstream.http import Refused
from services.sync.psas.addition import Addition, AdditionList, AdditionValues
from services.sync.psas.invoice import InvoiceLines, InvoiceList, PsaInvoice
from services.sync.systems import Access
from services.sync.unreadable import Unreadable

Fence = Callable[[], None]
"""Called immediately before each write leaves; it raises when nothing may be written any more."""


class Psa(Protocol):
    """A PSA of one partner. Upstream trouble leaves as an `UpstreamError`.

    Lists of records may lag behind writes; a read by id never does (see `list_lag`).
    """

    @property
    def traits(self) -> PsaTraits: ...

    @property
    def list_lag(self) -> timedelta:
        """How long after a write a list may not show it yet. Absence from a list proves nothing before that."""
        ...

    @property
    def calls(self) -> int:
        """Requests sent so far."""
        ...

    def companies(self) -> AsyncIterator[MirrorRecord | Unreadable]: ...

    def catalog_items(self) -> AsyncIterator[MirrorRecord | Unreadable]: ...

    def agreement_types(self) -> AsyncIterator[MirrorRecord | Unreadable]: ...

    def agreements(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        """Agreements of any status; `MirrorRecord.agreement` has what decides about additions."""
        ...

    async def list_additions(self, agreement_id: str) -> AdditionList:
        """All additions of an agreement, unfiltered. `MissingUpstream` when the agreement is gone."""
        ...

    async def read_addition(self, agreement_id: str, addition_id: str) -> Addition:
        """One addition by id, the read that never lags. `MissingUpstream` when it is gone."""
        ...

    async def create_addition(self, agreement_id: str, values: AdditionValues) -> Addition:
        """Send a create once. `OutcomeUnknown` when only a later read can tell whether it was made."""
        ...

    async def update_addition(
        self, agreement_id: str, addition_id: str, before: AdditionValues, after: AdditionValues
    ) -> Addition:
        """Bring an addition from `before` to `after`; repeating it is harmless. The answer is what is held now."""
        ...

    async def list_invoices(self, agreement_ids: Collection[str], changed_since: datetime | None) -> InvoiceList:
        """Invoices of some agreements without lines: all, or those changed after an instant of the PSA's clock.

        `RightMissing` or `MissingUpstream` where the role may not read invoices.
        """
        ...

    async def count_invoices(self, agreement_ids: Collection[str]) -> int:
        """How many invoices these agreements have: what tells cheaply that one is gone."""
        ...

    async def read_invoice(self, invoice_id: str) -> PsaInvoice:
        """One invoice by id, the read that never lags. `MissingUpstream` when it is gone."""
        ...

    async def list_invoice_lines(self, invoice_ids: Collection[str]) -> InvoiceLines:
        """The lines of some invoices. One whose lines cannot be read is left out."""
        ...

    def as_held(self, values: AdditionValues) -> AdditionValues:
        """Values as the PSA keeps them (text storage, decimals), so that what was sent equals what is read back."""
        ...

    def explain_refusal(self, refused: Refused) -> str:
        """Why one write was refused and what to do, in a sentence for people."""
        ...

    def link_to_agreement(self, agreement_id: str) -> str | None:
        """Where people see an agreement in the PSA's own screens; None where that is not known."""
        ...

    def count_pages(self, additions: int) -> int:
        """Calls that reading so many additions of one agreement costs."""
        ...

    async def check_access(self) -> Sequence[Access]:
        """Every right that the product needs, tried."""
        ...
