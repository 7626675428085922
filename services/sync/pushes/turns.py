"""Beginning writes agreement by agreement: one run at a time on each, and only what still stands there.

Runs of one partner that write on different agreements go on side by side. On one agreement they wait for each
other, and whoever comes second looks again at what the first has left.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.kit.base.db import ReadSession, WriteSession
from services.kit.ledger.work import JobContext
from services.sync.additions import repository as additions
from services.sync.additions.reading import read_agreements
from services.sync.additions.written import known_values
from services.sync.plans.schemas import OperationStatus
from services.sync.psas.port import Psa
from services.sync.pushes import repository
from services.sync.pushes.ground_check import explain_staleness
from services.sync.pushes.write import Outcome, Write


@dataclass(frozen=True, slots=True)
class Begun:
    """What became of a batch: writes that may leave now, those that no longer stand, those that wait for a turn."""

    writes: list[Write] = field(default_factory=list)
    stale: list[tuple[Write, Outcome]] = field(default_factory=list)
    waiting: list[Write] = field(default_factory=list)


@dataclass(slots=True)
class Turns:
    """Turns of one run.

    Args:
        versions: agreement → version of what we had written when it was planned; another run's writes change it.
    """

    context: JobContext[Any]
    run_id: UUID
    psa: Psa
    versions: Mapping[str, str]
    _checked: set[str] = field(default_factory=set)

    async def begin(self, batch: Sequence[Write]) -> Begun:
        """Take turns, and commit the intent of every write that may leave.

        Raises:
            UpstreamError: an agreement that another run has written on cannot be read again.
        """
        begun = Begun()
        agreements = {write.row.agreement_id for write in batch}
        async with self.context.writing() as session:
            mine = await repository.take_turns(session, self.run_id, agreements)
            unchecked = await self._find_shared(session, mine - self._checked)
            # While this run has its turn, nobody else of ours writes there.
            self._checked |= mine
            begun.waiting.extend(write for write in batch if write.row.agreement_id not in mine)
            begun.writes.extend(
                write for write in batch if write.row.agreement_id in mine and write.row.agreement_id not in unchecked
            )
            await self._mark(session, begun.writes)
        if unchecked:
            await self._begin_shared(
                [write for write in batch if write.row.agreement_id in unchecked], unchecked, begun
            )
        return begun

    async def _begin_shared(self, writes: Sequence[Write], agreements: Collection[str], begun: Begun) -> None:
        async with self.context.reading() as session:
            known = known_values(await additions.list_written(session, agreements))
            unresolved = await additions.list_unresolved(session, agreements)
        others = {marker for marker, create in unresolved.items() if create.run_id != self.run_id}
        states = await read_agreements(self.psa, agreements, known)
        standing = []
        for write in writes:
            if reason := explain_staleness(write, states[write.row.agreement_id], others):
                begun.stale.append((write, _refuse(write, reason)))
            else:
                standing.append(write)
        async with self.context.writing() as session:
            await self._mark(session, standing)
        begun.writes.extend(standing)

    async def _find_shared(self, session: ReadSession, agreements: Collection[str]) -> set[str]:
        """Agreements on which another run has written, or may have, since the plan was computed."""
        if not agreements:
            return set()
        versions = await additions.read_versions(session, agreements)
        unresolved = await additions.list_unresolved(session, agreements)
        others = {create.agreement_id for create in unresolved.values() if create.run_id != self.run_id}
        return others | {each for each in agreements if versions.get(each, "") != self.versions.get(each, "")}

    async def _mark(self, session: WriteSession, writes: Sequence[Write]) -> None:
        if not writes:
            return
        await repository.mark_sending(session, [write.row.id for write in writes])
        creates = [(write.row.marker, write.row.agreement_id) for write in writes if write.is_create]
        await additions.note_creates(session, self.run_id, creates)


def _refuse(write: Write, reason: str) -> Outcome:
    return Outcome(write.row.id, OperationStatus.FAILED, write.row.addition_id, reason)
