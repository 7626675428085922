"""One write to ConnectWise: what is asked, and what is known about it afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.contracts.vocabulary import OperationKind
from services.kit.upstream.http import BadUpstreamAnswer, CredentialsRefused, OutcomeUnknown, Refused, RightMissing
from services.sync.additions.values import draft_of, find_patches
from services.sync.plans.abreast import AdditionReader
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import OperationStatus
from services.sync.psas.addition import AdditionValues
from services.sync.psas.connectwise.models import Addition, AdditionDraft, Patch
from services.sync.psas.connectwise.refusals import explain_refusal


class AdditionWriter(AdditionReader, Protocol):
    """What a push needs of ConnectWise."""

    async def addition(self, agreement_id: str, addition_id: str) -> Addition: ...

    async def create_addition(self, agreement_id: str, draft: AdditionDraft) -> Addition: ...

    async def patch_addition(self, agreement_id: str, addition_id: str, patches: Sequence[Patch]) -> Addition: ...


@dataclass(frozen=True, slots=True)
class Write:
    """An operation that changes ConnectWise."""

    row: OperationRow
    before: AdditionValues | None
    after: AdditionValues

    @classmethod
    def of(cls, row: OperationRow) -> "Write":
        before = AdditionValues.model_validate(row.before) if row.before else None
        return cls(row, before, AdditionValues.model_validate(row.after))

    @property
    def is_create(self) -> bool:
        return self.row.kind == OperationKind.CREATE.value


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a write. `unknown` means: it left, and nothing came back."""

    operation_id: UUID
    status: OperationStatus
    addition_id: str | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """What ConnectWise holds under the marker of an operation."""

    row: OperationRow
    addition_id: str
    held: AdditionValues


async def perform(client: AdditionWriter, write: Write) -> Outcome:
    """Write once. A refusal is an outcome of this operation alone.

    Raises:
        CredentialsRefused, RightMissing: every other write would be refused as well.
        UpstreamError: nothing was changed, or repeating the same write is harmless.
    """
    row = write.row
    try:
        if write.before is None or row.addition_id is None:
            made = await client.create_addition(row.agreement_id, draft_of(write.after))
            return Outcome(row.id, OperationStatus.DONE, made.id)
        patches = find_patches(write.before, write.after)
        await client.patch_addition(row.agreement_id, row.addition_id, patches)
    except OutcomeUnknown:
        return Outcome(row.id, OperationStatus.UNKNOWN)
    except (CredentialsRefused, RightMissing):
        raise
    except Refused as refused:
        return Outcome(row.id, OperationStatus.FAILED, row.addition_id, explain_refusal(refused))
    except BadUpstreamAnswer:
        if write.is_create:
            raise  # of a create, only what came before it can be unreadable
        # An unreadable answer to a change of absolute values: reading back decides.
    return Outcome(row.id, OperationStatus.DONE, row.addition_id)
