"""The billing rules of one partner: what an administrator may decide, every choice with a default.

The model is what the API speaks and what is stored as JSON, one row per version. An empty document is
valid and means "all defaults", so that a field added later needs no migration.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from services.billing.rules.day_forms import DayForm
from services.billing.rules.templates import check_template
from services.contracts.vocabulary import BillOption, ChargeType, DecisionChoice, UndecidedCause

FORMER_LATE_RULE = "when_already_invoiced"
MAX_SCALE = 6  # no price list goes finer, and what a PSA keeps is a setting of its tenant


class DateRuleKind(StrEnum):
    """Ways to compute a charge date. Months are those of the invoice date."""

    AS_INVOICED = "as_invoiced"
    FIRST_DAY_OF_MONTH = "first_day_of_month"
    LAST_DAY_OF_MONTH = "last_day_of_month"
    FIRST_DAY_OF_NEXT_MONTH = "first_day_of_next_month"
    BILLING_CYCLE_DAY = "billing_cycle_day"
    NEXT_INVOICE_DATE = "next_invoice_date"
    FIXED_DAY = "fixed_day"
    OPEN_ENDED = "open_ended"


class WhenInvoiced(StrEnum):
    """What to do with a charge whose period the PSA has already invoiced."""

    HOLD = "hold"
    NEXT_OPEN_PERIOD = "next_open_period"


class WhenLonger(StrEnum):
    """What to do with a recurring charge that covers more than one billing cycle of its agreement."""

    ONE_TIME = "one_time"
    HOLD = "hold"


class WhenChanged(StrEnum):
    """What to do when the row of a charge changes after the PSA has invoiced it."""

    TRUE_UP = "true_up"
    HOLD = "hold"


UndecidedRule = Literal[DecisionChoice.ASK, DecisionChoice.END, DecisionChoice.KEEP]
"""Later is no rule: it is what a person says to be asked again."""


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DateRule(_Rule):
    """One way to compute a date, moved by whole months first and days after."""

    kind: DateRuleKind
    day: int | None = Field(default=None, ge=1, le=31)
    """Day of the invoice month for `fixed_day`; 29 to 31 mean its last day where the month is shorter."""
    offset_months: int = Field(default=0, ge=-24, le=24)
    offset_days: int = Field(default=0, ge=-366, le=366)

    @model_validator(mode="after")
    def _day_belongs_to_fixed_day(self) -> "DateRule":
        if (self.kind is DateRuleKind.FIXED_DAY) != (self.day is not None):
            message = "give a day with fixed_day, and only with it"
            raise ValueError(message)
        return self


class ChargeTypeRules(_Rule):
    """What one charge type does differently; None means: as the rules for all charge types say."""

    display_name: str | None = Field(default=None, min_length=1, max_length=100)
    charge_start: DateRule | None = None
    charge_end: DateRule | None = None
    bill_option: BillOption = BillOption.BILLABLE
    taxable: bool = True

    @field_validator("charge_start")
    @classmethod
    def _start_is_a_day(cls, rule: DateRule | None) -> DateRule | None:
        return refuse_open_start(rule)


class BillingRules(_Rule):
    """Every rule of a partner. Without a date rule a charge type follows its default (see `dates`)."""

    default_agreement_type_id: str | None = None
    """Agreement type preferred where a company has several agreements that would do."""
    charge_start: DateRule | None = None
    charge_end: DateRule | None = None
    by_charge_type: dict[ChargeType, ChargeTypeRules] = Field(default_factory=dict)
    description_template: str = Field(default="{subscription} - {charge_type}", max_length=1000)
    day_form: DayForm = DayForm.ISO
    """How descriptions write days."""
    unit_price_scale: int | None = Field(default=None, ge=0, le=MAX_SCALE)
    """Decimals of unit prices; None: as many as the PSA keeps."""
    allow_zero_price: bool = False
    late_one_time: WhenInvoiced = WhenInvoiced.NEXT_OPEN_PERIOD
    """What becomes of a one-time charge whose billing period is invoiced."""
    late_recurring: WhenInvoiced = WhenInvoiced.HOLD
    """The same of a recurring charge; in the next open period it bills once."""
    when_longer_than_cycle: WhenLonger = WhenLonger.ONE_TIME
    when_changed_after_invoicing: WhenChanged = WhenChanged.TRUE_UP
    when_undecided: dict[UndecidedCause, UndecidedRule] = Field(default_factory=dict)
    """What becomes of an addition that bills although no charge stands behind it; a cause that is absent asks."""

    @model_validator(mode="before")
    @classmethod
    def _read_the_former_rule(cls, document: Any) -> Any:
        # Deprecated: one rule was for all late charges. Saved documents have it, and callers may still send it.
        if not isinstance(document, Mapping) or FORMER_LATE_RULE not in document:
            return document
        rest = {name: value for name, value in document.items() if name != FORMER_LATE_RULE}
        former = document[FORMER_LATE_RULE]
        return {"late_one_time": former, "late_recurring": former, **rest}

    @field_validator("charge_start")
    @classmethod
    def _start_is_a_day(cls, rule: DateRule | None) -> DateRule | None:
        return refuse_open_start(rule)

    @field_validator("description_template")
    @classmethod
    def _template_is_known(cls, template: str) -> str:
        check_template(template)
        return template

    def of(self, charge_type: ChargeType) -> ChargeTypeRules:
        """The rules of one charge type, all defaults where nobody set any."""
        return self.by_charge_type.get(charge_type, _NOTHING_SPECIAL)


def refuse_open_start(rule: DateRule | None) -> DateRule | None:
    """A start is a day: only an end can be open.

    Raises:
        ValueError: the rule says `open_ended`.
    """
    if rule is not None and rule.kind is DateRuleKind.OPEN_ENDED:
        message = "only a charge end can be open-ended"
        raise ValueError(message)
    return rule


_NOTHING_SPECIAL = ChargeTypeRules()
