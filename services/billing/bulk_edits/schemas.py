"""Bulk edits as people and programs see them."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from services.billing.bulk_edits.changes import (
    Change,
    SkipReason,
    ValuesPerLine,
    require_one_change_for_each_field,
)
from services.billing.line_files.refusals import RefusalReason
from services.billing.lines.filters import LineFilter
from services.contracts.money import AmountsByCurrency
from services.contracts.periods import Period
from services.contracts.shapes import FieldChange, Tally
from services.contracts.vocabulary import HoldReason, LineStatus
from services.kit.sheets.formats import FileFormat

MOST_LINES = 200_000  # two of the largest months; their decisions fit into one transaction
MOST_IDS = 5_000
MOST_CUSTOMERS = 500
REASON = Field(default="", max_length=500)


class BulkEditStatus(StrEnum):
    PREVIEWING = "previewing"
    READY = "ready"  # its preview is there; nothing is changed yet
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    REDOING = "redoing"
    STALE = "stale"  # lines moved since its preview: nothing was changed
    FAILED = "failed"

    @property
    def is_at_work(self) -> bool:
        return self in (
            BulkEditStatus.PREVIEWING,
            BulkEditStatus.APPLYING,
            BulkEditStatus.UNDOING,
            BulkEditStatus.REDOING,
        )


class LineScope(BaseModel):
    """Which lines: those that match a filter whenever it is applied, some by id, or those that a change names."""

    model_config = ConfigDict(extra="forbid")

    filter: LineFilter | None = None
    line_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_IDS)] | None = None
    of_values: Literal[True] | None = Field(None, description="In answers: the lines that the change 'values' names")
    unless_changed_since: AwareDatetime | None = Field(
        None,
        description="Leave out, with who changed it, each line that came or changed after this instant: that at which "
        "a preview was asked for that became stale",
    )

    @model_validator(mode="after")
    def _is_one_of_them(self) -> "LineScope":
        if [self.filter is not None, self.line_ids is not None, self.of_values is not None].count(True) != 1:
            message = "give a filter or line_ids, and not both"
            raise ValueError(message)
        return self


class BulkEditIn(BaseModel):
    """What to change on which lines. Nothing is changed before the preview was applied."""

    model_config = ConfigDict(extra="forbid")

    scope: LineScope | None = Field(default=None, description="Absent where the change 'values' names its lines")
    changes: list[Change] = Field(min_length=1, max_length=20)
    reason: str = REASON

    @field_validator("changes")
    @classmethod
    def _each_field_once(cls, changes: list[Change]) -> list[Change]:
        require_one_change_for_each_field(changes)
        return changes

    @model_validator(mode="after")
    def _names_its_lines(self) -> "BulkEditIn":
        if self.values is None:
            message = "give a scope: a filter or line_ids" if self.scope is None else ""
            if self.scope is not None and self.scope.of_values:
                message = "only the change 'values' names its lines itself"
        else:
            message = "the change 'values' stands alone, without a scope"
            if len(self.changes) == 1 and self.scope is None:
                message = "" if self.values.values else "say which values which lines get"
        if message:
            raise ValueError(message)
        return self

    @property
    def values(self) -> ValuesPerLine | None:
        """The change that gives lines values of their own, if there is one."""
        return next((each for each in self.changes if isinstance(each, ValuesPerLine)), None)


class BulkEditToApply(BaseModel):
    """Why, where it was not said before."""

    model_config = ConfigDict(extra="forbid")

    reason: str = REASON


class Skipped(BaseModel):
    """Lines that are left as they are, for one reason."""

    reason: SkipReason
    words: str = Field(description="The reason of the first of them, for people")
    lines: Tally


class ChangedLine(BaseModel):
    """One line before and after, as a sample. `changes` says what is in force, whoever decided it."""

    line_id: UUID
    organization: str
    subscription: str
    currency: str
    changes: list[FieldChange]
    status_before: LineStatus
    status_after: LineStatus
    hold_reasons: list[HoldReason] = Field(description="What would hold it afterwards")


class SkippedLine(BaseModel):
    """One line that is left as it is, as a sample."""

    line_id: UUID
    organization: str
    subscription: str
    reason: SkipReason
    words: str


class ChangedCustomer(BaseModel):
    """What a bulk edit would do at one organization."""

    organization_id: str
    organization: str
    changed: Tally
    skipped: int = Field(description="Its lines that are left as they are")


class BulkPreview(BaseModel):
    """What a bulk edit would do: lines, customers, money, and what is left out."""

    matched: int
    changed: Tally
    customers: int = Field(description="Organizations with a changed line")
    already_sent: Tally = Field(description="Changed lines that the PSA has: their additions are updated by a plan")
    skipped: list[Skipped]
    before: dict[LineStatus, Tally] = Field(description="Changed lines by their status now")
    after: dict[LineStatus, Tally] = Field(description="The same lines by their status afterwards")
    will_bill_before: AmountsByCurrency = Field(description="What the PSA is expected to bill for ready and sent ones")
    will_bill_after: AmountsByCurrency
    samples: list[ChangedLine]
    skipped_samples: list[SkippedLine]
    holds_after: dict[HoldReason, Tally] = Field(
        default_factory=dict, description="What would hold changed lines afterwards; a line with two reasons is in both"
    )
    by_customer: list[ChangedCustomer] = Field(
        default_factory=list, description=f"The first {MOST_CUSTOMERS} organizations with a matching line, by name"
    )
    names: dict[str, str] = Field(
        default_factory=dict, description="Ids of PSA records among the values of samples, and what people call them"
    )


class ImportedFile(BaseModel):
    """An edited file that brought the values, and what was found in it so far."""

    name: str
    format: FileFormat
    period: Period | None = Field(description="Lines of other months are refused; null takes any")
    is_read: bool = False
    rows: int = Field(default=0, description="Rows with something in them, without headers")
    unchanged: int = Field(default=0, description="Rows in which nothing differs from the line")
    lines: int = Field(default=0, description="Lines with a change that can be made")
    cells: int = Field(default=0, description="Changes that can be made")
    refused: int = Field(default=0, description="Cells and rows that were refused")


class RefusedCellItem(BaseModel):
    """One cell, or a whole row, of an imported file that changes nothing, and why."""

    number: int
    sheet: str
    row: int = Field(description="As the spreadsheet counts, its header being row 1")
    column: str = Field(description="Its title; empty where the whole row is refused")
    at: str = Field(description="As the spreadsheet names it, such as H12")
    value: str
    line_id: UUID | None
    reason: RefusalReason
    words: str


class BulkEditOut(BaseModel):
    """A bulk edit. `done` of `total` lines are worked through while it is at work."""

    id: UUID
    status: BulkEditStatus
    scope: LineScope
    changes: list[Change]
    file: ImportedFile | None = None
    reason: str
    needs_reason: bool = Field(description="So many lines change that applying needs a reason")
    preview: BulkPreview | None
    done: int
    total: int
    error: str
    created_by: str
    created_at: AwareDatetime
    applied_by: str | None
    applied_at: AwareDatetime | None
    undone_by: str | None
    undone_at: AwareDatetime | None
