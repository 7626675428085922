"""What of an edited file is refused, and why. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

LONGEST_SHOWN = 200  # characters of a refused cell that are kept


class RefusalReason(StrEnum):
    """Why a cell or a row of a file changes nothing."""

    NO_SUCH_LINE = "no_such_line"  # its id is missing, unreadable, edited, or another partner's
    OTHER_MONTH = "other_month"
    STALE_VERSION = "stale_version"  # the line was changed since the file was exported
    DUPLICATE_LINE = "duplicate_line"
    WRONG_COLUMN_COUNT = "wrong_column_count"
    UNKNOWN_COLUMN = "unknown_column"
    NOT_EDITABLE = "not_editable"
    FORMULA = "formula"
    UNREADABLE_VALUE = "unreadable_value"
    NOTHING_TO_TAKE_BACK = "nothing_to_take_back"
    NO_SUCH_RECORD = "no_such_record"  # the PSA has none of this id


@dataclass(frozen=True, slots=True)
class RefusedCell:
    """A cell by its title and its place; a whole row has neither title nor value."""

    sheet: str
    row: int
    column: str
    at: str
    value: str
    line_id: UUID | None
    reason: RefusalReason
    words: str
