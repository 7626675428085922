"""Billing keeps what sync says of a partner's PSA, and rates by it from then on."""

from dataclasses import replace
from uuid import uuid4

from services.billing.handlers import HANDLERS
from services.billing.mirrors import repository
from services.contracts.events.billing import AdditionsDesired
from services.contracts.events.sync import PlanPrepared, PsaDescribed
from services.contracts.invoicing.traits import UNDESCRIBED
from services.contracts.shapes import PsaTraits
from services.kit.base.db import Circumstances
from services.kit.ledger.bus import handle_effect, publish
from tests.billing.builders import a_psa, a_row, both_sides, rows_loaded
from tests.billing.conftest import Billing, Client


async def traits_of(billing: Billing, circumstances: Circumstances | None = None) -> PsaTraits:
    async with billing.database.reading(circumstances or billing.circumstances()) as session:
        return await repository.find_traits(session)


class TestPsaTraits:
    async def test_careful_defaults_hold_until_the_psa_is_described(self, billing: Billing) -> None:
        assert await traits_of(billing) == UNDESCRIBED
        await billing.hears(PsaDescribed(traits=a_psa(price_decimals=4)))
        assert await traits_of(billing) == a_psa(price_decimals=4)

    async def test_another_partner_keeps_its_own(self, billing: Billing) -> None:
        await billing.hears(PsaDescribed(traits=a_psa()))
        other = replace(billing.circumstances(), partner_id=uuid4())
        assert await traits_of(billing, other) == UNDESCRIBED

    async def test_a_description_that_comes_late_changes_nothing(self, billing: Billing) -> None:
        events = []
        for decimals in (2, 4):
            async with billing.database.writing(billing.circumstances()) as session:
                events.append(await publish(session, PsaDescribed(traits=a_psa(price_decimals=decimals)), "psa/1"))
        for event in reversed(events):
            assert await handle_effect(billing.database, "billing", event, HANDLERS)
        assert (await traits_of(billing)).price_decimals == 4

    async def test_lines_that_are_not_sent_follow_at_once(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
        await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
        await billing.catches_up()
        await billing.hears(rows_loaded(a_row(quantity="7", unit_price="3.0014", total="21.01")))
        assert str((await billing.line()).rated.unit_price) == "21.01"
        await billing.hears(PsaDescribed(traits=a_psa(price_decimals=4)))
        assert str((await billing.line()).rated.unit_price) == "3.0014"
        await billing.hears(PlanPrepared(plan_id=uuid4(), period="2026-10"))
        (answer,) = await billing.told(AdditionsDesired)
        assert [str(each.unit_price) for each in answer.additions] == ["3.0014"]

    async def test_a_refusal_names_the_psa(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides(), PsaDescribed(traits=a_psa()))
        wanted = {"version": 1, "company_id": "company-9"}
        problem = await api("PATCH", "/organizations/org-1", 422, json=wanted)
        assert problem["detail"] == "There is no company company-9 in Ledgerly."
