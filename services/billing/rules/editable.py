"""The fields of a line that people may change. An entry here is all that a new one needs.

A decision is kept as JSON beside the line and applied to it before the rules see it, here and nowhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, JsonValue, StringConstraints

from services.billing.rules.line import Line
from services.contracts.vocabulary import MirrorKind

# A typing slip in a year is refused here; nothing is billed in the last century or the next.
EditableDate = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
EditableId = Annotated[str, StringConstraints(max_length=100)]


class Editor(StrEnum):
    """How a screen lets people choose a value."""

    DATE = "date"
    SWITCH = "switch"
    TEXT = "text"
    AGREEMENT = "agreement"


# A decision as it was stored → what a Line holds. Bounds are checked when people decide, not when lines are read.
_READ: dict[Editor, Callable[[Any], Any]] = {
    Editor.DATE: date.fromisoformat,
    Editor.SWITCH: bool,
    Editor.TEXT: str,
    Editor.AGREEMENT: str,
}


@dataclass(frozen=True, slots=True)
class EditableField:
    """What people call it, how they edit it, which value of `Line` it sets, and how what they say is checked."""

    label: str
    editor: Editor
    sets: str
    accepts: Any
    """Type of the value, as pydantic checks it; None gives the field back to the rules."""
    refers_to: MirrorKind | None = None
    """The value is the id of such a record and has to exist."""


EDITABLE: dict[str, EditableField] = {
    "charge_start_date": EditableField("Charge start", Editor.DATE, "user_start", EditableDate),
    "charge_end_date": EditableField("Charge end", Editor.DATE, "user_end", EditableDate),
    "agreement_id": EditableField(
        "Agreement", Editor.AGREEMENT, "user_agreement_id", EditableId, refers_to=MirrorKind.AGREEMENT
    ),
    "excluded": EditableField("Excluded", Editor.SWITCH, "is_excluded", bool),
}

AFTER_INVOICING = frozenset({"excluded"})
"""What people may still decide about a line that the PSA has invoiced."""


def apply_decisions(line: Line, decisions: Mapping[str, JsonValue]) -> Line:
    """The line as it is in force: what the marketplace invoiced, with what people decided instead."""
    if not decisions:
        return line
    decided = {
        field.sets: _READ[field.editor](value)
        for name, field in EDITABLE.items()
        if (value := decisions.get(name)) is not None
    }
    return replace(line, **decided) if decided else line
