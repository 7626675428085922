from decimal import Decimal

import pytest

from services.kit.upstream.http import MissingUpstream
from services.sync.additions.reading import read_agreements
from services.sync.unreadable import Unreadable
from tests.sync.memory_psa import MemoryPsa
from tests.sync.plans.builders import held


class TestReadingAgreements:
    async def test_what_a_list_lacks_and_we_wrote_is_read_by_its_id(self) -> None:
        psa = MemoryPsa.of(held("70"), held("71", serial_number="TO-B"))
        psa.hidden = {"71"}
        states = await read_agreements(psa, ["11"], {"11": {"71": held("71").values}})
        assert [each.id for each in states["11"].additions] == ["70", "71"]

    async def test_values_that_a_list_shows_as_they_were_are_read_by_id_too(self) -> None:
        psa = MemoryPsa.of(held("70"))
        as_written = held("70", quantity=Decimal(9)).values
        await read_agreements(psa, ["11"], {"11": {"70": as_written}})
        assert psa.asked_by_id == ["70"]

    async def test_what_a_list_shows_as_we_wrote_it_costs_no_further_call(self) -> None:
        psa = MemoryPsa.of(held("70"), held("71", serial_number=""))
        await read_agreements(psa, ["11"], {"11": {"70": held("70").values}})
        assert (psa.asked_by_id, psa.calls) == ([], 1)

    async def test_what_no_read_by_id_finds_is_gone_though_a_list_may_still_show_it(self) -> None:
        psa = MemoryPsa.of(held("70", quantity=Decimal(4)))
        psa.deleted = {"70"}
        states = await read_agreements(psa, ["11"], {"11": {"70": held("70").values, "71": held("71").values}})
        assert states["11"].additions == []
        assert states["11"].gone == {"70", "71"}

    async def test_one_agreement_that_is_missing_is_its_own_trouble_alone(self) -> None:
        psa = MemoryPsa.of(held("70"))
        psa.missing_agreements = {"12"}
        states = await read_agreements(psa, ["11", "12"], {})
        assert [each.id for each in states["11"].additions] == ["70"]
        assert states["12"].trouble.startswith("Ledgerly has no such agreement any more.")

    async def test_where_no_agreement_can_be_read_something_else_is_wrong(self) -> None:
        psa = MemoryPsa()
        psa.missing_agreements = {"11", "12"}
        with pytest.raises(MissingUpstream):
            await read_agreements(psa, ["11", "12"], {})

    async def test_one_addition_that_cannot_be_read_stands_beside_the_others(self) -> None:
        psa = MemoryPsa.of(held("70"))
        psa.unreadable = [Unreadable("quantity is no number", '{"id": 71, "serialNumber": "TO-B"}')]
        state = (await read_agreements(psa, ["11"], {}))["11"]
        assert [each.id for each in state.additions] == ["70"]
        assert (state.may_hide("TO-B"), state.may_hide("TO-C")) == (True, False)
