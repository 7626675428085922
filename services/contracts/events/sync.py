"""What sync tells: mirrors refreshed, rows loaded, plans and pushes, runs finished."""

from collections import Counter
from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.contracts.envelope import Event, Headline
from services.contracts.money import Amount
from services.contracts.shapes import (
    EndedAddition,
    HandBilled,
    InvoiceFacts,
    MirrorRecord,
    Outcomes,
    PlanScope,
    PsaTraits,
    PushedAddition,
    RowFacts,
    VanishedRow,
)
from services.contracts.vocabulary import (
    ByHand,
    ConnectedSystem,
    DecisionChoice,
    LogLevel,
    MirrorKind,
    OperationKind,
    RunKind,
    RunStatus,
    UndecidedCause,
)

_RUNS = {
    RunKind.MIRROR: "Sync of organizations and products",
    RunKind.EXAMINATION: "Check for duplicates",
}
_CHOICES = {
    DecisionChoice.ASK: "asked about",
    DecisionChoice.END: "to be ended",
    DecisionChoice.KEEP: "kept",
    DecisionChoice.LATER: "left for later",
}
_BY_HAND = {
    ByHand.BILLED: "billed by hand already",
    ByHand.ADOPT: "to be adopted",
    ByHand.BILL: "billed all the same",
    ByHand.ASK: "to be decided",
    None: "not billed by hand",
}
_OPERATIONS = {
    OperationKind.CREATE.value: "to create",
    OperationKind.UPDATE.value: "to update",
    OperationKind.CANCEL.value: "to cancel",
    OperationKind.CLOSE.value: "to close",
    OperationKind.ADOPT.value: "to adopt",
    OperationKind.TRUE_UP.value: "to true up",
    OperationKind.UNDECIDED.value: "undecided",
    OperationKind.NONE.value: "unchanged",
}


class ConnectionSaved(Event):
    """Credentials of one upstream were saved. Never carries a secret."""

    type: ClassVar[str] = "sync.connection.saved.v1"
    system: ConnectedSystem
    address: str
    profile: str = ""

    def headline(self) -> Headline:
        return Headline(level=LogLevel.INFO, title=f"{self.system.value} connection saved", details=self.address)


class PsaDescribed(Event):
    """What billing has to know of the partner's PSA, said anew whenever it changes."""

    type: ClassVar[str] = "sync.psa.described.v1"
    traits: PsaTraits


class MirrorRefreshed(Event):
    """Up to 500 upstream records as they are now. The run ends when billing has acknowledged every part."""

    type: ClassVar[str] = "sync.mirror.refreshed.v1"
    bulk: ClassVar[bool] = True
    run_id: UUID
    kind: MirrorKind
    part: int
    """Number of this part within the run, from 0."""
    records: list[MirrorRecord]


class RowsLoaded(Event):
    """Up to 500 invoice rows of one period, with the headers they belong to."""

    type: ClassVar[str] = "sync.rows.loaded.v1"
    bulk: ClassVar[bool] = True
    run_id: UUID
    part: int
    period: str
    invoices: list[InvoiceFacts]
    rows: list[RowFacts]
    vanished: list[VanishedRow] = Field(default_factory=list)


class InvoiceQuarantined(Event):
    """An invoice was kept out whole: its rows do not add up to its checksum, or cannot be read."""

    type: ClassVar[str] = "sync.invoice.quarantined.v1"
    run_id: UUID
    invoice_id: str
    number: str
    period: str
    reason: str
    currency: str = ""
    checksum: Amount | None = None
    rows_total: Amount | None = None

    def headline(self) -> Headline:
        return Headline(level=LogLevel.ERROR, title=f"Invoice {self.number} quarantined", details=self.reason)


class PlanPrepared(Event):
    """Billing holds fresh agreements for this plan, and is asked which additions should exist."""

    type: ClassVar[str] = "sync.plan.prepared.v1"
    plan_id: UUID
    period: str
    scope: PlanScope | None = None
    """What the plan is about; absent from events of an older build, whose plans were about whole periods."""


class PlanComputed(Event):
    """A plan is ready to be read and applied, or could not be computed (`error`)."""

    type: ClassVar[str] = "sync.plan.computed.v1"
    plan_id: UUID
    period: str
    summary: dict[str, int]
    error: str = ""

    def headline(self) -> Headline:
        if self.error:
            return Headline(level=LogLevel.ERROR, title=f"Plan for {self.period} failed", details=self.error)
        counts = ", ".join(f"{count} {_OPERATIONS.get(kind, kind)}" for kind, count in self.summary.items() if count)
        title = f"Plan for {self.period} computed"
        return Headline(level=LogLevel.INFO, title=title, details=counts or "no additions")


class AdditionDecided(Event):
    """A person decided about an addition that bills although no charge stands behind it."""

    type: ClassVar[str] = "sync.addition.decided.v1"
    plan_id: UUID
    period: str
    marker: str
    agreement_id: str
    addition_id: str
    cause: UndecidedCause
    choice: DecisionChoice
    reason: str = ""
    until: date | None = None
    organization: str = ""
    agreement: str = ""
    subscription: str = ""
    currency: str = ""
    will_bill: Amount | None = None
    """What the periods of the plan bill for it without a charge; None where that is not known."""

    def headline(self) -> Headline:
        words = " – ".join(filter(None, (self.organization, self.agreement, self.subscription)))
        until = f" until {self.until}" if self.until else ""
        reason = f" ({self.reason})" if self.reason else ""
        title = f"Addition without a charge {_CHOICES[self.choice]}{until}"
        return Headline(level=LogLevel.INFO, title=title, details=f"{words}{reason}")


class HandBillingNoted(Event):
    """Additions made by hand before go-live were compared with charges, or a person decided about some of them."""

    type: ClassVar[str] = "sync.hand_billing.noted.v1"
    plan_id: UUID
    period: str
    lines: list[HandBilled]
    is_decided: bool = False
    """A person decided it; otherwise a plan found it."""

    def headline(self) -> Headline:
        counts = Counter(_BY_HAND[line.state] for line in self.lines)
        title = f"Additions made by hand {'decided' if self.is_decided else 'compared'} for {self.period}"
        details = ", ".join(f"{count} {words}" for words, count in counts.items())
        named = self.lines[0].organization if len(self.lines) == 1 else ""
        return Headline(level=LogLevel.INFO, title=title, details=" – ".join(filter(None, (named, details))))


class PeriodCompleted(Event):
    """A person said that every invoice of a month has come, or took that back."""

    type: ClassVar[str] = "sync.period.completed.v1"
    period: str
    is_complete: bool

    def headline(self) -> Headline:
        said = "is complete" if self.is_complete else "is not complete any more"
        return Headline(level=LogLevel.INFO, title=f"{self.period} {said}")


class AdditionsPushed(Event):
    """What became of up to 500 desired additions. The run ends when billing has acknowledged every part."""

    type: ClassVar[str] = "sync.additions.pushed.v1"
    bulk: ClassVar[bool] = True
    run_id: UUID
    plan_id: UUID
    part: int
    period: str
    additions: list[PushedAddition]
    ended: list[EndedAddition] = []  # noqa: RUF012 - pydantic copies it, and tells readers that it may be absent


class RunStarted(Event):
    """Somebody, or a schedule, asked for a long job; who stands in the envelope. `plan_id` where it is about a plan."""

    type: ClassVar[str] = "sync.run.started.v1"
    run_id: UUID
    kind: RunKind
    periods: list[str]
    plan_id: UUID | None = None

    def headline(self) -> Headline | None:
        months = ", ".join(self.periods)
        if self.kind is RunKind.LOAD:
            return Headline(level=LogLevel.INFO, title="Load started", details=f"Invoices of {months}")
        if self.kind is RunKind.PUSH:
            return Headline(level=LogLevel.INFO, title="Push started", details=f"Plan for {months}")
        return None


class RunFinished(Event):
    """A run has ended; `outcomes` say how many lines and how much money took which way."""

    type: ClassVar[str] = "sync.run.finished.v1"
    run_id: UUID
    kind: RunKind
    status: RunStatus
    seconds: Amount
    outcomes: Outcomes
    error: str = ""

    def headline(self) -> Headline | None:
        if self.kind is RunKind.PLAN:
            return None  # PlanComputed says it, with the plan's own words
        counts = ", ".join(f"{tally.count} {name.replace('_', ' ')}" for name, tally in sorted(self.outcomes.items()))
        failed = self.status is RunStatus.FAILED
        level = LogLevel.ERROR if failed else LogLevel.INFO
        title = f"{_RUNS.get(self.kind, self.kind.value.capitalize())} {self.status.value}"
        return Headline(level=level, title=title, details=self.error or counts)


class TroubleNoted(Event):
    """Something people should see that changed no data: a retried upstream fault, a skipped record."""

    type: ClassVar[str] = "sync.trouble.noted.v1"
    level: LogLevel
    title: str
    details: str = ""
    run_id: UUID | None = None

    def headline(self) -> Headline:
        return Headline(level=self.level, title=self.title, details=self.details)
