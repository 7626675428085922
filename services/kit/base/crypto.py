"""Secrets are sealed at rest and never shown again.

Fernet (AES-128-CBC with HMAC-SHA256) from `cryptography`. The first key seals, all keys open, so a
key is rotated by putting a new one in front and calling `reseal` on what is stored.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import AfterValidator, SecretStr

from services.kit.base.errors import Unavailable


class SecretCannotBeOpened(Unavailable):
    """A sealed secret was sealed with a key that this installation no longer has."""

    action = "Put the old key back into TIEOUT_SEALING_KEYS, or save the credentials again."


class Sealer:
    """Seals small JSON objects of secrets.

    Args:
        keys: comma-separated urlsafe-base64 keys of 32 bytes (`Fernet.generate_key`), newest first.
    """

    def __init__(self, keys: str) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])
        except ValueError as error:
            raise ValueError("one or more urlsafe-base64 keys of 32 bytes are needed, separated by commas") from error

    def seal(self, secrets: dict[str, str]) -> bytes:
        return self._fernet.encrypt(json.dumps(secrets).encode())

    def open(self, sealed: bytes) -> dict[str, str]:
        """The secrets again; SecretCannotBeOpened when none of the keys fits."""
        with _lost_keys_named():
            opened: dict[str, str] = json.loads(self._fernet.decrypt(sealed))
        return opened

    def reseal(self, sealed: bytes) -> bytes:
        """The same secrets under the newest key; SecretCannotBeOpened when none of the keys fits."""
        with _lost_keys_named():
            return self._fernet.rotate(sealed)


def _that_seal(keys: SecretStr) -> SecretStr:
    Sealer(keys.get_secret_value())
    return keys


SealingKeys = Annotated[SecretStr, AfterValidator(_that_seal)]
"""A setting of keys as `Sealer` takes them; refused with the other settings when it holds no such key."""


@contextmanager
def _lost_keys_named() -> Iterator[None]:
    try:
        yield
    except InvalidToken as error:
        raise SecretCannotBeOpened("A stored secret cannot be opened with the present keys.") from error
