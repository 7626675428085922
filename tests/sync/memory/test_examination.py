"""An examination reads every agreement that holds additions of ours, and says which of them stand twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.contracts.events.sync import TroubleNoted
from services.contracts.shapes import AgreementFacts, MirrorRecord
from services.contracts.vocabulary import PlanStatus, RunKind, RunStatus
from services.kit.base.db import WriteSession
from services.sync.additions import repository as additions
from services.sync.examinations import examine
from services.sync.examinations.service import request_examination
from services.sync.psas.addition import Addition
from services.sync.runs.schemas import RunOut
from services.sync.unreadable import Unreadable
from tests.sync.memory_psa import MemoryPsa
from tests.sync.plans.desk import AGREEMENT, JUNE, OTHER_AGREEMENT, want
from tests.sync.plans.memory import MemoryDesk

TWICE = "A charge would be billed twice"


async def ask(desk: MemoryDesk) -> RunOut:
    async with desk.database.writing(desk.circumstances) as session:
        return await request_examination(session)


async def examined(desk: MemoryDesk) -> RunOut:
    asked = await ask(desk)
    await desk.settle()
    return await desk.run(asked.id)


def counts(run: RunOut) -> dict[str, int]:
    return {name: tally.count for name, tally in run.outcomes.items() if tally.count}


async def warnings(desk: MemoryDesk, title: str = TWICE) -> list[str]:
    return [fact.details for fact in await desk.facts(TroubleNoted) if fact.title == title]


async def push_two_agreements(desk: MemoryDesk) -> None:
    desk.wanted = [want("TO-A"), want("TO-B"), want("TO-C", agreement_id=OTHER_AGREEMENT)]
    await desk.push()


def carrier(psa: MemoryPsa, marker: str) -> Addition:
    return next(each for each in psa.held.values() if each.marker == marker)


def copy(psa: MemoryPsa, marker: str, **changes: Any) -> Addition:
    """Somebody copies an addition of ours by hand."""
    first = carrier(psa, marker)
    twin = replace(first, id=f"TWIN-{marker}", values=first.values.model_copy(update=changes))
    psa.held[twin.id] = twin
    return first


def invoiced_until(day: date) -> MirrorRecord:
    """An agreement whose next invoice begins on a day."""
    facts = AgreementFacts(
        agreement_id=AGREEMENT,
        name="Cloud",
        company_id="1",
        type_id="1",
        type_name="Cloud",
        status="Active",
        currency="EUR",
        billing_cycle="everymonth",
        invoicing_cycle="CalendarYear",
        billing_start=date(2026, 1, 1),
        next_invoice_date=day,
        end_date=None,
        is_prorated=False,
    )
    return MirrorRecord(external_id=AGREEMENT, name="Cloud", parent_id="1", agreement=facts)


class TestNothingTwice:
    async def test_it_says_how_much_was_examined(self, desk: MemoryDesk) -> None:
        await push_two_agreements(desk)
        run = await examined(desk)
        assert (run.kind, run.status) == (RunKind.EXAMINATION, RunStatus.SUCCEEDED)
        assert counts(run) == {"agreements_examined": 2, "additions_examined": 3}
        assert run.progress.model_dump() == {"done": 2, "total": 2}
        assert await warnings(desk) == []

    async def test_additions_of_people_are_not_counted_as_examined(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        await push_two_agreements(desk)
        copy(psa, "TO-A", serial_number="theirs")
        assert counts(await examined(desk))["additions_examined"] == 3

    async def test_where_we_never_wrote_nothing_is_read(self, desk: MemoryDesk) -> None:
        run = await examined(desk)
        assert (run.status, run.outcomes) == (RunStatus.SUCCEEDED, {})

    async def test_an_addition_that_cannot_be_read_is_counted(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        desk.wanted = [want("TO-A")]
        await desk.push()
        psa.unreadable = [Unreadable("quantity is no number", "{}")]
        assert counts(await examined(desk))["additions_unreadable"] == 1


class TestTwins:
    async def test_twins_that_carry_an_end_are_found_and_the_next_plan_ends_one(
        self, desk: MemoryDesk, psa: MemoryPsa
    ) -> None:
        """One-time charges have an end, and their twins were never looked for."""
        desk.wanted = [want("TO-A", is_recurring=False, cancelled_date=date(2026, 6, 30))]
        await desk.push()
        copy(psa, "TO-A")
        assert counts(await examined(desk))["twins"] == 1
        assert (await desk.plan()).summary.cancel == 1
        await desk.push()
        assert "twins" not in counts(await examined(desk))

    async def test_both_are_named_with_the_repair_and_its_reason(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        await push_two_agreements(desk)
        first = copy(psa, "TO-A")
        run = await examined(desk)
        assert counts(run) == {"agreements_examined": 2, "additions_examined": 4, "twins": 1}
        (said,) = await warnings(desk)
        names = want("TO-A")
        assert said == (
            f"{names.organization}, {names.agreement}: additions {first.id} and TWIN-TO-A carry the same marker TO-A. "
            f"The next plan offers the repair: addition {first.id} stays, because it is the older one, "
            "and TWIN-TO-A stops billing."
        )

    async def test_the_one_that_was_invoiced_since_the_last_plan_is_said_to_stay(
        self, desk: MemoryDesk, psa: MemoryPsa
    ) -> None:
        await push_two_agreements(desk)
        copy(psa, "TO-A", effective_date=date(2026, 5, 1))
        psa.records = {"agreement": [invoiced_until(JUNE)]}
        await examined(desk)
        (said,) = await warnings(desk)
        assert "addition TWIN-TO-A stays, because it was invoiced" in said

    async def test_the_next_plan_of_the_month_offers_it_though_no_line_goes_there_any_more(
        self, desk: MemoryDesk, psa: MemoryPsa
    ) -> None:
        await push_two_agreements(desk)
        copy(psa, "TO-C")
        desk.wanted = [want("TO-A"), want("TO-B")]
        assert (await desk.plan()).summary.cancel == 0
        await examined(desk)
        plan = await desk.plan()
        (operation,) = [each for each in await desk.operations(plan.id) if each.kind == "cancel"]
        assert (operation.agreement_id, operation.addition_id) == (OTHER_AGREEMENT, "TWIN-TO-C")

    async def test_once_repaired_it_is_neither_said_nor_planned_again(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        await push_two_agreements(desk)
        copy(psa, "TO-C")
        await examined(desk)
        await desk.push()
        assert counts(await examined(desk)) == {"agreements_examined": 2, "additions_examined": 3}
        assert len(await warnings(desk)) == 1
        async with desk.database.reading(desk.circumstances) as session:
            assert await additions.list_agreements_with_twins(session) == set()

    async def test_a_create_that_was_never_answered_and_came_twice_is_found(
        self, desk: MemoryDesk, psa: MemoryPsa
    ) -> None:
        await push_two_agreements(desk)
        first = copy(psa, "TO-C", serial_number="TO-LOST")
        psa.held["AGAIN"] = replace(psa.held["TWIN-TO-C"], id="AGAIN")
        async with desk.database.writing(desk.circumstances) as session:
            await additions.note_creates(session, uuid4(), [("TO-LOST", first.agreement_id)])
        await examined(desk)
        (said,) = await warnings(desk)
        assert "TWIN-TO-C and AGAIN carry the same marker TO-LOST" in said


class TestPlans:
    async def test_one_that_does_not_know_of_them_is_stale(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        await push_two_agreements(desk)
        plan = await desk.plan()
        copy(psa, "TO-A")
        await examined(desk)
        stale = await desk.show(plan.id)
        assert stale.status is PlanStatus.STALE
        assert stale.moved == await warnings(desk)

    async def test_one_that_ends_all_but_one_of_them_stays_ready(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        await push_two_agreements(desk)
        copy(psa, "TO-A")
        plan = await desk.plan()
        await examined(desk)
        assert (await desk.show(plan.id)).status is PlanStatus.READY

    async def test_one_about_another_agreement_stays_ready(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        await push_two_agreements(desk)
        desk.wanted = desk.wanted[2:]
        plan = await desk.plan(agreement_ids=[OTHER_AGREEMENT])
        copy(psa, "TO-A")
        await examined(desk)
        assert (await desk.show(plan.id)).status is PlanStatus.READY


class TestTrouble:
    async def test_an_agreement_that_cannot_be_read_is_named_and_the_others_are_examined(
        self, desk: MemoryDesk, psa: MemoryPsa
    ) -> None:
        await push_two_agreements(desk)
        copy(psa, "TO-A")
        psa.missing_agreements = {OTHER_AGREEMENT}
        run = await examined(desk)
        assert run.status is RunStatus.SUCCEEDED
        assert counts(run) == {
            "agreements_examined": 1,
            "additions_examined": 3,
            "twins": 1,
            "agreements_unreadable": 1,
        }
        (said,) = await warnings(desk, "1 agreement could not be checked for duplicates")
        names = want("TO-C")
        assert said.startswith(f"{names.organization}, {names.agreement}: Ledgerly has no such agreement any more.")

    async def test_when_none_can_be_read_it_has_failed(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        await push_two_agreements(desk)
        psa.missing_agreements = {AGREEMENT, OTHER_AGREEMENT}
        run = await examined(desk)
        assert run.status is RunStatus.FAILED
        assert run.error.startswith("No agreement could be read. ")

    async def test_a_repeated_try_goes_on_after_the_group_that_was_recorded(
        self, desk: MemoryDesk, psa: MemoryPsa, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await push_two_agreements(desk)
        copy(psa, "TO-A")
        monkeypatch.setattr(examine, "GROUP", 1)
        recorded = examine._record
        tries = 0

        async def die_in_the_second_group(session: WriteSession, run_id: UUID, found: Any) -> None:
            nonlocal tries
            tries += 1
            await recorded(session, run_id, found)
            if tries == 2:
                raise RuntimeError("the worker dies here")

        monkeypatch.setattr(examine, "_record", die_in_the_second_group)
        asked = await ask(desk)
        await desk.settle(retry=True)
        await desk.settle()
        run = await desk.run(asked.id)
        assert (run.status, tries) == (RunStatus.SUCCEEDED, 3)
        assert counts(run) == {"agreements_examined": 2, "additions_examined": 4, "twins": 1}
        assert len(await warnings(desk)) == 1


class TestAsking:
    async def test_an_examination_under_way_is_the_answer_to_a_second_wish(self, desk: MemoryDesk) -> None:
        first = await ask(desk)
        assert (await ask(desk)).id == first.id
        await desk.settle()
        assert (await ask(desk)).id != first.id

    async def test_it_is_asked_for_over_http(self, desk: MemoryDesk, api: Callable[..., httpx.AsyncClient]) -> None:
        async with api(desk.id) as client:
            accepted = await client.post("/api/v1/examinations")
        assert accepted.status_code == 202, accepted.text
        run = accepted.json()
        assert (run["kind"], run["status"], run["requested_by"]) == ("examination", "queued", "Ada Finance")

    async def test_without_a_psa_it_is_refused(self, api: Callable[..., httpx.AsyncClient]) -> None:
        async with api() as client:
            refused = await client.post("/api/v1/examinations")
        assert (refused.status_code, refused.json()["code"]) == (409, "connection_missing")
