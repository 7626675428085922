from typing import Any

import pytest

from services.contracts.events.billing import LineViewChanged
from services.contracts.identity import IDENTITY_HEADER, Identity
from services.contracts.vocabulary import Role
from services.kit.web.identity import sign_identity
from tests.billing.conftest import KEY, Billing, Client

CONTENT = {
    "filter": {"status": ["held"], "total_min": "1000", "organization": "org-1"},
    "sort": ["-total", "organization"],
    "columns": ["organization", "total"],
    "widths": {"total": 140},
    "group_by": "agreement",
}
VIEW = {"name": "Held above 1,000", "content": CONTENT, "is_default": True}


class Colleague(Client):
    """Somebody else of the same partner."""

    async def __call__(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        who = Identity(
            partner_id=self.partner,
            actor_id="u2",
            actor_name="Bob",
            roles=frozenset({Role.FINANCE}),
            correlation_id="c",
        )
        headers = {IDENTITY_HEADER: sign_identity(who, KEY), **options.pop("headers", {})}
        answer = await self.http.request(method, f"/api/v1{path}", headers=headers, **options)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def bob(api: Client) -> Colleague:
    return Colleague(api.http, api.partner)


class TestOwnViews:
    async def test_a_view_is_kept_as_it_was_saved(self, api: Client) -> None:
        saved = await api("POST", "/line-views", 201, json=VIEW)
        (listed,) = (await api.get("/line-views"))["items"]
        assert listed == saved
        assert (saved["owner"], saved["is_own"], saved["is_shared"], saved["is_default"]) == ("Ann", True, False, True)
        assert {name: saved["content"][name] for name in ("sort", "columns", "widths", "group_by")} == {
            name: CONTENT[name] for name in ("sort", "columns", "widths", "group_by")
        }
        told = saved["content"]["filter"]
        assert (told["status"], told["total_min"], told["organization"]) == (["held"], "1000", ["org-1"])

    async def test_one_begins_with_one_view(self, api: Client) -> None:
        await api("POST", "/line-views", 201, json=VIEW)
        await api("POST", "/line-views", 201, json=VIEW | {"name": "Another"})
        views = (await api.get("/line-views"))["items"]
        assert [(view["name"], view["is_default"]) for view in views] == [
            ("Another", True),
            ("Held above 1,000", False),
        ]

    async def test_a_change_of_what_was_read_before_is_refused(self, api: Client) -> None:
        saved = await api("POST", "/line-views", 201, json=VIEW)
        path = f"/line-views/{saved['id']}"
        changed = await api("PUT", path, json=VIEW | {"name": "Held", "version": 1})
        assert (changed["name"], changed["version"]) == ("Held", 2)
        problem = await api("PUT", path, 409, json=VIEW | {"version": 1})
        assert (problem["code"], problem["current"]["name"]) == ("line_view_is_stale", "Held")

    async def test_two_views_of_one_name_are_refused(self, api: Client) -> None:
        await api("POST", "/line-views", 201, json=VIEW)
        problem = await api("POST", "/line-views", 409, json=VIEW)
        assert problem["code"] == "line_view_name_taken"

    @pytest.mark.parametrize(
        "content", [{"filter": {"color": "red"}}, {"sort": ["color"]}, {"group_by": "color"}], ids=str
    )
    async def test_what_lines_do_not_have_cannot_be_saved(self, api: Client, content: dict[str, Any]) -> None:
        await api("POST", "/line-views", 422, json={"name": "Red", "content": content})


class TestSharedViews:
    async def test_others_see_a_view_once_it_is_shared_and_change_it_never(self, api: Client, bob: Colleague) -> None:
        saved = await api("POST", "/line-views", 201, json=VIEW)
        path = f"/line-views/{saved['id']}"
        assert (await bob.get("/line-views"))["items"] == []
        await bob("PUT", path, 404, json=VIEW | {"version": 1})
        await api("PUT", f"{path}/sharing", json={"is_shared": True, "version": 1})
        (seen,) = (await bob.get("/line-views"))["items"]
        assert (seen["owner"], seen["is_own"], seen["is_default"]) == ("Ann", False, False)
        await bob("PUT", path, 403, json=VIEW | {"version": 2})
        await bob("DELETE", path, 403)

    async def test_a_shared_view_can_be_taken_back_by_others(self, api: Client, bob: Colleague) -> None:
        saved = await api("POST", "/line-views", 201, json=VIEW)
        path = f"/line-views/{saved['id']}/sharing"
        await api("PUT", path, json={"is_shared": True, "version": 1})
        await bob("PUT", path, json={"is_shared": False, "version": 2})
        assert (await bob.get("/line-views"))["items"] == []
        assert len((await api.get("/line-views"))["items"]) == 1

    async def test_another_partner_sees_no_shared_view(self, api: Client) -> None:
        saved = await api("POST", "/line-views", 201, json=VIEW)
        await api("PUT", f"/line-views/{saved['id']}/sharing", json={"is_shared": True, "version": 1})
        stranger = Client(api.http, type(api.partner)(int=1))
        assert (await stranger.get("/line-views"))["items"] == []


async def test_the_audit_trail_is_told_of_every_change(billing: Billing, api: Client) -> None:
    saved = await api("POST", "/line-views", 201, json=VIEW)
    path = f"/line-views/{saved['id']}"
    await api("PUT", path, json=VIEW | {"name": "Held", "version": 1})
    await api("PUT", f"{path}/sharing", json={"is_shared": True, "version": 2})
    answer = await Colleague(api.http, api.partner)("DELETE", path, 403)
    assert answer["code"] == "line_view_is_of_another"
    told = [[change.field for change in fact.changes] for fact in await billing.told(LineViewChanged)]
    assert told == [["name"], ["name"], ["is_shared"]]
