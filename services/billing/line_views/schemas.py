"""Saved views as people and programs see them."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.billing.lines.filters import MOST_KEYS, LineFilter, LineGrouping, LineSort

MOST_COLUMNS = 100
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Width = Annotated[int, Field(ge=20, le=2000)]


class ViewContent(BaseModel):
    """What a view shows. A filter without a period follows the month that is worked on."""

    model_config = ConfigDict(extra="forbid")

    filter: LineFilter = LineFilter()
    sort: list[LineSort] = Field(default=[], max_length=MOST_KEYS)
    columns: list[ColumnName] | None = Field(
        default=None, max_length=MOST_COLUMNS, description="Columns in their order; null leaves them as they are"
    )
    widths: dict[ColumnName, Width] = Field(default={}, max_length=MOST_COLUMNS, description="Column → pixels")
    group_by: LineGrouping | None = None


class LineViewIn(BaseModel):
    """A new view of one's own."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    content: ViewContent
    is_default: bool = Field(default=False, description="One begins with it; takes the place of the default before")


class LineViewChange(LineViewIn):
    """The view as it is to be, whole. `version` is the one it was read with."""

    version: int


class Sharing(BaseModel):
    """Whether everybody sees the view. `version` is the one it was read with."""

    model_config = ConfigDict(extra="forbid")

    is_shared: bool
    version: int


class LineViewOut(BaseModel):
    """A saved view."""

    id: UUID
    name: str
    content: ViewContent
    owner: str
    is_own: bool = Field(description="Whoever asks is its owner, and alone may change it")
    is_shared: bool
    is_default: bool = Field(description="Whoever asks begins with it")
    version: int
    updated_at: AwareDatetime


class LineViews(BaseModel):
    """One's own views and those that are shared, by name."""

    items: list[LineViewOut]
