"""What billing tells: mirrors taken in, lines rated, additions desired, and every change a person made."""

from collections.abc import Mapping, Sequence
from typing import ClassVar
from uuid import UUID

from pydantic import JsonValue

from services.contracts.envelope import Event, Headline
from services.contracts.shapes import Chunk, Closing, DesiredAddition, FieldChange, Outcomes, UnsentLine
from services.contracts.vocabulary import DecisionChoice, LogLevel, MirrorKind, UndecidedCause

_MIRRORED = {
    MirrorKind.ORGANIZATION: "Organizations",
    MirrorKind.OFFER: "Offers",
    MirrorKind.CONTRACT: "Contracts",
    MirrorKind.SUBSCRIPTION: "Subscriptions",
    MirrorKind.COMPANY: "Companies",
    MirrorKind.CATALOG_ITEM: "Catalog items",
    MirrorKind.AGREEMENT_TYPE: "Agreement types",
    MirrorKind.AGREEMENT: "Agreements",
}


class MirrorTaken(Event):
    """Billing has taken in one part of a mirror, lines it concerns re-rated."""

    type: ClassVar[str] = "billing.mirror.taken.v1"
    run_id: UUID
    part: int
    kind: MirrorKind
    created: int
    updated: int

    def headline(self) -> Headline | None:
        if not (self.created or self.updated):
            return None
        title = f"{_MIRRORED[self.kind]} synced"
        return Headline(level=LogLevel.INFO, title=title, details=f"{self.created} new, {self.updated} changed")


class LinesRated(Event):
    """One part of a load has become lines; `outcomes` counts them by status."""

    type: ClassVar[str] = "billing.lines.rated.v1"
    run_id: UUID
    part: int
    period: str
    outcomes: Outcomes


class AdditionsDesired(Event):
    """Up to 500 additions that should exist for a plan's period, or lines that stay behind."""

    type: ClassVar[str] = "billing.additions.desired.v1"
    bulk: ClassVar[bool] = True
    plan_id: UUID
    chunk: Chunk
    additions: list[DesiredAddition]
    unsent: list[UnsentLine]
    closings: list[Closing] = []  # noqa: RUF012 - pydantic copies it, and tells readers that it may be absent
    when_undecided: dict[UndecidedCause, DecisionChoice] = {}  # noqa: RUF012 - see `closings`
    """What the rules say of an addition that bills without a charge; a cause that is absent asks a person."""
    first_period: str | None = None
    """The first period that is billed from here, as the rules in force have it."""


class LinesSettled(Event):
    """Billing has marked one part of a push's lines as sent or failed."""

    type: ClassVar[str] = "billing.lines.settled.v1"
    run_id: UUID
    part: int


class LineEdited(Event):
    """A person changed a line."""

    type: ClassVar[str] = "billing.line.edited.v1"
    line_id: UUID
    period: str
    changes: list[FieldChange]
    reason: str = ""
    line: str = ""
    """The line as people know it: organization and subscription."""

    def headline(self) -> Headline:
        words = f"{self.line or f'Line {self.line_id}'} – {_in_words(self.changes)}"
        details = f"{words} ({self.reason})" if self.reason else words
        return Headline(level=LogLevel.INFO, title="Line edited", details=details)


class LinesEdited(Event):
    """A person changed many lines at once, took that back, or put it in force again."""

    type: ClassVar[str] = "billing.lines.edited.v1"
    bulk_edit_id: UUID
    periods: list[str]
    lines: int
    customers: int
    fields: list[str]
    """Editable fields that it is about."""
    reason: str = ""
    is_undo: bool = False

    def headline(self) -> Headline:
        title = "Bulk edit undone" if self.is_undo else "Lines edited in bulk"
        words = f"{self.lines} lines of {self.customers} customers – {', '.join(map(_word_for, self.fields))}"
        return Headline(level=LogLevel.INFO, title=title, details=f"{words} ({self.reason})" if self.reason else words)


class LineViewChanged(Event):
    """A person saved, changed, shared or removed a view of the grid."""

    type: ClassVar[str] = "billing.line_view.changed.v1"
    view_id: UUID
    name: str
    is_shared: bool
    is_removed: bool = False
    changes: list[FieldChange]

    def headline(self) -> Headline:
        title = f"Saved view {self.name} {'removed' if self.is_removed else 'changed'}"
        return Headline(
            level=LogLevel.INFO, title=title, details=", ".join(_word_for(change.field) for change in self.changes)
        )


class MappingChanged(Event):
    """A person mapped, approved or excluded something; lines not yet sent follow."""

    type: ClassVar[str] = "billing.mapping.changed.v1"
    mapping: str
    """organization, product or agreement."""
    external_id: str
    name: str
    changes: list[FieldChange]
    names: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it, and tells readers that it may be absent
    """What ConnectWise calls a chosen record, by `<field>/<id>`."""

    def headline(self) -> Headline:
        title = f"Mapping of {self.mapping} {self.name} changed"
        return Headline(level=LogLevel.INFO, title=title, details=_in_words(self.changes, self.names))


class RulesChanged(Event):
    """A new version of the billing rules is in force for lines loaded from now on."""

    type: ClassVar[str] = "billing.rules.changed.v1"
    version: int
    changes: list[FieldChange]

    def headline(self) -> Headline:
        fields = ", ".join(_word_for(change.field) for change in self.changes)
        return Headline(level=LogLevel.INFO, title=f"Billing rules version {self.version} saved", details=fields)


_WORDS = {
    "company_id": "company",
    "agreement_id": "agreement",
    "product_id": "catalog item",
    "default_agreement_type_id": "preferred agreement type",
    "by_charge_type": "rules of charge types",
    "description_template": "description on the invoice",
    "day_form": "date format of descriptions",
    "quantities": "decimals of a unit price",
    "allow_zero_price": "lines at price zero",
    "late_one_time": "late one-time charges",
    "late_recurring": "late recurring charges",
    "pricing": "prices",
    "overrides": "exceptions to the rules",
    "collapse_usage": "usage as one addition",
    "when_undecided": "additions that bill without a charge",
    "first_period": "first period we bill",
}


def _word_for(field: str) -> str:
    return _WORDS.get(field, field.replace("_", " "))


def _in_words(changes: Sequence[FieldChange], names: Mapping[str, str] | None = None) -> str:
    known = names or {}

    def show(field: str, value: JsonValue) -> str:
        if value is None:
            return "not set"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return known.get(f"{field}/{value}", str(value))

    def tell(change: FieldChange) -> str:
        return f"{_word_for(change.field)}: {show(change.field, change.before)} → {show(change.field, change.after)}"

    return "; ".join(map(tell, changes))
