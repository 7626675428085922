"""The secrets of a local installation: made once, kept in a file that only its owner reads."""

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from services.kit.base.tenancy import SERVICE_ROLES


def _password() -> str:
    return secrets.token_urlsafe(24)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _spoken_password() -> str:
    """One that a person may have to type: 80 bits in groups."""
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


MAKERS: dict[str, Callable[[], str]] = {
    "TIEOUT_INTERNAL_KEY": lambda: secrets.token_urlsafe(48),
    "TIEOUT_SEALING_KEYS": _fernet_key,
    "TIEOUT_DB_PASSWORD_OWNER": _password,
    **{f"TIEOUT_DB_PASSWORD_{service.upper()}": _password for service in SERVICE_ROLES},
    "TIEOUT_REDIS_PASSWORD": _password,
    "TIEOUT_DEMO_PASSWORD": _spoken_password,
}


def load_keys(file: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Every secret: from the environment where it is set there, else from `file`, else made now and written there."""
    kept = read_keys(file)
    made = {name: make() for name, make in MAKERS.items() if name not in kept}
    if made:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(file, kept | made)
    given = {name: environment[name] for name in MAKERS if environment.get(name)}
    return kept | made | given


def read_keys(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    lines = (line.partition("=") for line in file.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in lines}


def _write(file: Path, keys: Mapping[str, str]) -> None:
    """Beside it first: a run that is cut short never leaves half of the keys that the data was sealed with."""
    partial = file.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with open(partial, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as opened:
        opened.write("# Made by `make run`. Whoever has these can read the stored credentials.\n")
        opened.writelines(f"{name}={value}\n" for name, value in keys.items())
    partial.replace(file)
