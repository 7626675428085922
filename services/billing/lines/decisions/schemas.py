"""What people may decide about a line, and what they have decided."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, JsonValue

from services.billing.rules.editable import Editor


class EditableFieldItem(BaseModel):
    """A field that people may change: its name in a change, what people call it, and how they choose a value."""

    field: str
    label: str
    editor: Editor


class EditableFields(BaseModel):
    """Every field of an invoice line that people may change."""

    items: list[EditableFieldItem]


class DecisionItem(BaseModel):
    """What one edit decided about one field of a line. A null value gave the field back to the rules."""

    id: int
    edit_id: UUID
    field: str
    label: str
    value: JsonValue
    actor: str
    reason: str
    decided_at: AwareDatetime
    reverted_at: AwareDatetime | None
    reverted_by: str | None


class EditToRevert(BaseModel):
    """`version` is that of the line read before."""

    version: int
