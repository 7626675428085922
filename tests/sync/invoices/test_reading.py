"""What is new about invoices is read in few calls, and a list that lags behind misleads nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from services.sync.invoices.reading import Found, Known, read_invoices
from services.sync.psas.invoice import PsaInvoice
from tests.sync.memory_psa import MemoryPsa

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MAY = PsaInvoice("1", "N-1", "A", date(2026, 5, 1), "EUR", Decimal(30), Decimal(30), NOON - timedelta(days=31))
JUNE = PsaInvoice("2", "N-2", "A", date(2026, 6, 1), "EUR", Decimal(30), Decimal(30), NOON)


def knowing(*invoices: PsaInvoice) -> Known:
    newest = max((each.changed_at for each in invoices if each.changed_at), default=None)
    return Known({"A": {each.id: each for each in invoices}}, {"A"}, newest)


def holding(*invoices: PsaInvoice) -> MemoryPsa:
    return MemoryPsa(invoices={each.id: each for each in invoices})


def fresh(found: Found) -> list[str]:
    return [each.id for invoices in found.fresh.values() for each in invoices]


class TestReading:
    async def test_the_first_time_brings_everything(self) -> None:
        assert fresh(await read_invoices(holding(MAY, JUNE), ["A"], Known({}, set(), None))) == ["1", "2"]

    async def test_nothing_new_costs_two_calls(self) -> None:
        psa = holding(MAY, JUNE)
        found = await read_invoices(psa, ["A"], knowing(MAY, JUNE))
        assert (fresh(found), found.gone, psa.calls) == ([], set(), 2)

    async def test_a_new_and_a_changed_one_are_found(self) -> None:
        changed = replace(MAY, total=Decimal(25), changed_at=NOON + timedelta(hours=1))
        assert fresh(await read_invoices(holding(changed, JUNE), ["A"], knowing(MAY))) == ["1", "2"]

    async def test_one_that_a_read_by_id_does_not_find_is_gone(self) -> None:
        found = await read_invoices(holding(JUNE), ["A"], knowing(MAY, JUNE))
        assert (found.gone, found.incomplete) == ({"1"}, set())

    async def test_one_that_only_a_list_lacks_is_not_and_absence_says_nothing_then(self) -> None:
        psa = holding(MAY, JUNE)
        psa.invoices["3"] = replace(JUNE, id="3")
        psa.hidden_invoices = {"1", "3"}
        found = await read_invoices(psa, ["A"], knowing(MAY, JUNE))
        assert (found.gone, found.incomplete, fresh(found)) == (set(), {"A"}, [])

    async def test_a_missing_right_is_trouble_and_stops_nobody(self) -> None:
        psa = holding(MAY)
        psa.invoices_refused = True
        found = await read_invoices(psa, ["A"], knowing())
        assert ("permission" in found.trouble, fresh(found)) == (True, [])
