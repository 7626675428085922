"""Plans and operations as people and programs see them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from services.contracts.money import Amount, AmountsByCurrency
from services.contracts.periods import Period
from services.contracts.shapes import FieldChange, PlanScope, Tally
from services.contracts.vocabulary import OperationKind, PlanStatus

CREATES = (OperationKind.CREATE, OperationKind.TRUE_UP)
ENDS = (OperationKind.CANCEL, OperationKind.CLOSE)
WRITES = (*CREATES, OperationKind.UPDATE, *ENDS, OperationKind.ADOPT)
MOST_NAMED = 10_000  # organizations, agreements or lines that one plan may name

ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class OperationStatus(StrEnum):
    """How far the write of one operation has come."""

    PLANNED = "planned"
    SENDING = "sending"  # its intent is committed; whether the write left is known only by looking
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"  # sent, no answer, and not found since

    @property
    def is_final(self) -> bool:
        return self in (OperationStatus.DONE, OperationStatus.FAILED)


class PlanIn(BaseModel):
    """What the plan is about. Whatever is given besides the period narrows it.

    An empty list is refused: a client whose selection came out empty must not get a plan for everybody.
    """

    model_config = ConfigDict(extra="forbid")

    period: Period
    organizations: list[ExternalId] = Field(default_factory=list, min_length=1, max_length=MOST_NAMED)
    agreements: list[ExternalId] = Field(default_factory=list, min_length=1, max_length=MOST_NAMED)
    lines: list[UUID] = Field(default_factory=list, min_length=1, max_length=MOST_NAMED)
    subscription: ExternalId | None = None

    def as_scope(self) -> PlanScope:
        return PlanScope(
            period=self.period,
            organization_ids=sorted(set(self.organizations)),
            agreement_ids=sorted(set(self.agreements)),
            line_ids=sorted(set(self.lines)),
            subscription_id=self.subscription,
        )


class PlanSummary(BaseModel):
    """How many additions need what."""

    create: int = 0
    update: int = 0
    cancel: int = 0
    close: int = 0
    adopt: int = 0
    true_up: int = 0
    undecided: int = 0
    none: int = 0


class PlanOut(BaseModel):
    """The difference for one scope. `amounts` is what all its additions bill, lines already sent included."""

    id: UUID
    period: str
    scope: PlanScope
    status: PlanStatus
    summary: PlanSummary
    amounts: AmountsByCurrency
    unsent: Tally
    calls_needed: int = Field(description="PSA calls that applying it takes, the proof included")
    error: str
    moved: list[str] = Field(description="What changed since it was computed; a stale plan cannot be applied")
    requested_by: str
    created_at: datetime
    computed_at: datetime | None
    computing_run_id: UUID | None = Field(description="The run that computes or computed it")
    run_id: UUID | None = Field(description="The push that applies or applied it")


class OperationOut(BaseModel):
    """What one addition needs, why, and what became of it."""

    id: UUID
    kind: OperationKind
    organization: str
    company: str
    agreement: str
    agreement_id: str
    addition_id: str | None
    product: str
    subscription: str
    currency: str
    amount: Amount
    line_id: UUID | None
    before: dict[str, JsonValue]
    after: dict[str, JsonValue]
    changes: list[FieldChange]
    explanation: list[str]
    warnings: list[str]
    status: OperationStatus
    error: str
