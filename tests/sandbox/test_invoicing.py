"""What agreement invoicing bills, and what it leaves behind."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.sandbox import exact_json
from services.sandbox.settings import Settings
from tests.sandbox.conftest import API, psa_client
from tests.sandbox.worlds import agreement, behave, give, held, psa_world, read, refusal

PRORATED = agreement(prorated=True)
ALREADY_INVOICED = (
    "Since this period has already been invoiced there will not be an invoice generated for additional products for "
    "this period. Please prorate the agreement or update the start date to on or after the Next Invoice Date."
)


async def bill(client: httpx.AsyncClient, through: str, **fields: Any) -> list[dict[str, Any]]:
    answer = await client.post("/_sandbox/invoice-agreements", json={"through": through, **fields})
    assert answer.status_code == 200, answer.text
    made: list[dict[str, Any]] = exact_json.loads(answer.content)["invoices"]
    return made


async def amounts(client: httpx.AsyncClient, through: str, *additions: Any, **world: Any) -> list[dict[int, str]]:
    """Per invoice what each addition was billed, in a world of one agreement."""
    await give(client, psa_world(additions=list(additions), **world))
    return [
        {line["addition_id"]: str(line["amount"]) for line in made["additions"]} for made in await bill(client, through)
    ]


async def next_date(client: httpx.AsyncClient) -> str | None:
    found: str | None = (await read(client, "finance/agreements/10")).get("nextInvoiceDate")
    return found


class TestWhatAPeriodBills:
    async def test_an_open_addition_bills_each_period_once(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(additions=[held(100, quantity=3)]))
        assert await bill(psa, "2026-03-31") == []
        (first,) = await bill(psa, "2026-04-01")
        assert {name: first[name] for name in ("agreement_id", "period_start", "period_end", "currency", "total")} == {
            "agreement_id": 10,
            "period_start": "2026-04-01",
            "period_end": "2026-04-30",
            "currency": "EUR",
            "total": Decimal("66.00"),
        }
        assert first["additions"] == [{"addition_id": 100, "serial_number": "TO-100", "amount": Decimal("66.00")}]
        assert await bill(psa, "2026-04-30") == []
        assert [made["period_start"] for made in await bill(psa, "2026-06-01")] == ["2026-05-01", "2026-06-01"]
        assert await next_date(psa) == "2026-07-01"

    async def test_an_addition_bills_from_its_first_to_its_last_day(self, psa: httpx.AsyncClient) -> None:
        later, ended = held(101, effectiveDate="2026-05-31"), held(102, cancelledDate="2026-05-01")
        assert await amounts(psa, "2026-06-30", later, ended) == [
            {102: "22.00"},
            {101: "22.00", 102: "22.00"},
            {101: "22.00"},
        ]

    async def test_money_is_multiplied_before_it_is_rounded(self, psa: httpx.AsyncClient) -> None:
        priced = held(100, quantity=100, unitPrice="5.2456")
        assert await amounts(psa, "2026-04-01", priced) == [{100: "524.56"}]

    async def test_the_bill_option_decides(self, psa: httpx.AsyncClient) -> None:
        options = [held(100 + place, billCustomer=each) for place, each in enumerate(("NoCharge", "DoNotBill"))]
        assert await amounts(psa, "2026-04-01", *options) == [{100: "0.00"}]

    async def test_negative_prices_are_credits(self, psa: httpx.AsyncClient) -> None:
        assert await amounts(psa, "2026-04-01", held(100, quantity=2, unitPrice="-1.005")) == [{100: "-2.01"}]

    async def test_what_is_included_is_free_unless_the_switch_says_otherwise(self, psa: httpx.AsyncClient) -> None:
        included = held(100, quantity=5, lessIncluded=2)
        assert await amounts(psa, "2026-04-01", included) == [{100: "66.00"}]
        await behave(psa, ext_price_base="quantity")
        assert await amounts(psa, "2026-04-01", included) == [{100: "110.00"}]

    @pytest.mark.parametrize(("code", "amount"), [("JPY", "4"), ("EUR", "3.70"), ("KWD", "3.704")])
    async def test_amounts_have_the_decimals_of_the_currency(
        self, psa: httpx.AsyncClient, code: str, amount: str
    ) -> None:
        agreements = [agreement(currency=code)]
        assert await amounts(psa, "2026-04-01", held(100, unitPrice="3.7037"), agreements=agreements) == [{100: amount}]

    async def test_a_flat_fee_stands_beside_the_additions(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(agreements=[agreement(billAmount="50.00")], additions=[held(100)]))
        (made,) = await bill(psa, "2026-04-01")
        assert (made["agreement_amount"], made["total"]) == (Decimal("50.00"), Decimal("72.00"))

    async def test_an_agreement_that_ended_or_was_cancelled_bills_no_more(self, psa: httpx.AsyncClient) -> None:
        for last in ({"end": "2026-05-15"}, {"cancelled": "2026-05-15"}):
            billed = await amounts(psa, "2026-09-01", held(100), agreements=[agreement(**last)])
            assert billed == [{100: "22.00"}, {100: "22.00"}]

    async def test_month_by_month_and_all_at_once_come_to_the_same(self, psa: httpx.AsyncClient) -> None:
        lines = [
            held(100, effectiveDate="2026-03-15", quantity=7, unitPrice="3.3333"),
            held(101, effectiveDate="2026-04-30", cancelledDate="2026-06-02", unitPrice="-1.99"),
            held(102, cancelledDate="2026-05-17", quantity="2.5"),
        ]
        world = psa_world(agreements=[agreement(prorated=True, billAmount="12.34")], additions=lines)
        await give(psa, world)
        at_once = await bill(psa, "2026-09-30")
        await give(psa, world)
        month_by_month = [made for month in range(4, 10) for made in await bill(psa, f"2026-{month:02}-15")]
        assert month_by_month == at_once

    async def test_the_demo_world_can_be_invoiced(self, psa: httpx.AsyncClient) -> None:
        made = await bill(psa, "2026-06-30")
        assert {each["currency"] for each in made} == {"EUR", "USD"}
        assert await read(psa, "finance/invoices/count") == {"count": len(made)}
        assert await bill(psa, "2026-06-30") == []

    async def test_only_the_agreement_asked_for(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(agreements=[agreement(), agreement(id=11, name="Other")]))
        assert [made["agreement_id"] for made in await bill(psa, "2026-04-01", agreement_id=11)] == [11]
        assert await refusal(psa, "invoice-agreements", {"through": "2026-04-01", "agreement_id": 99}) == {
            "agreement_id": "there is no agreement 99"
        }


class TestPeriods:
    @pytest.mark.parametrize(
        ("cycle", "year", "first", "second"),
        [
            ("Monthly", "CalendarYear", ("2026-01-20", "2026-01-31"), ("2026-02-01", "2026-02-28")),
            ("Monthly", "ContractYear", ("2026-01-20", "2026-02-19"), ("2026-02-20", "2026-03-19")),
            ("BiMonthly", "CalendarYear", ("2026-01-20", "2026-02-28"), ("2026-03-01", "2026-04-30")),
            ("Quarterly", "CalendarYear", ("2026-01-20", "2026-03-31"), ("2026-04-01", "2026-06-30")),
            ("Quarterly", "ContractYear", ("2026-01-20", "2026-04-19"), ("2026-04-20", "2026-07-19")),
            ("SemiAnnual", "CalendarYear", ("2026-01-20", "2026-06-30"), ("2026-07-01", "2026-12-31")),
            ("Yearly", "CalendarYear", ("2026-01-20", "2026-12-31"), ("2027-01-01", "2027-12-31")),
            ("Yearly", "ContractYear", ("2026-01-20", "2027-01-19"), ("2027-01-20", "2028-01-19")),
            ("Weekly", "CalendarYear", ("2026-01-20", "2026-01-26"), ("2026-01-27", "2026-02-02")),
            ("BiWeekly", "ContractYear", ("2026-01-20", "2026-02-02"), ("2026-02-03", "2026-02-16")),
        ],
    )
    async def test_follow_the_cycle(
        self, psa: httpx.AsyncClient, cycle: str, year: str, first: tuple[str, str], second: tuple[str, str]
    ) -> None:
        terms = {"billing_cycle": cycle, "invoicing_cycle": year, "bill_start": "2026-01-20"}
        await give(psa, psa_world(agreements=[agreement(**terms, next_invoice_date="2026-01-20")]))
        made = await bill(psa, second[0])
        assert [(each["period_start"], each["period_end"]) for each in made] == [first, second]

    async def test_a_contract_that_starts_on_the_31st_keeps_its_day(self, psa: httpx.AsyncClient) -> None:
        terms = {"invoicing_cycle": "ContractYear", "bill_start": "2026-01-31", "next_invoice_date": "2026-01-31"}
        await give(psa, psa_world(agreements=[agreement(**terms)]))
        starts = [made["period_start"] for made in await bill(psa, "2026-04-30")]
        assert starts == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]

    async def test_what_does_not_recur_bills_once(self, psa: httpx.AsyncClient) -> None:
        terms = {"billing_cycle": "NotRecurring", "next_invoice_date": "2026-01-01"}
        assert await amounts(psa, "2026-12-31", held(100), agreements=[agreement(**terms)]) == [{100: "22.00"}]
        assert await next_date(psa) is None
        assert await bill(psa, "2099-12-31") == []

    @pytest.mark.parametrize("switch", [{"billed_in": "arrears"}, {"periodType": "Current"}])
    async def test_in_arrears_a_period_bills_after_its_end(
        self, psa: httpx.AsyncClient, switch: dict[str, str]
    ) -> None:
        await behave(psa, arrears_period_types=["Current"])
        terms = agreement(**switch, next_invoice_date="2026-05-01")
        await give(psa, psa_world(agreements=[terms], additions=[held(100), held(101, cancelledDate="2026-04-30")]))
        assert await bill(psa, "2026-04-30") == []
        (made,) = await bill(psa, "2026-05-01")
        assert (made["period_start"], made["period_end"]) == ("2026-04-01", "2026-04-30")
        assert [line["addition_id"] for line in made["additions"]] == [100, 101]
        assert await next_date(psa) == "2026-06-01"


class TestProration:
    async def test_the_published_example(self, psa: httpx.AsyncClient) -> None:
        """22.00 a month from 15 March, March being invoiced: April's invoice bills 34.06."""
        await give(psa, psa_world(agreements=[PRORATED]))
        body = {
            "product": {"id": 5},
            "billCustomer": "Billable",
            "quantity": 1,
            "effectiveDate": "2026-03-15T00:00:00Z",
        }
        made = await psa.post(f"{API}/finance/agreements/10/additions", json=body)
        assert (made.json()["proratePrice"], made.json()["extendedProratePrice"]) == (12.06, 12.06)
        (invoice,) = await bill(psa, "2026-04-01")
        assert [line["amount"] for line in invoice["additions"]] == [Decimal("34.06")]
        (line,) = await read(psa, "procurement/products", conditions=f"invoice/id={invoice['invoice_id']}")
        assert line["customerDescription"].endswith("This item has been prorated with a start date of 03/15/2026.")

    async def test_a_world_that_begins_after_the_invoice_of_march(self, psa: httpx.AsyncClient) -> None:
        """March was invoiced on its first day: what began on the 15th was not on that invoice."""
        begun = held(100, effectiveDate="2026-03-15"), held(101, effectiveDate="2026-03-01"), held(102)
        assert await amounts(psa, "2026-04-01", *begun, agreements=[PRORATED]) == [
            {100: "34.06", 101: "22.00", 102: "22.00"}
        ]

    async def test_missed_days_may_be_forgotten(self, psa: httpx.AsyncClient) -> None:
        await behave(psa, missed_days="forgotten")
        missed = held(100, effectiveDate="2026-03-15", billed_through=None)
        assert await amounts(psa, "2026-04-01", missed, agreements=[PRORATED]) == [{100: "22.00"}]

    async def test_missed_days_of_an_addition_that_has_ended(self, psa: httpx.AsyncClient) -> None:
        ended = held(100, effectiveDate="2026-03-17", cancelledDate="2026-03-31", billed_through=None)
        assert await amounts(psa, "2026-04-30", ended, agreements=[PRORATED]) == [{100: "10.65"}]

    async def test_what_the_price_of_one_or_the_amount_rounds_to(self, psa: httpx.AsyncClient) -> None:
        begun = held(100, quantity=3, effectiveDate="2026-04-14")
        assert await amounts(psa, "2026-04-01", begun, agreements=[PRORATED]) == [{100: "37.41"}]
        await behave(psa, proration_rounds="amount")
        assert await amounts(psa, "2026-04-01", begun, agreements=[PRORATED]) == [{100: "37.40"}]

    async def test_the_last_day_counts(self, psa: httpx.AsyncClient) -> None:
        ended = held(100, unitPrice="30.00", cancelledDate="2026-04-10")
        assert await amounts(psa, "2026-05-01", ended, agreements=[PRORATED]) == [{100: "10.00"}, {}]

    async def test_an_agreement_that_does_not_prorate_bills_in_full(self, psa: httpx.AsyncClient) -> None:
        inside = held(100, effectiveDate="2026-04-10", cancelledDate="2026-04-11")
        assert await amounts(psa, "2026-05-01", inside) == [{100: "22.00"}, {}]

    async def test_a_first_period_that_began_late_is_cut(self, psa: httpx.AsyncClient) -> None:
        late = agreement(prorated=True, bill_start="2026-04-16", next_invoice_date="2026-04-16", billAmount="30.00")
        await give(psa, psa_world(agreements=[late], additions=[held(100, unitPrice="30.00")]))
        (made,) = await bill(psa, "2026-04-16")
        assert (made["agreement_amount"], made["total"]) == (Decimal("15.00"), Decimal("30.00"))

    async def test_the_prorated_piece_can_be_billed_at_once(self, psa: httpx.AsyncClient) -> None:
        terms = agreement(prorated=True, prorated_at_once=True)
        await give(
            psa, psa_world(agreements=[terms], additions=[held(100, effectiveDate="2026-03-15", billed_through=None)])
        )
        (piece,) = await bill(psa, "2026-03-20")
        assert (piece["period_start"], piece["total"]) == ("2026-03-01", Decimal("12.06"))
        (month,) = await bill(psa, "2026-04-01")
        assert (month["period_start"], month["total"]) == ("2026-04-01", Decimal("22.00"))


class TestWhatIsInvoiced:
    """Refusals, deletions and the next date all follow from the invoices."""

    ADDITIONS = f"{API}/finance/agreements/10/additions"

    async def refused(self, psa: httpx.AsyncClient, day: str) -> bool:
        body = {"product": {"id": 5}, "billCustomer": "Billable", "effectiveDate": f"{day}T00:00:00Z"}
        answer = await psa.post(self.ADDITIONS, json=body)
        if answer.status_code == 201:
            await psa.delete(f"{self.ADDITIONS}/{answer.json()['id']}")
            return False
        assert answer.json()["errors"][0]["message"] == ALREADY_INVOICED
        return True

    async def test_an_invoiced_period_takes_no_addition_on_create_or_update(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(additions=[held(100, effectiveDate="2026-05-05")]))
        assert not await self.refused(psa, "2026-04-30")
        await bill(psa, "2026-04-01")
        assert await self.refused(psa, "2026-04-30")
        operation = {"op": "replace", "path": "effectiveDate", "value": "2026-04-30T00:00:00Z"}
        assert (await psa.patch(f"{self.ADDITIONS}/100", json=[operation])).status_code == 400
        assert not await self.refused(psa, "2026-05-01")

    async def test_deleting_an_invoice_opens_its_period_alone(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(additions=[held(100)]))
        april, may, june = await bill(psa, "2026-06-01")
        assert (await psa.delete(f"{API}/finance/invoices/{may['invoice_id']}")).status_code == 204
        assert await next_date(psa) == "2026-05-01"
        assert await read(psa, "procurement/products/count") == {"count": 2}
        assert [await self.refused(psa, day) for day in ("2026-04-30", "2026-05-31", "2026-06-01")] == [
            True,
            False,
            True,
        ]
        (again,) = await bill(psa, "2026-06-30")
        assert (again["period_start"], again["additions"]) == ("2026-05-01", may["additions"])
        assert again["invoice_id"] not in {april["invoice_id"], may["invoice_id"], june["invoice_id"]}
        assert await next_date(psa) == "2026-07-01"

    async def test_a_period_that_is_written_off_has_no_invoice_and_is_closed(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(agreements=[PRORATED], additions=[held(100)]))
        answer = await psa.post("/_sandbox/write-off", json={"agreement_id": 10})
        assert answer.json() == {
            "agreement_id": 10,
            "period_start": "2026-04-01",
            "period_end": "2026-04-30",
            "next_invoice_date": "2026-05-01",
        }
        (made,) = await bill(psa, "2026-05-01")
        assert (made["period_start"], made["total"]) == ("2026-05-01", Decimal("22.00"))
        assert "day" in await refusal(psa, "write-off", {"agreement_id": 10, "day": "2026-04-10"})

    async def test_the_order_that_only_moves_the_date_agrees(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(agreements=[PRORATED], additions=[held(100)]))
        await psa.post("/_sandbox/invoicing", json={"agreement": 10, "next_invoice_date": "2026-06-01"})
        (made,) = await bill(psa, "2026-06-01")
        assert (made["period_start"], made["total"]) == ("2026-06-01", Decimal("22.00"))

    async def test_it_survives_a_restart(self, settings: Settings) -> None:
        async with psa_client(settings) as first:
            await give(first, psa_world(additions=[held(100)]))
            await bill(first, "2026-04-01")
        async with psa_client(settings) as second:
            assert await bill(second, "2026-04-30") == []
            assert await read(second, "finance/invoices/count") == {"count": 1}


class TestReadingInvoices:
    async def test_by_agreement_by_id_and_with_lines(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(agreements=[agreement(), agreement(id=11, name="Other")], additions=[held(100)]))
        await bill(psa, "2026-04-01")
        (found,) = await read(psa, "finance/invoices", conditions='agreement/id=10 and type="Agreement"')
        assert found["total"] == Decimal("22.00")
        assert found["agreement"]["name"] == "Acme cloud"
        assert await read(psa, "finance/invoices", conditions="applyToId=10") == [found]
        assert await read(psa, f"finance/invoices/{found['id']}") == found
        info = await read(psa, f"finance/info/invoice/{found['id']}")
        assert info["invoice"] == found
        assert info["agreementBillingInfo"][0]["agreementRecId"] == 10
        assert info["products"] == await read(psa, "procurement/products", conditions=f"invoice/id={found['id']}")
        (line,) = info["products"]
        assert (line["catalogItem"]["identifier"], line["extPrice"]) == ("SEAT", Decimal("22.00"))

    async def test_none_can_be_made_by_api(self, psa: httpx.AsyncClient) -> None:
        answer = await psa.post(f"{API}/finance/invoices", json={"type": "Agreement", "company": {"id": 250}})
        assert (answer.status_code, answer.json()["message"]) == (
            400,
            "Cannot create agreement invoices through the Invoicing API",
        )
