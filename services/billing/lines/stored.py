"""A line as it is kept: as it was invoiced, what people decided, what the rules made of both, what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from services.billing.rules.desired import PlannedLine
from services.billing.rules.editable import apply_decisions
from services.billing.rules.line import Line, Rated
from services.contracts.vocabulary import LineStatus


@dataclass(frozen=True, slots=True)
class StoredLine:
    """`version` grows with every change. `line` is as invoiced; `effective` is what rating works with."""

    id: UUID
    version: int
    rules_version: int
    line: Line
    rated: Rated
    push_error: str = ""
    sent_at: datetime | None = None
    addition_id: str | None = None
    decisions: Mapping[str, JsonValue] = field(default_factory=dict)
    """Editable field → what the newest decision in force says; kept in a table of its own."""

    @property
    def effective(self) -> Line:
        return apply_decisions(self.line, self.decisions)

    @property
    def is_sent(self) -> bool:
        return self.rated.status is LineStatus.SENT

    @property
    def charge_type(self) -> str:
        """A core charge type, or the upstream text where it is none."""
        return self.rated.charge_type or self.line.charge_type

    def plan(self) -> PlannedLine:
        return PlannedLine(self.id, self.version, self.rules_version, self.effective, self.rated)

    def changed(self, line: Line, rated: Rated, rules_version: int) -> "StoredLine":
        """The next version, or this one when nothing differs. A failed push is forgotten unless the line says it."""
        push_error = self.push_error if line.push_failed else ""
        after = replace(self, line=line, rated=rated, rules_version=rules_version, push_error=push_error)
        return self if after == self else replace(after, version=self.version + 1)

    def forget_sending(self) -> "StoredLine":
        """As if it had never been sent."""
        line = replace(
            self.line,
            sent_fingerprint=None,
            sent_marker=None,
            sent_recurring=None,
            sent_gathered=False,
            sent_amount=None,
            sent_agreement_id=None,
            sent_from=None,
            sent_through=None,
            sent_start=None,
            sent_end=None,
            sent_price_terms=None,
        )
        return replace(self, line=line, sent_at=None, addition_id=None)

    def planned(self, planned: PlannedLine) -> "StoredLine":
        """With the role that a plan has given it."""
        line = self.line
        if line.drives is not planned.line.drives or line.push_failed is not planned.line.push_failed:
            line = replace(line, drives=planned.line.drives, push_failed=planned.line.push_failed)
        return self.changed(line, planned.rated, self.rules_version)
