import pytest
from pydantic import ValidationError

from services.billing.rules.model import BillingRules, DateRule, DateRuleKind
from services.contracts.vocabulary import BillOption, ChargeType
from tests.billing.builders import some_rules


class TestBillingRules:
    def test_an_empty_document_means_all_defaults(self) -> None:
        rules = BillingRules.model_validate_json("{}")
        assert rules == BillingRules()
        assert rules.of(ChargeType.CYCLE_FEE).bill_option is BillOption.BILLABLE

    def test_rules_read_back_from_their_own_json(self) -> None:
        rules = some_rules(
            charge_end={"kind": "open_ended"},
            by_charge_type={"UsageFee": {"display_name": "Usage", "charge_start": {"kind": "fixed_day", "day": 5}}},
        )
        assert BillingRules.model_validate_json(rules.model_dump_json()) == rules
        assert rules.of(ChargeType.USAGE_FEE).display_name == "Usage"

    @pytest.mark.parametrize(
        "rules",
        [
            {"charge_start": {"kind": "open_ended"}},
            {"by_charge_type": {"UsageFee": {"charge_start": {"kind": "open_ended"}}}},
            {"charge_start": {"kind": "fixed_day"}},
            {"charge_start": {"kind": "as_invoiced", "day": 3}},
            {"description_template": "{price}"},
            {"unit_price_scale": 7},
            {"when_already_invoiced": "never"},
            {"when_undecided": {"excluded": "later"}},
            {"when_undecided": {"bored": "end"}},
            {"no_such_rule": 1},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, rules: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            some_rules(**rules)

    def test_rules_for_additions_without_a_charge_read_back_cause_by_cause(self) -> None:
        rules = some_rules(when_undecided={"vanished": "end", "free": "keep", "held": "ask"})
        assert BillingRules.model_validate_json(rules.model_dump_json()) == rules
        assert BillingRules().when_undecided == {}

    def test_the_former_rule_for_late_charges_sets_both_that_took_its_place(self) -> None:
        former = BillingRules.model_validate_json('{"when_already_invoiced": "next_open_period"}')
        assert former == some_rules(late_one_time="next_open_period", late_recurring="next_open_period")
        assert some_rules(when_already_invoiced="hold") == some_rules(late_one_time="hold", late_recurring="hold")
        assert some_rules(when_already_invoiced="hold", late_one_time="next_open_period") == BillingRules()
        assert "when_already_invoiced" not in former.model_dump()

    @pytest.mark.parametrize(
        ("former", "quantities"),
        [("null", "keep_quantity"), ("0", "two_decimals"), ("2", "two_decimals"), ("3", "keep_quantity")],
    )
    def test_the_former_number_of_price_decimals_is_the_rule_that_took_its_place(
        self, former: str, quantities: str
    ) -> None:
        read = BillingRules.model_validate_json(f'{{"unit_price_scale": {former}}}')
        assert read == some_rules(quantities=quantities)
        assert "unit_price_scale" not in read.model_dump()

    def test_a_start_rule_that_names_a_day_is_accepted(self) -> None:
        rule = DateRule(kind=DateRuleKind.FIXED_DAY, day=31)
        assert some_rules(charge_start=rule).charge_start == rule
