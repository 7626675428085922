"""One write to the PSA: what is asked, and what is known about it afterwards."""

from dataclasses import dataclass
from uuid import UUID

from services.contracts.shapes import DesiredAddition
from services.kit.upstream.http import BadUpstreamAnswer, CredentialsRefused, OutcomeUnknown, Refused, RightMissing
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import CREATES, OperationStatus
from services.sync.psas.addition import AdditionValues
from services.sync.psas.port import Psa


@dataclass(frozen=True, slots=True)
class Write:
    """An operation that changes the PSA."""

    row: OperationRow
    before: AdditionValues | None
    after: AdditionValues

    @classmethod
    def of(cls, row: OperationRow) -> "Write":
        held = row.mending or row.before
        before = AdditionValues.model_validate(held) if held else None
        return cls(row, before, AdditionValues.model_validate(row.after))

    @property
    def is_create(self) -> bool:
        return self.row.kind in CREATES and self.row.mending is None

    @property
    def desired(self) -> DesiredAddition | None:
        return DesiredAddition.model_validate(self.row.desired) if self.row.desired else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a write. `unknown` means: it left, and nothing came back."""

    operation_id: UUID
    status: OperationStatus
    addition_id: str | None = None
    error: str = ""


async def perform(psa: Psa, write: Write) -> Outcome:
    """Write once. A refusal is an outcome of this operation alone.

    Raises:
        CredentialsRefused, RightMissing: every other write would be refused as well.
        UpstreamError: nothing was changed, or repeating the same write is harmless.
        LeaseLost: the fence of the PSA let nothing leave.
    """
    row = write.row
    try:
        if write.is_create:
            made = await psa.create_addition(row.agreement_id, write.after)
            return Outcome(row.id, OperationStatus.DONE, made.id)
        if write.before is None or row.addition_id is None:
            raise ValueError(f"operation {row.id} changes an addition that it does not name")
        await psa.update_addition(row.agreement_id, row.addition_id, write.before, write.after)
    except OutcomeUnknown:
        return Outcome(row.id, OperationStatus.UNKNOWN, row.addition_id)
    except (CredentialsRefused, RightMissing):
        raise
    except Refused as refused:
        return Outcome(row.id, OperationStatus.FAILED, row.addition_id, psa.explain_refusal(refused))
    except BadUpstreamAnswer:
        if write.is_create:
            # An unreadable answer to the POST itself is OutcomeUnknown; this one came before anything was sent.
            raise
        # An unreadable answer to a change of absolute values: reading back decides.
    return Outcome(row.id, OperationStatus.DONE, row.addition_id)


def is_taken_back(row: OperationRow) -> bool:
    """Whether an addition was written, could not be mended, and bills nothing any more."""
    if row.mending is None or row.desired is None:
        return False
    return (
        AdditionValues.model_validate(row.after).bill_option != DesiredAddition.model_validate(row.desired).bill_option
    )
