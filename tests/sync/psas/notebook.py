"""A second PSA, as small as one can be: additions in memory, ids that are no numbers, traits of its own."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from services.contracts.shapes import AgreementFacts, MirrorRecord, PsaTraits
from services.kit.upstream.http import MissingUpstream, Refused, RightMissing
from services.sync.psas.addition import Addition, AdditionList, AdditionValues
from services.sync.psas.invoice import InvoiceLines, InvoiceList, PsaInvoice
from services.sync.psas.port import Fence, Psa
from services.sync.psas.registry import PsaSystem
from services.sync.systems import Access, ConnectionForm, Credentials, Line
from services.sync.unreadable import Unreadable

AGREEMENT = AgreementFacts(
    agreement_id="A-one",
    name="Support",
    company_id="C-one",
    type_id="T-one",
    type_name="Fortnightly",
    status="Active",
    currency="EUR",
    billing_cycle="fortnight",
    invoicing_cycle="CalendarYear",
    billing_start=date(2026, 1, 1),
    next_invoice_date=None,
    end_date=None,
    is_prorated=False,
)


@dataclass
class Notebook:
    """What this PSA holds, the same for whoever opens it."""

    pages: dict[str, dict[str, AdditionValues]] = field(default_factory=lambda: {"A-one": {}})
    """Agreement → addition → values."""
    price_decimals: int = 0
    opened: list[Credentials] = field(default_factory=list)


class NotebookPsa:
    """A partner's notebook."""

    def __init__(self, notebook: Notebook, fence: Fence | None) -> None:
        self._notebook = notebook
        self._fence = fence
        self.calls = 0

    @property
    def traits(self) -> PsaTraits:
        return PsaTraits(
            label="Notebook",
            price_decimals=self._notebook.price_decimals,
            quantity_decimals=0,
            longest_description=40,
            cycle_months={"monthly": 1},
            cycle_weeks={"fortnight": 2},
            non_recurring_cycles=["once"],
            refuses_invoiced_dates=False,
        )

    @property
    def list_lag(self) -> timedelta:
        return timedelta(seconds=1)

    def companies(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        return _listed([MirrorRecord(external_id="C-one", name="Contoso")])

    def catalog_items(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        return _listed([MirrorRecord(external_id="P-one", name="Seats", identifier="SEAT")])

    def agreement_types(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        return _listed([MirrorRecord(external_id="T-one", name="Fortnightly")])

    def agreements(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        return _listed([MirrorRecord(external_id="A-one", name="Support", parent_id="C-one", agreement=AGREEMENT)])

    async def list_additions(self, agreement_id: str) -> AdditionList:
        page = self._page(agreement_id)
        return AdditionList([Addition(each, agreement_id, values) for each, values in page.items()])

    async def read_addition(self, agreement_id: str, addition_id: str) -> Addition:
        page = self._page(agreement_id)
        if addition_id not in page:
            raise MissingUpstream(f"no line {addition_id}", status=404)
        return Addition(addition_id, agreement_id, page[addition_id])

    async def create_addition(self, agreement_id: str, values: AdditionValues) -> Addition:
        page = self._page(agreement_id)
        return self._write(agreement_id, f"line-{len(page) + 1}", values)

    async def update_addition(
        self, agreement_id: str, addition_id: str, before: AdditionValues, after: AdditionValues
    ) -> Addition:
        await self.read_addition(agreement_id, addition_id)
        changed = {name: value for name, value in after if value != getattr(before, name)}
        values = self._page(agreement_id)[addition_id].model_copy(update=changed)
        return self._write(agreement_id, addition_id, values)

    async def list_invoices(self, agreement_ids: Collection[str], changed_since: datetime | None) -> InvoiceList:
        raise RightMissing("the notebook keeps no invoices", status=403)

    async def count_invoices(self, agreement_ids: Collection[str]) -> int:
        raise RightMissing("the notebook keeps no invoices", status=403)

    async def read_invoice(self, invoice_id: str) -> PsaInvoice:
        raise MissingUpstream(f"no invoice {invoice_id}", status=404)

    async def list_invoice_lines(self, invoice_ids: Collection[str]) -> InvoiceLines:
        return {}

    def as_held(self, values: AdditionValues) -> AdditionValues:
        return values.model_copy(update={"invoice_description": values.invoice_description.upper()})

    def explain_refusal(self, refused: Refused) -> str:
        return f"The notebook says: {refused.message}."

    def link_to_agreement(self, agreement_id: str) -> str | None:
        return None

    def count_pages(self, additions: int) -> int:
        return 1

    async def check_access(self) -> Sequence[Access]:
        return [Access("Open the notebook", "", "it lies there"), Access("Write in it", "the pen is dry")]

    def _page(self, agreement_id: str) -> dict[str, AdditionValues]:
        self.calls += 1
        if agreement_id not in self._notebook.pages:
            raise MissingUpstream(f"no page {agreement_id}", status=404)
        return self._notebook.pages[agreement_id]

    def _write(self, agreement_id: str, addition_id: str, values: AdditionValues) -> Addition:
        if self._fence is not None:
            self._fence()
        held = self.as_held(values)
        self._notebook.pages[agreement_id][addition_id] = held
        return Addition(addition_id, agreement_id, held)


async def _listed(records: Iterable[MirrorRecord]) -> AsyncIterator[MirrorRecord | Unreadable]:
    for record in records:
        yield record


def notebook_system(notebook: Notebook, name: str) -> PsaSystem:
    """The line that this PSA would have in the registry."""

    def open_psa(credentials: Credentials, _line: Line, fence: Fence | None) -> Psa:
        notebook.opened.append(credentials)
        return NotebookPsa(notebook, fence)

    form = ConnectionForm(name=name, label="Notebook", settings=("shelf",), secrets=("lock",))
    return PsaSystem(form, open_psa)
