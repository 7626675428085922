"""Programs come in with tokens."""

from datetime import timedelta

import httpx
import pytest

from services.contracts.vocabulary import Role
from tests.gateway.conftest import Door
from tests.support.clock import HeldClock

OWNER = "owner@northwind.example"


async def make_token(client: httpx.AsyncClient, **wanted: object) -> dict[str, str]:
    answer = await client.post("/api/v1/tokens", json={"name": "nightly", "scopes": ["read"], **wanted})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


@pytest.fixture
async def owner(door: Door) -> httpx.AsyncClient:
    await door.make_partner(OWNER)
    return await door.sign_in(OWNER)


class TestTokens:
    async def test_a_token_is_shown_once_and_only_its_hash_is_kept(self, door: Door, owner: httpx.AsyncClient) -> None:
        made = await make_token(owner)

        assert made["token"].startswith("tieout_")
        (listed,) = (await owner.get("/api/v1/tokens")).json()["items"]
        assert "token" not in listed
        assert listed["created_by"] == "owner"
        (row,) = await door.fetch("SELECT row_to_json(t)::text AS kept FROM gateway.api_token t")
        assert made["token"].rpartition("_")[2] not in row["kept"]
        (row,) = await door.fetch("SELECT count(*) AS n FROM bus.idempotency WHERE answer LIKE '%tieout_%'")
        assert row["n"] == 0

    async def test_a_token_comes_in_without_cookies_and_csrf(self, door: Door, owner: httpx.AsyncClient) -> None:
        made = await make_token(owner, scopes=["read", "admin"])
        program = door.client(Authorization=f"Bearer {made['token']}")

        assert (await program.get("/api/v1/me")).json()["email"] == OWNER
        assert (await program.post("/api/v1/tokens", json={"name": "n", "scopes": ["read"]})).status_code == 201

    async def test_a_revoked_token_is_refused_at_once(self, door: Door, owner: httpx.AsyncClient) -> None:
        made = await make_token(owner)
        program = door.client(Authorization=f"Bearer {made['token']}")
        assert (await program.get("/api/v1/me")).status_code == 200

        assert (await owner.delete(f"/api/v1/tokens/{made['id']}")).status_code == 204

        assert (await program.get("/api/v1/me")).status_code == 401
        assert (await owner.get("/api/v1/tokens")).json()["items"] == []
        assert (await owner.delete(f"/api/v1/tokens/{made['id']}")).status_code == 404

    async def test_an_expired_token_is_refused_even_while_it_is_remembered(
        self, door: Door, owner: httpx.AsyncClient, clock: HeldClock
    ) -> None:
        made = await make_token(owner, expires_in_days=1)
        program = door.client(Authorization=f"Bearer {made['token']}")
        clock.advance(timedelta(days=1, seconds=-2))
        assert (await program.get("/api/v1/me")).status_code == 200
        clock.advance(timedelta(seconds=3))
        assert (await program.get("/api/v1/me")).status_code == 401

    async def test_a_token_reaches_what_its_scopes_say(self, door: Door, owner: httpx.AsyncClient) -> None:
        made = await make_token(owner, scopes=["read", "write"])
        program = door.client(Authorization=f"Bearer {made['token']}")

        answer = await program.get("/api/v1/tokens")

        assert (answer.status_code, answer.json()["code"]) == (403, "scope_does_not_allow")
        assert "'admin'" in answer.json()["detail"]

    async def test_a_token_never_makes_one_that_may_more(self, door: Door, owner: httpx.AsyncClient) -> None:
        made = await make_token(owner, scopes=["admin"])
        program = door.client(Authorization=f"Bearer {made['token']}")
        answer = await program.post("/api/v1/tokens", json={"name": "n", "scopes": ["admin", "write"]})
        assert (answer.status_code, answer.json()["code"]) == (403, "token_reaches_too_far")

    async def test_a_token_may_no_more_than_the_person_who_made_it(
        self, door: Door, owner: httpx.AsyncClient, clock: HeldClock
    ) -> None:
        made = await make_token(owner, scopes=["read", "write", "admin"])
        program = door.client(Authorization=f"Bearer {made['token']}")
        assert (await program.get("/api/v1/tokens")).status_code == 200

        await door.execute("UPDATE gateway.membership SET roles = $1", [Role.VIEWER.value])
        clock.advance(timedelta(seconds=6))

        answer = await program.get("/api/v1/tokens")
        assert (answer.status_code, answer.json()["code"]) == (403, "role_does_not_allow")

    async def test_when_it_was_last_used_is_known_to_the_minute(
        self, door: Door, owner: httpx.AsyncClient, clock: HeldClock
    ) -> None:
        made = await make_token(owner)
        await door.client(Authorization=f"Bearer {made['token']}").get("/api/v1/me")
        (listed,) = (await owner.get("/api/v1/tokens")).json()["items"]
        assert listed["last_used_at"] == clock().isoformat().replace("+00:00", "Z")

    @pytest.mark.parametrize(
        "header", ["Bearer", "Bearer x", "Basic dTpw", "Bearer tieout_", f"Bearer tieout_{'0' * 32}_secret"]
    )
    async def test_a_bad_token_is_refused_even_beside_a_good_cookie(
        self, door: Door, owner: httpx.AsyncClient, header: str
    ) -> None:
        answer = await owner.get("/api/v1/me", headers={"Authorization": header})
        assert answer.status_code == 401

    @pytest.mark.parametrize("wanted", [{"scopes": []}, {"scopes": ["all"]}, {"name": " "}, {"expires_in_days": 0}])
    async def test_nonsense_is_answered_with_the_field_that_is_wrong(
        self, owner: httpx.AsyncClient, wanted: dict[str, object]
    ) -> None:
        answer = await owner.post("/api/v1/tokens", json={"name": "n", "scopes": ["read"], **wanted})
        assert answer.status_code == 422
        (problem,) = answer.json()["errors"]
        assert problem["field"].partition(".")[0] == next(iter(wanted))

    async def test_pages_follow_each_other_without_gaps(self, owner: httpx.AsyncClient, door: Door) -> None:
        names = [f"token {number}" for number in range(5)]
        for name in names:
            await make_token(owner, name=name)
        seen: list[str] = []
        cursor = None
        while True:
            page = (
                await owner.get("/api/v1/tokens", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
            ).json()
            seen += [each["name"] for each in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert seen == names[::-1]

    @pytest.mark.parametrize(
        "cursor",
        ["x", "WyIyMDI2LTAxLTAxIiwieCJd", "WyIyMDI2LTAxLTAxIiwiMDE5ODAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0"],
    )
    async def test_a_made_up_cursor_is_a_bad_request(self, owner: httpx.AsyncClient, cursor: str) -> None:
        answer = await owner.get("/api/v1/tokens", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")
