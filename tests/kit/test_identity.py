from datetime import timedelta

import jwt
import pytest

from services.contracts.identity import Identity
from services.kit.web.identity import LIFETIME, IdentityNotTrusted, check_identity, sign_identity
from tests.support.clock import HeldClock

KEY = "a key of more than thirty-two characters"


class TestIdentity:
    def test_what_was_signed_is_what_is_found(self, who: Identity) -> None:
        assert check_identity(sign_identity(who, KEY), KEY) == who

    def test_another_key_proves_nothing(self, who: Identity) -> None:
        with pytest.raises(IdentityNotTrusted):
            check_identity(sign_identity(who, "another key of thirty-two characters"), KEY)

    def test_it_holds_for_its_lifetime_and_no_longer(self, who: Identity, clock: HeldClock) -> None:
        token = sign_identity(who, KEY)

        clock.advance(LIFETIME - timedelta(seconds=1))
        assert check_identity(token, KEY) == who
        clock.advance(timedelta(seconds=1))
        with pytest.raises(IdentityNotTrusted, match="expired"):
            check_identity(token, KEY)

    @pytest.mark.parametrize(
        "changed",
        [
            {"aud": "somebody-else"},
            {"aud": None},
            {"exp": None},
            {"exp": "tomorrow"},
            {"who": None},
            {"who": {"partner_id": "not a partner"}},
            {"who": "Ann"},
        ],
        ids=str,
    )
    def test_a_claim_that_is_missing_or_wrong_proves_nothing(
        self, who: Identity, clock: HeldClock, changed: dict[str, object]
    ) -> None:
        claims = {"aud": "tieout-services", "exp": clock() + LIFETIME, "who": who.model_dump(mode="json")} | changed
        token = jwt.encode({name: claim for name, claim in claims.items() if claim is not None}, KEY)

        with pytest.raises(IdentityNotTrusted):
            check_identity(token, KEY)

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é"])
    def test_what_is_no_token_proves_nothing(self, token: str) -> None:
        with pytest.raises(IdentityNotTrusted):
            check_identity(token, KEY)

    def test_an_unsigned_token_proves_nothing(self, who: Identity, clock: HeldClock) -> None:
        claims = {"aud": "tieout-services", "exp": clock() + LIFETIME, "who": who.model_dump(mode="json")}

        with pytest.raises(IdentityNotTrusted):
            check_identity(jwt.encode(claims, "", algorithm="none"), KEY)
