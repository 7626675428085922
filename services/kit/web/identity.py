"""Signs and checks who is asking, between the gateway and the services, for one minute at most."""

from datetime import timedelta

import jwt
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


def sign_identity(identity: Identity, key: str) -> str:
    """The header value that proves `identity` to a service."""
    issued = clock.now()
    claims = {"aud": _AUDIENCE, "iat": issued, "exp": issued + LIFETIME, "who": identity.model_dump(mode="json")}
    return jwt.encode(claims, key, algorithm=_ALGORITHM)


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
