"""The billing rules of one partner: what an administrator may decide, every choice with a default.

The model is what the API speaks and what is stored as JSON, one row per version. An empty document is
valid and means "all defaults", so that a field added later needs no migration.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from services.billing.rules.day_forms import DayForm
from services.billing.rules.price_rules import Override, Pricing
from services.billing.rules.templates import check_template
from services.contracts.periods import Period
from services.contracts.vocabulary import BillOption, ChargeType, DecisionChoice, UndecidedCause

MOST_OVERRIDES = 2000  # each is compared with every kind of line once for a load
FORMER_LATE_RULE = "when_already_invoiced"
FORMER_PRICE_DECIMALS = "unit_price_scale"
FORMER_RANGE = range(7)
MOST_COARSE_DECIMALS = 2


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


class Quantities(StrEnum):
    """Which gives way where no unit price of two decimals comes to the total: the decimals, or the quantity."""

    KEEP_QUANTITY = "keep_quantity"
    TWO_DECIMALS = "two_decimals"


class RecurringEnd(StrEnum):
    """Through which day a recurring addition bills, where neither a user nor a date rule says it."""

    OPEN_ENDED = "open_ended"
    PERIOD_CHARGED = "period_charged"


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
    quantities: Quantities = Quantities.KEEP_QUANTITY
    """Unit prices have as many decimals as their total needs and the PSA keeps, or two where an accounting export
    rounds them; then more charges go out as quantity 1."""
    allow_zero_price: bool = False
    drop_zero_lines: bool = False
    """A line that charges nothing is not sent, and nobody is asked about it."""
    drop_favourable_prorations: bool = False
    """Corrections of a subscription that come to a credit together are not passed on (see `dropping`). Like the first
    period, both hold at once for every line that is not sent: what is passed on does not depend on when a line came.
    """
    late_one_time: WhenInvoiced = WhenInvoiced.NEXT_OPEN_PERIOD
    """What becomes of a one-time charge whose billing period is invoiced."""
    late_recurring: WhenInvoiced = WhenInvoiced.HOLD
    """The same of a recurring charge; in the next open period it bills once."""
    recurring_end: RecurringEnd = RecurringEnd.OPEN_ENDED
    """Open until its subscription ends, or through the billing period that the newest line charges: each month's line
    extends it then, and nothing bills without a charge. One rule for all charge types, because the first month's
    purchase fee and the cycle fees after it share an addition."""
    when_longer_than_cycle: WhenLonger = WhenLonger.ONE_TIME
    when_changed_after_invoicing: WhenChanged = WhenChanged.TRUE_UP
    pricing: Pricing = Field(default_factory=Pricing)
    """Prices of all lines; an override says what is different for some (see `match`)."""
    overrides: list[Override] = Field(default_factory=list, max_length=MOST_OVERRIDES)
    collapse_usage: bool = False
    """Usage rows of one subscription, month, agreement and currency go out as one addition."""
    when_undecided: dict[UndecidedCause, UndecidedRule] = Field(default_factory=dict)
    """What becomes of an addition that bills although no charge stands behind it; a cause that is absent asks."""
    first_period: Period | None = None
    """The first month that is billed from here; None: every loaded one. What was billed by hand before it is never
    billed again. Unlike the other rules this one holds at once for every line that is not sent, because what people
    have billed does not depend on when a line was loaded."""

    @model_validator(mode="before")
    @classmethod
    def _read_the_former_decimals(cls, document: Any) -> Any:
        # Deprecated: decimals of unit prices were a number. Saved documents have it, and callers may still send it.
        # More decimals than two meant to keep the quantity; how many the PSA keeps is learned by now.
        if not isinstance(document, Mapping) or FORMER_PRICE_DECIMALS not in document:
            return document
        rest = {name: value for name, value in document.items() if name != FORMER_PRICE_DECIMALS}
        former = document[FORMER_PRICE_DECIMALS]
        if former is not None and former not in FORMER_RANGE:
            raise ValueError("unit_price_scale was a number from 0 to 6; say quantities instead")
        is_coarse = former is not None and former <= MOST_COARSE_DECIMALS
        return {"quantities": Quantities.TWO_DECIMALS if is_coarse else Quantities.KEEP_QUANTITY, **rest}

    @model_validator(mode="before")
    @classmethod
    def _read_the_former_rule(cls, document: Any) -> Any:
        # Deprecated: one rule was for all late charges. Saved documents have it, and callers may still send it.
        if not isinstance(document, Mapping) or FORMER_LATE_RULE not in document:
            return document
        rest = {name: value for name, value in document.items() if name != FORMER_LATE_RULE}
        former = document[FORMER_LATE_RULE]
        return {"late_one_time": former, "late_recurring": former, **rest}

    @model_validator(mode="after")
    def _zero_lines_go_or_stay(self) -> "BillingRules":
        if self.allow_zero_price and self.drop_zero_lines:
            message = "lines of zero are either sent or dropped: switch allow_zero_price or drop_zero_lines off"
            raise ValueError(message)
        return self

    @field_validator("charge_start")
    @classmethod
    def _start_is_a_day(cls, rule: DateRule | None) -> DateRule | None:
        return refuse_open_start(rule)

    @field_validator("description_template")
    @classmethod
    def _template_is_known(cls, template: str) -> str:
        check_template(template)
        return template

    @property
    def needs_catalog(self) -> bool:
        """Whether any line is priced, or its cost written, by the PSA's catalog."""
        return any(each.needs_catalog for each in (self.pricing, *(one.pricing for one in self.overrides)))

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
