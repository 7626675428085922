"""What browsers and programs carry: text that names its partner and holds a secret of 256 bits.

The partner stands in the text so that the wall can be bound before the look-up. The database keeps a
plain SHA-256 of the secret: 256 random bits need no slow hash.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Self
from uuid import UUID

SESSION_COOKIE = "tieout_session"
CSRF_COOKIE = "tieout_csrf"
CSRF_HEADER = "x-csrf-token"
TOKEN_PREFIX = "tieout_"  # noqa: S105 - a mark by which leaked tokens are found, no secret

_PARTNER = 32  # hexadecimal digits


@dataclass(frozen=True, slots=True)
class Credential:
    """A partner and a secret; `is_token` tells programs from browsers."""

    partner_id: UUID
    secret: str
    is_token: bool

    @classmethod
    def make(cls, partner_id: UUID, *, is_token: bool) -> Self:
        return cls(partner_id, secrets.token_urlsafe(32), is_token)

    @classmethod
    def read_cookie(cls, text: str) -> Self | None:
        return cls._read(text, is_token=False)

    @classmethod
    def read_token(cls, text: str) -> Self | None:
        if not text.startswith(TOKEN_PREFIX):
            return None
        return cls._read(text.removeprefix(TOKEN_PREFIX), is_token=True)

    @classmethod
    def _read(cls, text: str, *, is_token: bool) -> Self | None:
        try:
            partner_id = UUID(hex=text[:_PARTNER])
        except ValueError:
            return None
        return cls(partner_id, text[_PARTNER + 1 :], is_token)

    @property
    def text(self) -> str:
        """What is handed out, once."""
        if self.is_token:
            return f"{TOKEN_PREFIX}{self.partner_id.hex}_{self.secret}"
        return f"{self.partner_id.hex}.{self.secret}"

    @property
    def secret_hash(self) -> bytes:
        return hashlib.sha256(self.secret.encode()).digest()

    @property
    def csrf(self) -> str:
        """Derived from the secret: another site can plant a cookie, but cannot make the pair that fits."""
        return hmac.new(self.secret.encode(), b"csrf", hashlib.sha256).hexdigest()

    def accepts_csrf(self, given: str | None) -> bool:
        return given is not None and hmac.compare_digest(self.csrf.encode(), given.encode())
