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
from services.sync.additions.state import AgreementState
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


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """An agreement on which another run has written since the plan was computed, as it was when our turn came."""

    state: AgreementState
    unresolved: frozenset[str]
    """Markers of creates of other runs whose outcome is not known."""


@dataclass(slots=True)
class Turns:
    """Turns of one run, for one round of writing.

    Args:
        versions: agreement → version of what we had written when it was planned; another run's writes change it.
    """

    context: JobContext[Any]
    run_id: UUID
    psa: Psa
    versions: Mapping[str, str]
    _begun: dict[str, Meanwhile | None] = field(default_factory=dict)
    """Agreements on which we have our turn. Nobody else of ours writes there, so what was found holds for the round."""

    async def begin(self, batch: Sequence[Write]) -> Begun:
        """Take turns, and commit the intent of every write that may leave.

        Raises:
            UpstreamError: an agreement that another run has written on cannot be read again.
        """
        agreements = {write.row.agreement_id for write in batch}
        async with self.context.writing() as session:
            mine = await repository.take_turns(session, self.run_id, agreements)
            shared = await self._find_shared(session, mine - self._begun.keys())
            self._begun.update(dict.fromkeys(mine - shared - self._begun.keys()))
            if not shared:
                begun = self._divide(batch, mine)
                await self._mark(session, begun.writes)
                return begun
        await self._look_at(shared)
        async with self.context.writing() as session:
            begun = self._divide(batch, mine)
            await self._mark(session, begun.writes)
            return begun

    def _divide(self, batch: Sequence[Write], mine: Collection[str]) -> Begun:
        begun = Begun()
        for write in batch:
            if write.row.agreement_id not in mine:
                begun.waiting.append(write)
                continue
            meanwhile = self._begun[write.row.agreement_id]
            reason = explain_staleness(write, meanwhile.state, meanwhile.unresolved) if meanwhile else ""
            if reason:
                begun.stale.append((write, _refuse(write, reason)))
            else:
                begun.writes.append(write)
        return begun

    async def _look_at(self, agreements: Collection[str]) -> None:
        """Read what another run has left on agreements on which our turn has just begun."""
        async with self.context.reading() as session:
            known = known_values(await additions.list_written(session, agreements))
            unresolved = await additions.list_unresolved(session, agreements)
        others = frozenset(marker for marker, create in unresolved.items() if create.run_id != self.run_id)
        for agreement_id, state in (await read_agreements(self.psa, agreements, known)).items():
            self._begun[agreement_id] = Meanwhile(state, others)

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
