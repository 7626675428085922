"""A plan about less than a month is answered for exactly that."""

from typing import Any
from uuid import uuid4

import pytest

from services.billing.lines import repository
from services.contracts.events.billing import AdditionsDesired
from services.contracts.events.sync import PlanPrepared
from services.contracts.shapes import PlanScope
from services.contracts.vocabulary import MirrorKind
from tests.billing.builders import a_record, a_row, agreements, an_agreement, both_sides, mirror, rows_loaded
from tests.billing.conftest import Billing, Client

BRAVO = {"organization_id": "org-2", "organization_name": "Bravo"}


@pytest.fixture
async def month(billing: Billing, api: Client) -> Billing:
    """Alpine with a subscription of two rows, a usage fee and a held line; Bravo with one line."""
    bravo = an_agreement("agreement-2", company_id="company-2")
    await billing.hears(
        *both_sides(),
        mirror(MirrorKind.COMPANY, a_record("company-2", "Bravo")),
        mirror(MirrorKind.ORGANIZATION, a_record("org-2", "Bravo", currency="USD")),
        agreements(bravo),
    )
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1", "org-2"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    early = a_row("early", subscription_id="sub", charge_start="2026-10-01", charge_end="2026-10-11")
    await billing.hears(
        rows_loaded(early, a_row("late", subscription_id="sub"), a_row("usage", charge_type="UsageFee")),
        rows_loaded(a_row("held", charge_type="?"), a_row("bravo", **BRAVO)),
    )
    await billing.catches_up()
    return billing


async def answer(billing: Billing, **scope: Any) -> tuple[set[str], set[str]]:
    """Rows of the additions and of the unsent lines that answer a plan."""
    plan_id = uuid4()
    await billing.hears(PlanPrepared(plan_id=plan_id, period="2026-10", scope=PlanScope(period="2026-10", **scope)))
    (part,) = [each for each in await billing.told(AdditionsDesired) if each.plan_id == plan_id]
    return {each.row_id for each in part.additions}, {each.row_id for each in part.unsent}


class TestScope:
    async def test_a_scope_that_names_nothing_is_the_whole_period(self, month: Billing) -> None:
        assert await answer(month) == ({"early", "late", "usage", "bravo"}, {"held"})

    async def test_organizations(self, month: Billing) -> None:
        assert await answer(month, organization_ids=["org-2"]) == ({"bravo"}, set())
        assert await answer(month, organization_ids=["org-1"]) == ({"early", "late", "usage"}, {"held"})

    async def test_agreements_bring_their_unsent_lines_too(self, month: Billing) -> None:
        assert await answer(month, agreement_ids=["agreement-1"]) == ({"early", "late", "usage"}, {"held"})
        assert await answer(month, agreement_ids=["agreement-2"]) == ({"bravo"}, set())

    async def test_an_agreement_that_a_line_is_about_to_move_to(self, month: Billing, api: Client) -> None:
        change = {"version": 2, "company_id": "company-1"}
        await api("PATCH", "/organizations/org-2", json=change)
        assert await answer(month, agreement_ids=["agreement-1"]) == ({"early", "late", "usage", "bravo"}, {"held"})

    async def test_a_subscription(self, month: Billing) -> None:
        assert await answer(month, subscription_id="sub") == ({"early", "late"}, set())

    async def test_lines_keep_the_role_that_others_leave_them(self, month: Billing) -> None:
        early = next(each for each in await month.lines() if each.line.row_id == "early")
        assert await answer(month, line_ids=[early.id]) == ({"early"}, set())
        (addition,) = (await month.told(AdditionsDesired))[-1].additions
        assert not addition.is_recurring

    async def test_everything_named_has_to_match(self, month: Billing) -> None:
        assert await answer(month, subscription_id="sub", organization_ids=["org-2"]) == (set(), set())
        assert await answer(month, subscription_id="nobody") == (set(), set())

    async def test_a_subscription_reads_its_customer_and_not_the_month(
        self, month: Billing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        many = [a_row(f"x{number}", organization_id="org-3", organization_name="Cloud") for number in range(500)]
        await month.hears(rows_loaded(*many))
        read = []
        fetch = repository._fetch

        async def count(*arguments: Any) -> Any:
            found = await fetch(*arguments)
            read.append(len(found))
            return found

        monkeypatch.setattr(repository, "_fetch", count)
        await answer(month, subscription_id="sub")
        assert read == [4]
        await month.owner.execute("ANALYZE billing.line")
        plan = await month.owner.fetch(
            "EXPLAIN SELECT DISTINCT organization_id FROM billing.line "
            "WHERE partner_id = $1 AND period = '2026-10' AND subscription_id = 'sub'",
            month.partner,
        )
        assert any("line_of_subscription" in row[0] for row in plan)
