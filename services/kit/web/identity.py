"""Signs and checks who is asking, between the gateway and the services, for one minute at most."""

from datetime import timedelta
from functools import cache

import jwt
import orjson
from jwt.algorithms import HMACAlgorithm
from jwt.types import Options
from pydantic import ValidationError

from services.contracts.identity import Identity
from services.kit.base import clock
from services.kit.base.errors import Unauthorized

_ALGORITHM = "HS256"
_AUDIENCE = "tieout-services"
_CHECKS: Options = {"require": ["exp"], "verify_exp": False, "verify_iat": False}  # by our own clock, below
LIFETIME = timedelta(seconds=60)  # one hop inside one installation; clock skew beyond that is a fault to see


class IdentityNotTrusted(Unauthorized):
    """The internal identity is missing, forged or expired."""

    action = "Call the public address of Tieout, not a service behind it."


@cache
def _prepared(key: str | bytes) -> bytes:
    return HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(key)


class _Hmac(HMACAlgorithm):
    """Makes sure once, and not for each signature, that a key is no asymmetric one: that took half of the signing."""

    def prepare_key(self, key: str | bytes) -> bytes:
        return _prepared(key)


_signer = jwt.PyJWS()
_signer.unregister_algorithm(_ALGORITHM)
_signer.register_algorithm(_ALGORITHM, _Hmac(HMACAlgorithm.SHA256))


def sign_identity(identity: Identity, key: str) -> str:
    """The header value that proves `identity` to a service."""
    issued = int(clock.now().timestamp())
    expires = issued + int(LIFETIME.total_seconds())
    claims = {"aud": _AUDIENCE, "iat": issued, "exp": expires, "who": identity.model_dump(mode="json")}
    return _signer.encode(orjson.dumps(claims), key, algorithm=_ALGORITHM)


def check_identity(token: str, key: str) -> Identity:
    """The identity a header value proves; IdentityNotTrusted where it proves none."""
    try:
        claims = jwt.decode(token, key, algorithms=[_ALGORITHM], audience=_AUDIENCE, options=_CHECKS)
        identity = Identity.model_validate(claims["who"])
    except (jwt.InvalidTokenError, ValidationError, KeyError) as error:
        raise IdentityNotTrusted("This call does not carry a valid internal identity.") from error
    expires = claims["exp"]
    if not isinstance(expires, int) or expires <= clock.now().timestamp():
        raise IdentityNotTrusted("The internal identity of this call has expired.")
    return identity
