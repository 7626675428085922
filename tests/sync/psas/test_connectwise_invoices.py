"""What ConnectWise has invoiced, as the stand-in plays it."""

from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest

from services.kit.upstream.http import MissingUpstream, RightMissing
from services.sandbox import exact_json
from services.sandbox.faults import FaultKind
from services.sync.psas.connectwise.psa import ConnectWisePsa
from services.sync.psas.invoice import PsaInvoice
from tests.sandbox.worlds import World, agreement, held, psa_world
from tests.sync.conftest import CONNECTWISE, StandIns
from tests.sync.test_connectwise_client import open_psa

SEATS = held(100, quantity=3, invoiceDescription="Seats of Acme")


@pytest.fixture
def psa(stand_ins: StandIns) -> ConnectWisePsa:
    return open_psa(stand_ins.http)


async def give(http: httpx.AsyncClient, world: World) -> None:
    answer = await http.post(f"{CONNECTWISE}/_sandbox/world", content=exact_json.dumps(world))
    assert answer.is_success, answer.text


@pytest.fixture
async def invoiced(stand_ins: StandIns, psa: ConnectWisePsa) -> PsaInvoice:
    """April of agreement 10, beside an agreement 11 that is invoiced too."""
    agreements = [agreement(), agreement(id=11, name="Other")]
    await give(stand_ins.http, psa_world(agreements=agreements, additions=[SEATS]))
    await stand_ins.order(CONNECTWISE, "invoice-agreements", through="2026-04-01")
    (invoice,) = (await psa.list_invoices(["10"], None)).invoices
    return invoice


class TestInvoices:
    async def test_of_an_agreement_say_when_and_how_much(self, invoiced: PsaInvoice) -> None:
        assert (invoiced.agreement_id, invoiced.day, invoiced.currency) == ("10", date(2026, 4, 1), "EUR")
        assert (invoiced.total, invoiced.products_total) == (Decimal("66.00"), Decimal("66.00"))

    async def test_only_those_changed_since_the_last_reading_are_listed(
        self, psa: ConnectWisePsa, invoiced: PsaInvoice
    ) -> None:
        assert invoiced.changed_at is not None
        assert (await psa.list_invoices(["10"], invoiced.changed_at)).invoices == []
        earlier = invoiced.changed_at - timedelta(seconds=2)
        assert (await psa.list_invoices(["10"], earlier)).invoices == [invoiced]

    async def test_many_agreements_are_asked_for_in_few_calls(self, psa: ConnectWisePsa, invoiced: PsaInvoice) -> None:
        before = psa.calls
        many = [str(each) for each in range(10, 210)]
        assert len((await psa.list_invoices(many, None)).invoices) == 2
        assert psa.calls - before <= 4
        assert await psa.count_invoices(many) == 2

    async def test_a_deleted_one_is_missing(
        self, psa: ConnectWisePsa, stand_ins: StandIns, invoiced: PsaInvoice
    ) -> None:
        assert await psa.read_invoice(invoiced.id) == invoiced
        await stand_ins.order(CONNECTWISE, f"invoices/{invoiced.id}/delete")
        assert await psa.count_invoices(["10"]) == 0
        with pytest.raises(MissingUpstream):
            await psa.read_invoice(invoiced.id)

    async def test_lines_carry_product_text_and_money(self, psa: ConnectWisePsa, invoiced: PsaInvoice) -> None:
        (line,) = (await psa.list_invoice_lines([invoiced.id]))[invoiced.id]
        assert (line.product_id, line.description, line.text) == ("5", "A seat", "Seats of Acme")
        assert [line.quantity, line.unit_price, line.amount] == [3, 22, 66]

    async def test_lines_are_read_invoice_by_invoice_where_products_may_not_be_read(
        self, psa: ConnectWisePsa, stand_ins: StandIns, invoiced: PsaInvoice
    ) -> None:
        await stand_ins.order(CONNECTWISE, "faults", kind=FaultKind.FORBIDDEN, path="*/procurement/products*")
        (line,) = (await psa.list_invoice_lines([invoiced.id]))[invoiced.id]
        assert line.amount == 66

    async def test_a_missing_right_is_named_by_its_type(
        self, psa: ConnectWisePsa, stand_ins: StandIns, invoiced: PsaInvoice
    ) -> None:
        await stand_ins.order(CONNECTWISE, "faults", kind=FaultKind.FORBIDDEN, path="*/finance/invoices*")
        with pytest.raises(RightMissing):
            await psa.list_invoices([invoiced.agreement_id], None)
