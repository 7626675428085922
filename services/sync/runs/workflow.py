"""What a long job is made of, as data: the steps of each kind of run, in order, and what follows when it fails."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.contracts.vocabulary import RunKind, RunStatus
from services.kit.base.db import WriteSession
from services.kit.ledger.work import JobContext
from services.sync.runs import service
from services.sync.runs.models import Run

END = "end"
StepFunction = Callable[[JobContext[Any], Run], Awaitable[None]]
"""Does one step. It may be killed at any moment and is then called again, so it finds out what it has done."""
Ending = Callable[[WriteSession, Run], Awaitable[None]]
Failing = Callable[[WriteSession, Run, str], Awaitable[str]]
"""Is given why a run fails, undoes what the run holds, and returns the sentence that the run ends with."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. It is over when `do` has returned and billing has acknowledged every part that `do` sent."""

    name: str
    do: StepFunction


async def succeed(session: WriteSession, run: Run) -> None:
    """The usual end."""
    await service.finish_run(session, run.id, RunStatus.SUCCEEDED)


async def say_why(_session: WriteSession, _run: Run, cause: str) -> str:
    """The usual failure: nothing to undo, and nothing to add."""
    return cause


@dataclass(frozen=True, slots=True)
class Workflow:
    """The steps of one kind of run.

    Args:
        on_success: ends the run after its last step.
        on_failure: what a failing run has to undo.
        counts_steps: show steps as the run's progress, where its steps do not count something better.
    """

    kind: RunKind
    steps: tuple[Step, ...]
    on_success: Ending = succeed
    on_failure: Failing = say_why
    counts_steps: bool = False

    def step_after(self, name: str) -> tuple[int, Step]:
        """Number and step that follow the one named, the first for an empty name; after the last, the run's end."""
        names = [step.name for step in self.steps]
        number = names.index(name) + 1 if name else 0
        return number, self.steps[number] if number < len(self.steps) else Step(END, self._end)

    async def _end(self, context: JobContext[Any], run: Run) -> None:
        async with context.writing() as session:
            await self.on_success(session, run)


Workflows = Mapping[RunKind, Workflow]
