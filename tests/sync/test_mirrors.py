"""Mirrors tell billing what is new, only what is new, and what is gone."""

from typing import Any

import pytest

from services.contracts.events.sync import MirrorRefreshed, RunFinished, TroubleNoted
from services.contracts.vocabulary import MirrorKind, RunKind, RunStatus
from services.sandbox.faults import FaultKind
from services.sync.mirrors import service
from services.sync.mirrors.reading import Reading
from services.sync.mirrors.repository import list_states
from services.sync.runs import repository as runs
from services.sync.runs.service import create_run, note_start
from tests.sync.conftest import APPXITE, CONNECTWISE, Partner, StandIns


async def refresh(partner: Partner) -> list[MirrorRefreshed]:
    """Refresh both sides; what billing was told by it."""
    told = len(partner.told)
    async with partner.database.writing(partner.circumstances) as session:
        await service.request_mirrors(session)
    await partner.settle()
    return [fact for fact in partner.told[told:] if isinstance(fact, MirrorRefreshed)]


def records_of(parts: list[MirrorRefreshed], kind: MirrorKind) -> list[Any]:
    return [record for part in parts if part.kind is kind for record in part.records]


class TestRefresh:
    async def test_every_kind_of_both_sides_is_told(self, partner: Partner) -> None:
        await partner.connect()
        parts = await refresh(partner)
        assert {part.kind for part in parts} == set(service.PUBLISHED_KINDS)
        assert sorted(part.part for part in parts) == list(range(len(parts)))
        assert all(len(part.records) <= 500 for part in parts)
        (finished,) = await partner.facts(RunFinished)
        assert finished.status is RunStatus.SUCCEEDED
        assert finished.outcomes["company"].count == len(records_of(parts, MirrorKind.COMPANY))

    async def test_the_second_time_nothing_is_news(self, partner: Partner) -> None:
        await partner.connect()
        await refresh(partner)
        assert await refresh(partner) == []
        assert len(await partner.facts(RunFinished)) == 2

    async def test_agreements_carry_what_decides_about_additions(self, partner: Partner) -> None:
        await partner.connect()
        agreements = records_of(await refresh(partner), MirrorKind.AGREEMENT)
        assert agreements
        assert all(record.agreement.billing_start and record.parent_id for record in agreements)
        assert {record.is_active for record in agreements} == {True, False}

    async def test_the_older_api_brings_organizations_one_by_one(self, partner: Partner) -> None:
        await partner.connect(profile="reporting-legacy", address=f"{APPXITE}/legacy")
        parts = await refresh(partner)
        organizations = records_of(parts, MirrorKind.ORGANIZATION)
        assert organizations
        assert all(record.name for record in organizations)


class TestTrouble:
    @pytest.mark.parametrize("kind", [FaultKind.CUT_JSON, FaultKind.HTML_502])
    async def test_subscriptions_that_break_off_are_read_again_from_the_start(
        self, partner: Partner, stand_ins: StandIns, kind: FaultKind
    ) -> None:
        await partner.connect()
        await stand_ins.order(APPXITE, "faults", kind=kind, path="*/subscriptions", count=1)
        await refresh(partner)
        (finished,) = await partner.facts(RunFinished)
        assert finished.status is RunStatus.SUCCEEDED
        async with partner.database.reading(partner.circumstances) as session:
            states = {state.kind: (state.records, state.unreadable) for state in await list_states(session)}
        records, unreadable = states["subscription"]
        assert records > 0
        assert unreadable == 0

    async def test_a_record_that_cannot_be_read_is_reported_and_the_rest_goes_on(
        self, partner: Partner, stand_ins: StandIns
    ) -> None:
        await partner.connect()
        fault = {"kind": FaultKind.NULLS, "path": "*/finance/agreements", "fields": ["billStartDate", "startDate"]}
        await stand_ins.order(CONNECTWISE, "faults", **fault)
        parts = await refresh(partner)
        assert records_of(parts, MirrorKind.AGREEMENT)
        (trouble,) = await partner.facts(TroubleNoted)
        assert trouble.title == "1 agreement records cannot be read"
        async with partner.database.reading(partner.circumstances) as session:
            states = {state.kind: state.unreadable for state in await list_states(session)}
        assert states["agreement"] == 1

    async def test_an_upstream_that_stays_away_fails_the_run(self, partner: Partner, stand_ins: StandIns) -> None:
        await partner.connect()
        await stand_ins.order(CONNECTWISE, "faults", kind=FaultKind.UNAUTHORIZED, path="*/apis/*", every=1)
        await refresh(partner)
        (finished,) = await partner.facts(RunFinished)
        assert finished.status is RunStatus.FAILED
        assert "Incorrect public/private key" in finished.error


class TestGone:
    async def test_a_record_that_is_no_longer_listed_turns_inactive(self, partner: Partner) -> None:
        await partner.connect()
        parts = await refresh(partner)
        companies = records_of(parts, MirrorKind.COMPANY)
        async with partner.database.writing(partner.circumstances) as session:
            run = await create_run(session, RunKind.MIRROR)
            run.step = "mirrors"
            await runs.add_step(session, run, run.step)
            note_start(session, run)
            rest = Reading()
            for record in companies[1:]:
                rest.take(record)
            await service.take_in(session, run.id, MirrorKind.COMPANY, rest)
        gone = (await partner.facts(MirrorRefreshed))[-1]
        assert [(record.external_id, record.is_active) for record in gone.records] == [
            (companies[0].external_id, False)
        ]
