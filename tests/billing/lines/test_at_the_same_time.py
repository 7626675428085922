from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.billing.lines import repository as lines
from services.billing.lines.decisions import repository
from services.billing.lines.stored import StoredLine
from services.contracts.vocabulary import LineStatus
from tests.billing.builders import a_row, both_sides, rows_loaded
from tests.billing.conftest import Billing, Client


async def save(billing: Billing, *changed: StoredLine) -> None:
    async with billing.database.writing(billing.circumstances()) as session:
        await lines.save(session, changed)


class TestTwoAtOnce:
    async def test_a_change_to_a_line_that_moved_on_is_refused_whole(self, billing: Billing) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row("1"), a_row("2")))
        first, second = await billing.lines()
        await save(billing, replace(second, version=2, push_error="moved on"))
        with pytest.raises(lines.LinesMoved):
            await save(billing, replace(first, version=2, push_error="x"), replace(second, version=2, push_error="x"))
        assert [line.push_error for line in await billing.lines()] == ["", "moved on"]

    async def test_a_row_that_two_loads_bring_at_once_becomes_one_line(self, billing: Billing) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row()))
        line = await billing.line()
        twin = replace(line, id=UUID(int=3))
        with pytest.raises(lines.LinesMoved):
            await save(billing, twin)
        assert await billing.line() == line

    async def test_an_edit_that_loses_the_race_is_stale(
        self, billing: Billing, api: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row()))
        line = await billing.line()

        async def be_overtaken(*arguments: Any) -> Any:
            await save(billing, replace(line, version=2))
            return await decide(*arguments)

        decide = repository.decide
        monkeypatch.setattr(repository, "decide", be_overtaken)
        change = {"version": 1, "excluded": True}
        problem = await api("PATCH", f"/invoice-lines/{line.id}", 409, json=change)
        assert problem["code"] == "stale_version"
        assert (await billing.line()).decisions == {}

    async def test_nothing_to_save_is_no_statement(self, billing: Billing) -> None:
        await save(billing)
        assert await billing.lines() == []

    async def test_a_line_reads_back_as_it_was_written(self, billing: Billing) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row(subscription_name='Quote " and \\ and é and €')))
        line = await billing.line()
        assert line.line.subscription_name == 'Quote " and \\ and é and €'
        assert line.rated.status is LineStatus.EXCLUDED
        changed = replace(line, version=2, push_error="one\nline, and more")
        await save(billing, changed)
        assert await billing.line() == replace(changed, line=replace(changed.line, push_failed=True))
