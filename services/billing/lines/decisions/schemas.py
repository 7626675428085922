"""What people may decide about a line, and what they have decided."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, JsonValue

from services.billing.rules.editable import Editor
from services.contracts.vocabulary import Provenance


class EditableFieldItem(BaseModel):
    """A field that people may change: its name in a change, what people call it, and how they choose a value."""

    field: str
    label: str
    editor: Editor
    after_invoicing: bool = Field(description="Whether it can still be changed once the PSA has invoiced the line")
    choices: list[str] = Field(description="The values to choose from; empty where the editor is for any")


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


class FieldOrigin(BaseModel):
    """Where the value of a field comes from. Money and quantities are decimal strings, days are ISO."""

    field: str
    label: str
    editor: Editor
    provenance: Provenance
    value: JsonValue = Field(description="In force; a description as it goes out")
    source: JsonValue = Field(description="What the marketplace charged; null for what only rules and people say")
    system: JsonValue = Field(description="What the rules say, or would say if no person had decided")
    user: JsonValue = Field(description="What a person decided; a description with its placeholders")
    explanation: str = Field(description="Why the rules say so")
    edit_id: UUID | None = Field(description="The person's edit, as it can be reverted")
    decided_by: str | None
    decided_at: AwareDatetime | None
    reason: str
    why_not: str = Field(description="Why it cannot be changed; empty where it can")


class LineOriginsOut(BaseModel):
    """Every editable field of a line with its origin; `rules_version` is that of the rules behind them."""

    line_id: UUID
    version: int
    rules_version: int
    items: list[FieldOrigin]
    names: dict[str, str] = Field(description="Id of a product or agreement among the values → its name")


class EditToRevert(BaseModel):
    """`version` is that of the line read before."""

    version: int
