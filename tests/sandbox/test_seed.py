from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from services.sandbox.seed.agreements import NONE, PRORATED, TWIN, TWO_CURRENCIES
from services.sandbox.seed.companies import FIRST_ID as FIRST_COMPANY
from services.sandbox.seed.invoices import Invoice, Row, invoices_of, rows_of, total_of
from services.sandbox.seed.months import add_months
from services.sandbox.seed.offers import OFFERS, WHEEL
from services.sandbox.seed.organizations import ORGANIZATIONS
from services.sandbox.seed.psa import psa_records
from services.sandbox.seed.references import Record
from services.sandbox.seed.subscriptions import all_subscriptions, subscription

JUNE, MAY = date(2026, 6, 1), date(2026, 5, 1)
CENT = Decimal("0.01")


def lines(month: date, seed: int = 7, size: int = 1200, reference: date = JUNE) -> list[tuple[Invoice, Row]]:
    invoices = invoices_of(seed, reference, month)
    return [(invoice, row) for invoice in invoices for row in rows_of(seed, size, reference, invoice)]


@pytest.fixture(scope="module")
def tables() -> dict[str, list[Record]]:
    return psa_records(7, JUNE)


class TestInvoices:
    @pytest.mark.parametrize("seed", [7, 8, 2026])
    def test_the_previous_month_has_about_1200_lines_and_the_current_about_1100(self, seed: int) -> None:
        assert 1130 <= len(lines(MAY, seed)) <= 1260
        assert 1060 <= len(lines(JUNE, seed)) <= 1160

    def test_the_size_scales_the_lines(self) -> None:
        assert 4700 <= len(lines(MAY, size=5000)) <= 5200

    def test_the_same_seed_makes_the_same_lines(self) -> None:
        assert lines(JUNE) == lines(JUNE)
        assert lines(JUNE) != lines(JUNE, seed=8)

    def test_every_charge_type_occurs_in_both_months(self) -> None:
        expected = "PurchaseFee CycleFee Correction UsageFee ItemFee OneTimeFee UserCorrection".split()
        for month in (MAY, JUNE):
            assert {row.charge.charge_type for _, row in lines(month)} == set(expected)

    def test_every_row_has_an_id_of_its_own(self) -> None:
        both = lines(MAY) + lines(JUNE)
        assert len({row.id for _, row in both}) == len(both)

    def test_every_invoice_has_a_number_of_its_own(self) -> None:
        numbers = [invoice.number for back in range(18) for invoice in invoices_of(7, JUNE, add_months(JUNE, -back))]
        assert len(set(numbers)) == len(numbers)

    def test_credits_make_negative_invoices(self) -> None:
        totals = [total_of(rows_of(7, 1200, JUNE, invoice)) for invoice in invoices_of(7, JUNE, JUNE)]
        assert any(total < 0 for _, total in totals)

    def test_most_lines_multiply_exactly_and_some_do_not(self) -> None:
        rows = [row.charge for _, row in lines(JUNE)]
        apart = [c for c in rows if (c.quantity * c.unit_price).quantize(CENT, ROUND_HALF_UP) != c.total]
        fine = [c for c in rows if c.unit_price != c.unit_price.quantize(CENT)]
        assert 50 < len(apart) < len(rows) / 5
        assert 100 < len(fine) < len(rows) / 2
        assert all(c.total == c.total.quantize(CENT) for c in rows)

    def test_both_shapes_of_corrections_occur(self) -> None:
        shapes = [row.charge for _, row in lines(JUNE) if row.charge.charge_type == "Correction"]
        assert any(c.quantity == 1 and c.unit_price == c.total > 0 for c in shapes)
        assert any(c.quantity == 1 and c.unit_price == c.total < 0 for c in shapes)
        assert any(c.quantity > 1 and c.unit_price < 0 for c in shapes)

    def test_usage_and_items_are_billed_in_arrears(self) -> None:
        arrears = [row.charge for _, row in lines(JUNE) if row.charge.charge_type in ("UsageFee", "ItemFee")]
        assert all(c.end == date(2026, 5, 31) for c in arrears)

    def test_some_lines_are_free_and_some_annual(self) -> None:
        rows = [row.charge for _, row in lines(JUNE)]
        assert sum(c.total == 0 for c in rows) == 2
        assert sum(c.start is not None and c.end is not None and (c.end - c.start).days > 360 for c in rows) >= 2

    def test_a_subscription_can_have_a_purchase_fee_and_a_cycle_fee_on_one_invoice(self) -> None:
        recurring = Counter(
            row.subscription.id
            for _, row in lines(JUNE)
            if row.subscription and row.charge.charge_type in ("PurchaseFee", "CycleFee")
        )
        assert max(recurring.values()) == 2

    def test_only_the_current_month_has_previews(self) -> None:
        current = Counter(invoice.is_preview for invoice, _ in lines(JUNE))
        assert 0 < current[True] < current[False] / 3
        assert not any(invoice.is_preview for invoice, _ in lines(MAY))

    def test_custom_rows_mostly_stand_alone(self) -> None:
        custom = [row for invoice, row in lines(JUNE) if invoice.is_custom]
        assert any(row.subscription is None for row in custom)
        assert any(row.subscription is not None for row in custom)
        assert any(row.charge.start is None for row in custom)

    def test_one_customer_is_invoiced_in_two_currencies(self) -> None:
        currencies: dict[int, set[str]] = {}
        for invoice, _ in lines(JUNE):
            currencies.setdefault(invoice.organization.number, set()).add(invoice.currency)
        assert currencies.pop(TWO_CURRENCIES) == {"EUR", "USD"}
        assert all(len(found) == 1 for found in currencies.values())
        assert {"USD"} in currencies.values()


class TestSubscriptions:
    def test_statuses_and_end_dates(self) -> None:
        everything = list(all_subscriptions(7, 1200, JUNE))
        assert {each.status for each in everything} == {"Active", "Suspended", "Expired"}
        assert all((each.end is not None) == (each.status == "Expired") for each in everything)
        assert len({each.id for each in everything}) == len(everything)

    def test_one_that_ended_in_may_has_its_last_cycle_fee_there(self) -> None:
        ended = subscription(7, JUNE, ORGANIZATIONS[1], 0)
        assert ended.end == date(2026, 5, 31)
        in_may = [
            row.charge.charge_type for _, row in lines(MAY) if row.subscription and row.subscription.id == ended.id
        ]
        assert in_may == ["CycleFee"]
        assert not any(row.subscription and row.subscription.id == ended.id for _, row in lines(JUNE))


class TestOffers:
    def test_there_are_25_and_a_few_have_no_catalog_item(self) -> None:
        assert len(OFFERS) == 25
        assert 2 <= sum(not offer.item for offer in OFFERS) <= 4

    def test_the_wheel_of_chance_has_one_place_per_byte(self) -> None:
        assert len(WHEEL) == 256


class TestPsaRecords:
    def test_forty_customers_of_which_thirty_four_have_one_company(self) -> None:
        assert len(ORGANIZATIONS) == 40
        assert Counter(len(each.companies) for each in ORGANIZATIONS) == {1: 34, 2: 2, 0: 4}

    def test_company_fields_fit_their_limits(self, tables: dict[str, list[Record]]) -> None:
        assert all(len(each["name"]) <= 50 and len(each["identifier"]) <= 30 for each in tables["companies"])
        assert len({each["identifier"] for each in tables["companies"]}) == len(tables["companies"])
        assert sum(each["deletedFlag"] for each in tables["companies"]) == 1

    def test_agreements_of_the_customers(self, tables: dict[str, list[Record]]) -> None:
        cloud = [each for each in tables["agreements"] if each["type"]["name"] == "Cloud Subscriptions"]
        open_since = add_months(JUNE, -4).isoformat()
        normal = [each for each in cloud if not each["prorateFlag"] and each["nextInvoiceDate"] == open_since]
        assert len(normal) >= 28
        assert sum(each["prorateFlag"] for each in cloud) == len(PRORATED)
        assert sum(each["nextInvoiceDate"] == "2026-07-01" for each in cloud) == 1
        assert sum(each.get("endDate", "9999") < "2026-06" for each in cloud) == 1
        assert {each["currency"]["currencyCode"] for each in cloud} == {"EUR", "USD"}

    def test_one_customer_has_none_and_some_have_several(self, tables: dict[str, list[Record]]) -> None:
        held = Counter(each["company"]["name"] for each in tables["agreements"])
        assert held[ORGANIZATIONS[NONE].companies[0]] == 0
        assert held[ORGANIZATIONS[TWIN].companies[0]] == 2
        assert held[ORGANIZATIONS[TWO_CURRENCIES].companies[0]] == 3

    def test_three_hand_made_additions_equal_what_a_subscription_bills(self, tables: dict[str, list[Record]]) -> None:
        items = {item["id"]: item["identifier"] for item in tables["catalog"]}
        held = {
            (each["agreementId"], items[each["product"]["id"]], each["quantity"], each["unitPrice"])
            for each in tables["additions"]
        }
        companies = {each["id"]: each["company"]["id"] - FIRST_COMPANY for each in tables["agreements"]}
        billed = {
            (row.subscription.organization.number, row.subscription.offer.item, c.quantity, c.unit_price)
            for _, row in lines(JUNE)
            if row.subscription and (c := row.charge).charge_type == "CycleFee"
        }
        assert sum((companies[agreement], *rest) in billed for agreement, *rest in held) == 3
        assert not any("serialNumber" in each for each in tables["additions"])
