"""What a bulk edit changes, and what that means for one line. Pure.

A change says what is to happen in words that fit any line; resolved for a line, it is a decision about some of its
editable fields, or a reason why the line is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from services.billing.lines.stored import StoredLine
from services.billing.rules.agreements import find_only_fit
from services.billing.rules.book import RateBook
from services.billing.rules.editable import EDITABLE, check_value
from services.billing.rules.frozen import find_price_of_one
from services.billing.rules.open_period import find_open_period, spell_days
from services.billing.rules.price_rules import MOST_DECIMALS, refuse_percent
from services.billing.rules.pricing import change_by_percent
from services.contracts.invoicing.exact import ONE, minor_unit
from services.contracts.invoicing.periods import add_days, add_months
from services.contracts.money import Amount, as_text
from services.contracts.vocabulary import HoldReason

DateField = Literal["charge_start_date", "charge_end_date"]
DATES: tuple[DateField, ...] = ("charge_start_date", "charge_end_date")
MOST_VALUES = 5_000
"""Lines that one request may give values of their own; a file brings more."""


class SkipReason(StrEnum):
    """Why a bulk edit leaves a line as it is."""

    UNCHANGED = "unchanged"  # it has the wanted values already
    INVOICED = "invoiced"  # the PSA has invoiced it
    CHANGED_SINCE = "changed_since"  # it changed after the preview that people had seen before
    NO_DATE = "no_date"  # it has no date that could be moved
    DATE_OUT_OF_RANGE = "date_out_of_range"
    NO_AGREEMENT = "no_agreement"  # its company has no agreement that would do
    SEVERAL_AGREEMENTS = "several_agreements"
    PERIOD_IS_OPEN = "period_is_open"  # it need not be moved to another period
    STALE_VERSION = "stale_version"  # it was changed since its values were typed
    NO_PRICE = "no_price"  # nothing is billed for it, or nobody knows what, so no percentage of it says anything
    PRICE_OUT_OF_RANGE = "price_out_of_range"


@dataclass(frozen=True, slots=True)
class Skip:
    """A line that is left out, and why in words."""

    reason: SkipReason
    words: str


Values = dict[str, JsonValue]
Resolved = Values | Skip


class _Change(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SetField(_Change):
    """Give a field one value on every line."""

    kind: Literal["set"]
    field: str
    value: JsonValue

    @model_validator(mode="after")
    def _value_fits(self) -> "SetField":
        require_editable([self.field])
        if self.value is None:
            message = "use the change 'clear' to give a field back to the rules"
            raise ValueError(message)
        accept(self.field, self.value)
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field,)

    def resolve(self, _line: StoredLine, _book: RateBook) -> Resolved:
        return {self.field: check_value(self.field, self.value)}


class ClearFields(_Change):
    """Give fields back to the rules: all that people may edit, or some."""

    kind: Literal["clear"]
    fields: tuple[str, ...] = Field(default=tuple(EDITABLE), min_length=1)

    @model_validator(mode="after")
    def _fields_exist(self) -> "ClearFields":
        require_editable(self.fields)
        return self

    def resolve(self, line: StoredLine, _book: RateBook) -> Resolved:
        return {name: None for name in self.fields if line.decisions.get(name) is not None}


class ShiftDates(_Change):
    """Move the dates that lines have now: by whole months first, then by days. An open end stays open."""

    kind: Literal["shift_dates"]
    fields: tuple[DateField, ...] = Field(default=DATES, min_length=1)
    months: int = Field(default=0, ge=-24, le=24)
    days: int = Field(default=0, ge=-366, le=366)

    @model_validator(mode="after")
    def _moves(self) -> "ShiftDates":
        if not (self.months or self.days):
            message = "say by how many months or days"
            raise ValueError(message)
        return self

    def resolve(self, line: StoredLine, _book: RateBook) -> Resolved:
        held = {"charge_start_date": line.rated.start.value, "charge_end_date": line.rated.end.value}
        moved = {name: self._move(day) for name in self.fields if (day := held[name]) is not None}
        if not moved:
            return Skip(SkipReason.NO_DATE, "it has no date to move")
        for name, day in moved.items():
            if not _is_accepted(name, day.isoformat()):
                return Skip(SkipReason.DATE_OUT_OF_RANGE, f"{day.isoformat()} is out of range")
        return {name: day.isoformat() for name, day in moved.items()}

    def _move(self, day: date) -> date:
        return add_days(add_months(day, self.months), self.days)


class AgreementOfType(_Change):
    """Choose, at each customer's own company, its one agreement of a type."""

    kind: Literal["agreement_of_type"]
    type_id: str = Field(min_length=1, max_length=100)

    @property
    def fields(self) -> tuple[str, ...]:
        return ("agreement_id",)

    def resolve(self, line: StoredLine, book: RateBook) -> Resolved:
        company_id = book.mapping_of(line.line).company_id
        if company_id is None:
            return Skip(SkipReason.NO_AGREEMENT, "its organization has no company yet")
        of_type = [terms for terms in book.agreements_of(company_id) if terms.facts.type_id == self.type_id]
        choice = find_only_fit(of_type, line.line.currency, None)
        if choice.terms is not None and choice.reason is None:
            return {"agreement_id": choice.terms.facts.agreement_id}
        several = choice.reason is HoldReason.AGREEMENT_AMBIGUOUS
        return Skip(SkipReason.SEVERAL_AGREEMENTS if several else SkipReason.NO_AGREEMENT, choice.explanation)


class NextOpenPeriod(_Change):
    """Move lines whose billing period is invoiced to the next one that is not."""

    kind: Literal["next_open_period"]

    @property
    def fields(self) -> tuple[str, ...]:
        return DATES

    def resolve(self, line: StoredLine, book: RateBook) -> Resolved:
        if HoldReason.PERIOD_ALREADY_INVOICED not in line.rated.hold_reasons:
            return Skip(SkipReason.PERIOD_IS_OPEN, "its billing period is not invoiced")
        terms = book.terms.get(line.rated.agreement_id or "")
        period = find_open_period(terms) if terms else None
        if period is None:
            return Skip(SkipReason.NO_AGREEMENT, "its agreement has no open billing period")
        if not _is_accepted("charge_end_date", period.end.isoformat()):
            return Skip(SkipReason.DATE_OUT_OF_RANGE, f"its open period, {spell_days(period)}, has no end")
        if line.rated.is_recurring:
            return {"charge_start_date": period.start.isoformat()}
        return {"charge_start_date": period.start.isoformat(), "charge_end_date": period.end.isoformat()}


class ValuesOfLine(BaseModel):
    """What to change on one line; null gives a field back to the rules. `version` is that of the line read before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    version: int = Field(ge=1)
    changes: dict[str, JsonValue] = Field(min_length=1)

    @field_validator("changes")
    @classmethod
    def _fits(cls, changes: Values) -> Values:
        require_editable(list(changes))
        return {name: None if value is None else accept(name, value) for name, value in changes.items()}


class ValuesPerLine(_Change):
    """Give each line values of its own. It stands alone, and names the lines itself: give no scope with it."""

    kind: Literal["values"]
    values: tuple[ValuesOfLine, ...] = Field(
        default=(), max_length=MOST_VALUES, description="What is wanted; not repeated in answers"
    )
    edited: tuple[str, ...] = Field(default=(), description="In answers: the fields that change on some line")
    lines: int = Field(default=0, description="In answers: how many lines it names")

    @field_validator("values")
    @classmethod
    def _each_line_once(cls, values: tuple[ValuesOfLine, ...]) -> tuple[ValuesOfLine, ...]:
        if len({each.id for each in values}) < len(values):
            message = "a line stands there twice"
            raise ValueError(message)
        return values

    @property
    def fields(self) -> tuple[str, ...]:
        return self.edited

    @cached_property
    def _by_line(self) -> dict[UUID, ValuesOfLine]:
        return {each.id: each for each in self.values}

    def of_batch(self, values: Iterable[tuple[UUID, int, Values]]) -> "ValuesPerLine":
        """The same change with the values of some lines: id, version, field → value."""
        known = (ValuesOfLine.model_construct(id=line, version=at, changes=each) for line, at, each in values)
        return ValuesPerLine.model_construct(kind="values", values=tuple(known), edited=self.edited, lines=self.lines)

    def resolve(self, line: StoredLine, _book: RateBook) -> Resolved:
        wanted = self._by_line[line.id]
        if wanted.version != line.version:
            return Skip(SkipReason.STALE_VERSION, f"it is at version {line.version} now, not {wanted.version}")
        return dict(wanted.changes)


class PercentOfPrice(_Change):
    """Change the unit prices that lines are billed with by a percentage: of what is billed for one of its units now.

    The new price is rounded half away from zero: to the smallest unit of its currency, or to so many decimals.
    """

    kind: Literal["percent"]
    field: Literal["unit_price"] = "unit_price"
    percent: Annotated[Amount, AfterValidator(refuse_percent)]
    decimals: int | None = Field(default=None, ge=0, le=MOST_DECIMALS)

    @model_validator(mode="after")
    def _changes_something(self) -> "PercentOfPrice":
        if not self.percent:
            message = "say by how many percent: 5 raises a price of 100 to 105, -5 lowers it to 95"
            raise ValueError(message)
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        return ("unit_price",)

    def resolve(self, line: StoredLine, book: RateBook) -> Resolved:
        price = find_price_of_one(line.effective, book)
        if price is None:
            return Skip(SkipReason.NO_PRICE, "it has no price that could be changed by a percentage")
        step = minor_unit(line.line.currency) if self.decimals is None else ONE.scaleb(-self.decimals)
        value = as_text(change_by_percent(price, self.percent, step))
        if not _is_accepted("unit_price", value):
            return Skip(SkipReason.PRICE_OUT_OF_RANGE, f"a unit price of {value} is out of range")
        return {"unit_price": value}


Change = Annotated[
    SetField | ClearFields | ShiftDates | AgreementOfType | NextOpenPeriod | PercentOfPrice | ValuesPerLine,
    Field(discriminator="kind"),
]
_CHANGES: TypeAdapter[list[Change]] = TypeAdapter(list[Change])


def accept(field: str, value: JsonValue) -> JsonValue:
    """A value as it is kept; ValueError, in words, where the field does not take it."""
    try:
        return check_value(field, value)
    except ValidationError as fault:
        message = f"{field}: {fault.errors()[0]['msg']}"
        raise ValueError(message) from fault


def require_editable(fields: Sequence[str]) -> None:
    """Raise ValueError for a field that people may not edit."""
    for name in fields:
        if name not in EDITABLE:
            message = f"{name} cannot be edited; these can: {', '.join(EDITABLE)}"
            raise ValueError(message)


def require_one_change_for_each_field(changes: Sequence[Change]) -> None:
    """Raise ValueError where two changes are about one field: their order would decide."""
    seen: set[str] = set()
    for change in changes:
        for name in change.fields:
            if name in seen:
                message = f"two changes are about {name}"
                raise ValueError(message)
            seen.add(name)


def resolve(line: StoredLine, changes: Sequence[Change], book: RateBook) -> Resolved:
    """What all changes together decide about a line; one that leaves it out leaves it out of all."""
    values: Values = {}
    for change in changes:
        found = change.resolve(line, book)
        if isinstance(found, Skip):
            return found
        values |= found
    return values


def _is_accepted(field: str, value: JsonValue) -> bool:
    try:
        check_value(field, value)
    except ValidationError:
        return False
    return True


def read_changes(documents: Sequence[Mapping[str, JsonValue]]) -> list[Change]:
    """Changes as they were stored."""
    return _CHANGES.validate_python(documents)
