"""Another PSA than ConnectWise needs a folder and a line in the registry: connecting, opening and mirrors prove it.

It stands in the registry under the one name that API paths and facts know of PSAs.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.contracts.events.sync import MirrorRefreshed, PsaDescribed
from services.contracts.vocabulary import ConnectedSystem, MirrorKind
from services.kit.base.db import ReadSession
from services.sync.connections import repository
from services.sync.mirrors import service as mirrors
from services.sync.psas import registry
from services.sync.psas.addition import AdditionValues
from services.sync.psas.port import Psa
from tests.sync.conftest import APPXITE_CONNECTION, Partner
from tests.sync.psas.notebook import Notebook, notebook_system

Api = Callable[..., httpx.AsyncClient]
NAME = ConnectedSystem.CONNECTWISE.value
CONNECTION: dict[str, Any] = {"address": "https://notes.example", "settings": {"shelf": "3"}, "secrets": {"lock": "x"}}


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    notebook = Notebook()
    monkeypatch.setitem(registry.PSAS, NAME, notebook_system(notebook, NAME))
    return notebook


@pytest.fixture
async def connected(api: Api, notebook: Notebook) -> Api:
    async with api() as client:
        for path, given in ((NAME, CONNECTION), ("appxite", APPXITE_CONNECTION)):
            saved = await client.put(f"/api/v1/connections/{path}", json=given)
            assert saved.status_code == 200, saved.text
    assert notebook.opened == []
    return api


async def open_psa(partner: Partner) -> Psa:
    async with partner.database.reading(partner.circumstances) as session:
        return await partner.upstreams.open_psa(session)


async def refresh(partner: Partner) -> None:
    async with partner.database.writing(partner.circumstances) as session:
        await mirrors.request_mirrors(session)
    await partner.settle()


class TestConnecting:
    async def test_the_form_is_the_systems_own(self, api: Api, notebook: Notebook) -> None:
        async with api() as client:
            answer = await client.put(f"/api/v1/connections/{NAME}", json={"address": "https://notes.example"})
        assert [error["field"] for error in answer.json()["errors"]] == ["settings.shelf", "secrets.lock"]

    async def test_a_test_tries_what_the_system_says_is_needed(self, connected: Api) -> None:
        async with connected() as client:
            outcome = (await client.post(f"/api/v1/connections/{NAME}/test")).json()
            shown = (await client.get(f"/api/v1/connections/{NAME}")).json()
        assert outcome["checks"] == [
            {"name": "Open the notebook", "ok": True, "detail": "it lies there"},
            {"name": "Write in it", "ok": False, "detail": "the pen is dry"},
        ]
        assert shown["missing_rights"] == ["Write in it"]

    async def test_a_partner_connects_one_psa_only(
        self, connected: Api, partner: Partner, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(registry.PSAS, "other", notebook_system(notebook, "other"))
        async with partner.database.writing(partner.circumstances) as session:
            await repository.save_connection(session, "other", {**await self.columns(session), "sealed": b"x"})
        async with connected() as client:
            refused = await client.put(f"/api/v1/connections/{NAME}", json=CONNECTION)
        assert refused.status_code == 422
        assert [error["field"] for error in refused.json()["errors"]] == ["system"]

    @staticmethod
    async def columns(session: ReadSession) -> dict[str, Any]:
        row = await repository.find_connection(session, NAME)
        names = ("address", "profile", "settings", "status", "missing_rights", "tested_at")
        return {name: getattr(row, name) for name in names}


class TestOpening:
    async def test_additions_are_written_and_read_by_ids_that_are_no_numbers(
        self, connected: Api, partner: Partner
    ) -> None:
        values = AdditionValues(
            product_id="P-one",
            quantity=Decimal(2),
            unit_price=Decimal(5),
            bill_option="Billable",
            taxable=False,
            effective_date=date(2026, 6, 1),
            cancelled_date=None,
            serial_number="TO-A",
            invoice_description="Seats",
        )
        psa = await open_psa(partner)
        made = await psa.create_addition("A-one", values)
        after = values.model_copy(update={"quantity": Decimal(3)})
        changed = await psa.update_addition("A-one", made.id, made.values, after)
        assert (changed.id, changed.values) == ("line-1", psa.as_held(after))
        assert (await (await open_psa(partner)).list_additions("A-one")).additions == [changed]

    async def test_it_is_opened_with_its_own_credentials(
        self, connected: Api, partner: Partner, notebook: Notebook
    ) -> None:
        await open_psa(partner)
        (credentials,) = notebook.opened
        assert (credentials.settings, credentials.secrets) == (CONNECTION["settings"], CONNECTION["secrets"])
        assert "lock" not in repr(credentials)


class TestMirrors:
    async def test_its_records_are_mirrored(self, connected: Api, partner: Partner) -> None:
        await refresh(partner)
        published = [fact for fact in await partner.facts(MirrorRefreshed) if fact.kind is MirrorKind.AGREEMENT]
        assert [record.agreement.billing_cycle for fact in published for record in fact.records] == ["fortnight"]

    async def test_its_traits_are_published_when_they_change_and_only_then(
        self, connected: Api, partner: Partner, notebook: Notebook
    ) -> None:
        await refresh(partner)
        await refresh(partner)
        notebook.price_decimals = 3
        await refresh(partner)
        described = await partner.facts(PsaDescribed)
        assert [fact.traits.price_decimals for fact in described] == [0, 3]
        assert {fact.traits.label for fact in described} == {"Notebook"}
