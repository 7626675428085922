import pytest

from services.billing.billing_rules import service
from services.billing.billing_rules.schemas import RulesVersion
from services.contracts.events.billing import RulesChanged
from services.contracts.shapes import FieldChange
from services.contracts.vocabulary import MirrorKind
from tests.billing.builders import a_record, a_row, mirror, rows_loaded
from tests.billing.conftest import Billing, Client


class TestBillingRules:
    async def test_the_defaults_are_in_force_until_somebody_saves_rules(self, api: Client) -> None:
        found = await api.get("/billing-rules")
        assert (found["version"], found["saved_by"], found["rules"]["quantities"]) == (0, None, "keep_quantity")

    async def test_saved_rules_are_a_new_version_and_told_with_what_changed(
        self, billing: Billing, api: Client
    ) -> None:
        saved = await api("PUT", "/billing-rules", json={"version": 0, "rules": {"allow_zero_price": True}})
        assert (saved["version"], saved["saved_by"], saved["rules"]["allow_zero_price"]) == (1, "Ann", True)
        assert await api.get("/billing-rules") == saved
        (fact,) = await billing.told(RulesChanged)
        assert fact.changes == [FieldChange(field="allow_zero_price", before=False, after=True)]

    async def test_the_former_rule_for_late_charges_is_taken_and_never_given(
        self, billing: Billing, api: Client
    ) -> None:
        former = {"when_already_invoiced": "hold"}
        saved = await api("PUT", "/billing-rules", json={"version": 0, "rules": former})
        assert (saved["rules"]["late_one_time"], saved["rules"]["late_recurring"]) == ("hold", "hold")
        assert "when_already_invoiced" not in saved["rules"]
        (fact,) = await billing.told(RulesChanged)
        assert [change.field for change in fact.changes] == ["late_one_time"]
        assert fact.headline().details == "late one-time charges"

    async def test_saving_the_rules_in_force_makes_no_version(self, api: Client) -> None:
        assert (await api("PUT", "/billing-rules", json={"version": 0, "rules": {}}))["version"] == 0

    async def test_rules_edited_from_an_older_version_are_refused(self, api: Client) -> None:
        current = await api("PUT", "/billing-rules", json={"version": 0, "rules": {"allow_zero_price": True}})
        problem = await api("PUT", "/billing-rules", 409, json={"version": 0, "rules": {}})
        assert (problem["code"], problem["current"]["version"]) == ("rules_are_stale", current["version"])

    async def test_two_who_save_at_once_do_not_both_win(
        self, billing: Billing, api: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await api("PUT", "/billing-rules", json={"version": 0, "rules": {"allow_zero_price": True}})

        async def see_what_was_before(_session: object) -> RulesVersion:
            return service.DEFAULTS

        monkeypatch.setattr(service, "show_rules", see_what_was_before)
        problem = await api("PUT", "/billing-rules", 409, json={"version": 0, "rules": {"quantities": "two_decimals"}})
        assert problem["code"] == "rules_are_stale"

    async def test_rules_by_which_a_charge_ends_before_it_starts_are_refused(self, api: Client) -> None:
        days = {"charge_start": {"kind": "fixed_day", "day": 20}, "charge_end": {"kind": "fixed_day", "day": 5}}
        for rules in (days, {"by_charge_type": {"UsageFee": days}}):
            problem = await api("PUT", "/billing-rules", 422, json={"version": 0, "rules": rules})
            assert [each["field"] for each in problem["errors"]] == ["rules"]
            assert "would end before it starts" in str(problem["errors"])

    async def test_rules_saved_before_that_was_checked_stay_in_force(self, billing: Billing, api: Client) -> None:
        days = '{"charge_start": {"kind": "fixed_day", "day": 20}, "charge_end": {"kind": "fixed_day", "day": 5}}'
        saved = "INSERT INTO billing.rules (partner_id, version, rules, saved_by) VALUES ($1, 1, $2, 'Ann')"
        await billing.owner.execute(saved, billing.partner, days)
        assert (await api.get("/billing-rules"))["rules"]["charge_start"]["day"] == 20

    async def test_rules_that_make_no_sense_are_refused_by_field(self, api: Client) -> None:
        rules = {"charge_start": {"kind": "open_ended"}, "description_template": "{price}"}
        problem = await api("PUT", "/billing-rules", 422, json={"version": 0, "rules": rules})
        assert [each["field"] for each in problem["errors"]] == ["rules.charge_start", "rules.description_template"]


class TestPriceRules:
    @pytest.mark.parametrize(
        ("rules", "field", "words"),
        [
            ({"pricing": {"markup_percent": "-100.5"}}, "rules.pricing.markup_percent", "every price negative"),
            ({"pricing": {"minimum_quantity": "0"}}, "rules.pricing.minimum_quantity", "more than zero"),
            ({"pricing": {"rounding": {"to": "0"}}}, "rules.pricing.rounding.to", "a step of more than zero"),
            ({"pricing": {"rounding": {"to": "0.0001"}}}, "rules.pricing.rounding.to", "finer than any currency"),
            (
                {"pricing": {"markup_percent": "-100", "markup_fixed": {"USD": "-1"}}},
                "rules.pricing.markup_fixed.USD",
                "nothing is left to take 1 USD from",
            ),
            ({"pricing": {"price_source": "catalog"}}, "rules.pricing.catalog_currency", "in which currency"),
            (
                {"overrides": [{"match": {}, "pricing": {"markup_percent": "1"}}]},
                "rules.overrides.0.match",
                "say which",
            ),
            (
                {"overrides": [{"match": {"charge_type": "UsageFee"}, "pricing": {}}]},
                "rules.overrides.0",
                "it decides nothing",
            ),
            (
                {"overrides": [{"match": {"offer_id": "nobody"}, "pricing": {"markup_percent": "1"}}]},
                "rules.overrides.0.match.offer_id",
                "no invoice so far names an offer nobody",
            ),
            (
                {"overrides": [{"match": {"organization_id": "nobody"}, "pricing": {"markup_percent": "1"}}]},
                "rules.overrides.0.match.organization_id",
                "there is no organization nobody",
            ),
            (
                {"overrides": [{"match": {"charge_type": "UsageFee"}, "pricing": {"markup_percent": "1"}}] * 2},
                "rules.overrides.1.pricing.markup_percent",
                "exception 1 is about the same lines",
            ),
        ],
    )
    async def test_what_cannot_work_is_refused_in_words_at_its_field(
        self, api: Client, rules: dict[str, object], field: str, words: str
    ) -> None:
        problem = await api("PUT", "/billing-rules", 422, json={"version": 0, "rules": rules})
        (error,) = problem["errors"]
        assert error["field"] == field
        assert words in error["message"]

    async def test_a_fixed_markup_that_takes_away_more_than_a_product_was_ever_charged_with_is_refused(
        self, billing: Billing, api: Client
    ) -> None:
        await billing.hears(rows_loaded(a_row()))
        rules = {"pricing": {"markup_fixed": {"USD": "-3.01"}}}
        problem = await api("PUT", "/billing-rules", 422, json={"version": 0, "rules": rules})
        (error,) = problem["errors"]
        assert (problem["code"], error["field"]) == ("rules_cannot_work", "rules.pricing.markup_fixed.USD")
        assert "the price of Microsoft 365 Business negative: 3.00 USD becomes -0.01" in error["message"]
        await api("PUT", "/billing-rules", json={"version": 0, "rules": {"pricing": {"markup_fixed": {"USD": "-2"}}}})

    async def test_a_catalog_price_below_its_cost_is_a_warning(self, billing: Billing, api: Client) -> None:
        await billing.hears(rows_loaded(a_row()))
        prices = {"price": "4.00", "cost": "5.00"}
        item = a_record("product-1", "Microsoft 365 Business", attributes=prices)
        await billing.hears(mirror(MirrorKind.CATALOG_ITEM, item))
        await api("PATCH", "/products/offer-1", json={"version": 1, "product_id": "product-1"})
        rules = {"pricing": {"price_source": "catalog", "catalog_currency": "USD"}}
        saved = await api("PUT", "/billing-rules", json={"version": 0, "rules": rules})
        said = "The catalog's price is below its cost: Microsoft 365 Business (4.00 at a cost of 5.00)"
        assert saved["warnings"] == [said]
