import pytest

from services.billing.billing_rules import service
from services.billing.billing_rules.schemas import RulesVersion
from services.contracts.events.billing import RulesChanged
from services.contracts.shapes import FieldChange
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
