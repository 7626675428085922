"""Plans and operations as people and programs see them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from services.contracts.money import Amount, AmountsByCurrency
from services.contracts.periods import Period
from services.contracts.shapes import FieldChange, Only, PlanScope, Tally
from services.contracts.vocabulary import ByHand, DecisionChoice, OperationKind, PlanStatus, UndecidedCause

CREATES = (OperationKind.CREATE, OperationKind.TRUE_UP)
ENDS = (OperationKind.CANCEL, OperationKind.CLOSE)
WRITES = (*CREATES, OperationKind.UPDATE, *ENDS, OperationKind.ADOPT)
MOST_NAMED = 10_000  # organizations, agreements or lines that one plan may name
MOST_DECISIONS = 1_000  # taken at once: as many facts for the audit trail in one transaction

Choice = Annotated[
    DecisionChoice, AfterValidator(Only((DecisionChoice.END, DecisionChoice.KEEP, DecisionChoice.LATER)))
]

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


class ByHandSummary(BaseModel):
    """What people made by hand before go-live, beside the charges of a plan."""

    billed_before: Tally = Field(description="Billed before go-live: never sent, and no part of `unsent`")
    asked: Tally = Field(description="Held until a person says what an addition made by hand bills")
    adopted: Tally = Field(description="Charges that take an addition made by hand over")
    untouched: Tally = Field(description="Additions made by hand beside which no charge stands: only shown")


NOTHING_BY_HAND = ByHandSummary(
    billed_before=Tally(count=0), asked=Tally(count=0), adopted=Tally(count=0), untouched=Tally(count=0)
)


class HandMadeAddition(BaseModel):
    """An addition that people made."""

    addition_id: str
    product: str
    description: str
    quantity: Amount
    unit_price: Amount
    bill_option: str
    since: date | None
    until: date | None
    bills: Amount = Field(description="In the charge's billing period; without a charge, in any full period")
    reason: str = Field(description="Why it is not certain that it bills the charge; empty where it is")
    invoice_number: str = Field("", description="The PSA's invoice that has billed it; empty where none is known")


class ByHandEntry(BaseModel):
    """A charge and what people made that bills it already, or may do; or an addition beside which no charge stands."""

    line_id: UUID | None = Field(description="Null for an addition beside which no charge stands")
    organization: str = ""
    organization_id: str = ""
    agreement: str
    agreement_id: str
    subscription: str = ""
    subscription_id: str = ""
    product: str
    product_id: str = ""
    invoice_number: str = ""
    currency: str
    amount: Amount | None = None
    bills_from: date | None = None
    bills_through: date | None = None
    is_invoiced: bool = False
    state: ByHand | None
    words: str
    additions: list[HandMadeAddition]
    choices: list[ByHand] = Field(default_factory=list, description="What a person may say about it")
    decided_by: str = Field("", description="Empty where a plan found it")
    reason: str = ""


class HandDecisionIn(BaseModel):
    """What a person says about a charge that may be billed by hand."""

    model_config = ConfigDict(extra="forbid")

    line_id: UUID
    choice: Annotated[ByHand, AfterValidator(Only((ByHand.ADOPT, ByHand.BILL, ByHand.BILLED)))]
    addition_id: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="Which addition; needed to adopt one, and where it is billed already by one that goes on"
    )
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.choice is ByHand.ADOPT and not self.addition_id:
            raise ValueError("say which addition is adopted")
        return self


HandDecisionsIn = Annotated[list[HandDecisionIn], Field(min_length=1, max_length=MOST_DECISIONS)]


class PlanOut(BaseModel):
    """The difference for one scope. `amounts` is what all its additions bill, lines already sent included."""

    id: UUID
    period: str
    scope: PlanScope
    status: PlanStatus
    summary: PlanSummary
    amounts: AmountsByCurrency
    marked_up: AmountsByCurrency = Field(
        description="What price rules and people add to AppXite's charges, contained in `amounts`; empty without any"
    )
    unsent: Tally
    dropped: Tally = Field(
        default=Tally(count=0), description="Lines that the billing rules do not pass on, and no part of `unsent`"
    )
    by_hand: ByHandSummary
    singles: Tally | None = Field(
        None, description="Additions that go as quantity 1 at the total; null in plans of an older build"
    )
    calls_needed: int = Field(description="PSA calls that applying it takes, the proof included")
    error: str
    moved: list[str] = Field(description="What changed since it was computed; a stale plan cannot be applied")
    invoices_unread: str = Field(
        "", description="What follows from ConnectWise's invoices not being read; empty where they were"
    )
    requested_by: str
    created_at: datetime
    computed_at: datetime | None
    computing_run_id: UUID | None = Field(description="The run that computes or computed it")
    run_id: UUID | None = Field(description="The push that applies or applied it")


class CarriedLine(BaseModel):
    """A line that an addition stands for beside others, and how much of its charge."""

    line_id: UUID
    invoice_number: str = ""
    product: str = ""
    amount: Amount


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
    charged: Amount | None = Field(
        description="AppXite's charge, where price rules or people make another amount of it"
    )
    line_id: UUID | None = Field(description="The line that it carries; null where it carries several")
    carries: list[CarriedLine] = Field(description="The lines that it carries, where these are several")
    before: dict[str, JsonValue]
    after: dict[str, JsonValue]
    changes: list[FieldChange]
    explanation: list[str]
    warnings: list[str]
    cause: UndecidedCause | None = Field(description="Why it bills although no charge of the period stands behind it")
    choice: Choice | None = Field(description="What a person or a rule decided about it; null while it is open")
    choice_reason: str
    keep_until: date | None
    decided_by: str
    will_bill: Amount | None = Field(
        description="What billing periods of the plan bill for it without a charge; null where that is not known"
    )
    ending: dict[str, JsonValue] = Field(
        description="The values with which it bills no more, its last day among them; empty where nothing is asked"
    )
    status: OperationStatus
    error: str


class DecisionIn(BaseModel):
    """What becomes of one addition that bills without a charge. Keeping it needs a reason."""

    model_config = ConfigDict(extra="forbid")

    operation_id: UUID
    choice: Choice
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
    until: date | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.choice is DecisionChoice.KEEP and not self.reason:
            raise ValueError("say why it is kept")
        if self.until is not None and self.choice is not DecisionChoice.KEEP:
            raise ValueError("only what is kept has a day until which it is")
        return self


DecisionsIn = Annotated[list[DecisionIn], Field(min_length=1, max_length=MOST_DECISIONS)]


class ExpectedAddition(BaseModel):
    """An addition of ours that bills a period of the plan whose charge has not come yet: no question, but money."""

    marker: str
    addition_id: str
    organization_id: str
    organization: str
    agreement_id: str
    agreement: str
    product: str
    subscription_id: str
    subscription: str
    currency: str
    amount: Amount | None = Field(description="What billing periods of the plan bill; null where that is not known")
    reason: str
