"""People sign in and out."""

from datetime import timedelta

import pytest

from services.gateway.sessions import passwords
from services.gateway.sessions.service import IDLE, LIFETIME
from services.gateway.sessions.throttle import MOST_PER_PAIR
from tests.gateway.conftest import PASSWORD, Door, OpenDoor
from tests.support.clock import HeldClock

OWNER = "owner@northwind.example"


class TestSignIn:
    async def test_the_right_password_opens_a_session_and_says_who_one_is(self, door: Door) -> None:
        partner_id = await door.make_partner(OWNER)
        client = door.client()

        answer = await client.post("/api/v1/session", json={"email": " Owner@Northwind.example", "password": PASSWORD})

        assert answer.status_code == 200
        assert answer.json()["email"] == OWNER
        assert answer.json()["roles"] == ["owner"]
        assert answer.json()["partner"] == {"id": str(partner_id), "name": "Northwind MSP"}
        assert (await client.get("/api/v1/me")).json() == answer.json()

    async def test_the_session_cookie_is_out_of_reach_for_scripts_and_the_csrf_cookie_is_not(self, door: Door) -> None:
        await door.make_partner(OWNER)
        answer = await door.client().post("/api/v1/session", json={"email": OWNER, "password": PASSWORD})

        session, csrf = (each.lower() for each in answer.headers.get_list("set-cookie"))
        assert session.startswith("tieout_session=")
        assert "httponly" in session
        assert "samesite=lax" in session
        assert csrf.startswith("tieout_csrf=")
        assert "httponly" not in csrf
        assert "secure" not in session + csrf

    async def test_over_https_cookies_travel_over_https_only(self, door: Door) -> None:
        await door.make_partner(OWNER)
        client = door.client(**{"X-Forwarded-Proto": "https"})
        answer = await client.post("/api/v1/session", json={"email": OWNER, "password": PASSWORD})

        assert all("secure" in each.lower() for each in answer.headers.get_list("set-cookie"))
        assert "strict-transport-security" in answer.headers

    @pytest.mark.parametrize("email", [OWNER, "nobody@northwind.example"])
    async def test_a_wrong_password_and_an_unknown_e_mail_are_told_apart_by_nobody(
        self, door: Door, email: str
    ) -> None:
        await door.make_partner(OWNER)
        answer = await door.client().post("/api/v1/session", json={"email": email, "password": "wrong"})

        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "wrong_password"

    async def test_an_unknown_e_mail_costs_a_hash_like_a_known_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        looked_at: list[str] = []

        def fits(stored: str, _given: str) -> bool:
            looked_at.append(stored)
            return True

        monkeypatch.setattr(passwords, "_fits", fits)

        assert not await passwords.fits(None, "a guess")
        assert looked_at[0].startswith("$argon2id$")

    async def test_guessing_is_stopped_even_when_the_guess_is_right_at_last(self, door: Door) -> None:
        await door.make_partner(OWNER)
        client = door.client()
        for _ in range(MOST_PER_PAIR):
            answer = await client.post("/api/v1/session", json={"email": OWNER, "password": "wrong"})
            assert answer.status_code == 401

        answer = await client.post("/api/v1/session", json={"email": OWNER, "password": PASSWORD})

        assert answer.status_code == 429
        assert answer.json()["code"] == "too_many_sign_ins"

    async def test_signing_in_often_with_the_right_password_is_no_guessing(self, door: Door) -> None:
        await door.make_partner(OWNER)
        client = door.client()
        for _ in range(MOST_PER_PAIR + 1):
            answer = await client.post("/api/v1/session", json={"email": OWNER, "password": PASSWORD})
            assert answer.status_code == 200

    async def test_a_form_of_another_site_cannot_sign_anybody_in(self, door: Door) -> None:
        await door.make_partner(OWNER)
        body = f'{{"email": "{OWNER}", "password": "{PASSWORD}"}}'
        # Browsers let any page send text/plain; JSON they ask about first, and the answer is no.
        answer = await door.client().post("/api/v1/session", content=body, headers={"Content-Type": "text/plain"})
        assert answer.status_code == 422

    async def test_people_come_in_while_redis_is_away(self, open_door: OpenDoor) -> None:
        async with open_door(redis_url="redis://127.0.0.1:9/0") as door:
            await door.make_partner(OWNER)
            assert (await (await door.sign_in(OWNER)).get("/api/v1/me")).status_code == 200

    async def test_the_database_never_sees_the_secret(self, door: Door) -> None:
        await door.make_partner(OWNER)
        client = await door.sign_in(OWNER)
        _, _, secret = client.cookies["tieout_session"].partition(".")

        (row,) = await door.fetch("SELECT encode(secret_hash, 'escape') AS kept FROM gateway.session")
        assert secret not in row["kept"]

    async def test_sign_in_and_out_are_told_to_the_ledger(self, door: Door) -> None:
        await door.make_partner(OWNER)
        client = await door.sign_in(OWNER)
        await client.delete("/api/v1/session")

        rows = await door.fetch("SELECT type, actor->>'name' AS who FROM bus.event ORDER BY sequence")
        assert [(row["type"], row["who"]) for row in rows] == [
            ("gateway.session.opened.v1", "owner"),
            ("gateway.session.closed.v1", "owner"),
        ]


class TestSession:
    async def test_after_signing_out_the_cookie_opens_nothing(self, door: Door) -> None:
        await door.make_partner(OWNER)
        client = await door.sign_in(OWNER)
        cookie = client.cookies["tieout_session"]

        assert (await client.delete("/api/v1/session")).status_code == 204

        thief = door.client(Cookie=f"tieout_session={cookie}")
        answer = await thief.get("/api/v1/me")
        assert answer.status_code == 401
        assert answer.json()["code"] == "credential_not_accepted"

    async def test_nobody_comes_in_without_a_credential(self, door: Door) -> None:
        answer = await door.client().get("/api/v1/me")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")

    @pytest.mark.parametrize("cookie", ["", "rubbish", "0" * 32 + ".secret", "0" * 32])
    async def test_a_made_up_cookie_opens_nothing(self, door: Door, cookie: str) -> None:
        answer = await door.client(Cookie=f"tieout_session={cookie}").get("/api/v1/me")
        assert answer.status_code == 401

    async def test_a_secret_opens_its_own_partner_only(self, door: Door) -> None:
        await door.make_partner(OWNER)
        other = await door.make_partner("owner@other.example")
        client = await door.sign_in(OWNER)
        await client.get("/api/v1/me")  # remembered now
        _, _, secret = client.cookies["tieout_session"].partition(".")

        answer = await door.client(Cookie=f"tieout_session={other.hex}.{secret}").get("/api/v1/me")
        assert answer.status_code == 401

    async def test_a_session_ends_after_a_working_day_of_silence(self, door: Door, clock: HeldClock) -> None:
        await door.make_partner(OWNER)
        client = await door.sign_in(OWNER)
        clock.advance(IDLE - timedelta(minutes=1))
        assert (await client.get("/api/v1/me")).status_code == 200
        clock.advance(IDLE - timedelta(minutes=1))
        assert (await client.get("/api/v1/me")).status_code == 200, "being seen keeps it open"
        clock.advance(IDLE + timedelta(minutes=1))
        assert (await client.get("/api/v1/me")).status_code == 401

    async def test_a_session_ends_after_a_week_however_busy(self, door: Door, clock: HeldClock) -> None:
        await door.make_partner(OWNER)
        client = await door.sign_in(OWNER)
        cookie = client.cookies["tieout_session"]
        await door.execute("UPDATE gateway.session SET last_seen_at = last_seen_at + interval '30 days'")
        clock.advance(LIFETIME)
        answer = await door.client(Cookie=f"tieout_session={cookie}").get("/api/v1/me")
        assert answer.status_code == 401

    async def test_who_lost_the_membership_is_out(self, door: Door, clock: HeldClock) -> None:
        await door.make_partner(OWNER)
        client = await door.sign_in(OWNER)
        await door.execute("DELETE FROM gateway.membership")
        clock.advance(timedelta(seconds=6))
        assert (await client.get("/api/v1/me")).status_code == 401
        answer = await client.post("/api/v1/session", json={"email": OWNER, "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_a_member")


class TestCsrf:
    @pytest.mark.parametrize("given", [None, "", "0" * 64, "ünglück"])
    async def test_a_write_with_the_cookie_needs_the_token_that_only_our_pages_can_read(
        self, door: Door, given: str | None
    ) -> None:
        await door.make_partner(OWNER)
        client = await door.sign_in(OWNER)
        del client.headers["X-CSRF-Token"]
        headers = [] if given is None else [(b"X-CSRF-Token", given.encode())]

        answer = await client.post("/api/v1/tokens", json={"name": "n", "scopes": ["read"]}, headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_token_missing")

    async def test_the_token_of_another_session_does_not_fit(self, door: Door) -> None:
        await door.make_partner(OWNER)
        mine, other = await door.sign_in(OWNER), await door.sign_in(OWNER)
        mine.headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"]
        assert (await mine.delete("/api/v1/session")).status_code == 403

    async def test_reading_needs_none(self, door: Door) -> None:
        await door.make_partner(OWNER)
        client = await door.sign_in(OWNER)
        del client.headers["X-CSRF-Token"]
        assert (await client.get("/api/v1/me")).status_code == 200
