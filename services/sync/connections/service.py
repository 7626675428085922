"""Saving connections so that a secret can go to no other place than the one it was given for."""

import ipaddress
from urllib.parse import urlsplit

from services.contracts.events.sync import ConnectionSaved
from services.contracts.vocabulary import ConnectedSystem
from services.kit.base import clock
from services.kit.base.crypto import Sealer
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import Conflict, FieldProblem, InvalidFields
from services.kit.ledger import bus
from services.sync.connections import repository
from services.sync.connections.models import ConnectionRow
from services.sync.connections.schemas import ConnectionIn, ConnectionOut, ConnectionStatus, ConnectionTest
from services.sync.marketplaces.appxite.profiles import PROFILES, REPORTING_CURRENT

NEEDED_SETTINGS = {ConnectedSystem.APPXITE: ("seller_id",), ConnectedSystem.CONNECTWISE: ("company_id",)}
NEEDED_SECRETS = {
    ConnectedSystem.APPXITE: ("key",),
    ConnectedSystem.CONNECTWISE: ("public_key", "private_key", "client_id"),
}
LABELS = {ConnectedSystem.APPXITE: "AppXite", ConnectedSystem.CONNECTWISE: "ConnectWise"}


class ConnectionMissing(Conflict):
    """Credentials of an upstream were never saved."""

    action = "Save the connection first, then try again."


def describe(system: ConnectedSystem, row: ConnectionRow | None) -> ConnectionOut:
    if row is None:
        return ConnectionOut(
            system=system,
            address="",
            profile="",
            settings={},
            has_secret=False,
            status=ConnectionStatus.MISSING,
            tested_at=None,
            missing_rights=[],
        )
    return ConnectionOut(
        system=system,
        address=row.address,
        profile=row.profile,
        settings=row.settings,
        has_secret=True,
        status=ConnectionStatus(row.status),
        tested_at=row.tested_at,
        missing_rights=row.missing_rights,
    )


async def show_connection(session: ReadSession, system: ConnectedSystem) -> ConnectionOut:
    return describe(system, await repository.find_connection(session, system))


async def save_connection(
    session: WriteSession, system: ConnectedSystem, given: ConnectionIn, sealer: Sealer
) -> ConnectionOut:
    """Save address, settings and secrets. InvalidFields names everything that is missing or wrong."""
    before = await repository.find_connection(session, system)
    address = given.address.strip().rstrip("/")
    profile = (given.profile or REPORTING_CURRENT.name) if system is ConnectedSystem.APPXITE else ""
    settings = {name: value.strip() for name, value in given.settings.items()}
    secrets = {name: value.get_secret_value().strip() for name, value in given.secrets.items()}
    keeps = not secrets and before is not None and (before.address, before.settings) == (address, settings)
    _check(system, address, profile, settings, None if keeps else secrets)
    sealed = before.sealed if keeps and before is not None else sealer.seal(secrets)
    values: dict[str, object] = {
        "address": address,
        "profile": profile,
        "settings": settings,
        "sealed": sealed,
        "status": ConnectionStatus.UNTESTED.value,
        "missing_rights": [],
        "tested_at": None,
    }
    row = await repository.save_connection(session, system, values)
    fact = ConnectionSaved(system=system, address=address, profile=profile)
    await bus.publish(session, fact, subject=f"connection/{system.value}")
    return describe(system, row)


async def note_test(
    session: WriteSession, system: ConnectedSystem, outcome: ConnectionTest, missing_rights: list[str]
) -> None:
    row = await repository.find_connection(session, system)
    if row is not None:
        row.status = (ConnectionStatus.OK if outcome.ok else ConnectionStatus.FAILING).value
        row.missing_rights, row.tested_at = missing_rights, clock.now()


async def require_connections(session: ReadSession) -> None:
    """ConnectionMissing unless both upstreams have credentials."""
    known = {row.system for row in await repository.list_connections(session)}
    missing = [LABELS[system] for system in ConnectedSystem if system.value not in known]
    if missing:
        raise ConnectionMissing(f"No credentials are saved for {' and '.join(missing)}.")


def _check(
    system: ConnectedSystem, address: str, profile: str, settings: dict[str, str], secrets: dict[str, str] | None
) -> None:
    problems = []
    if trouble := _trouble_with_address(address):
        problems.append(FieldProblem(field="address", message=trouble))
    if system is ConnectedSystem.APPXITE and profile not in PROFILES:
        problems.append(FieldProblem(field="profile", message=f"choose one of {', '.join(PROFILES)}"))
    problems += _missing("settings", NEEDED_SETTINGS[system], settings)
    if secrets is not None:
        problems += _missing("secrets", NEEDED_SECRETS[system], secrets)
    if problems:
        raise InvalidFields(problems)


def _missing(where: str, needed: tuple[str, ...], given: dict[str, str]) -> list[FieldProblem]:
    problems = [FieldProblem(field=f"{where}.{name}", message="is needed") for name in needed if not given.get(name)]
    unknown = sorted(set(given) - set(needed))
    return problems + [FieldProblem(field=f"{where}.{name}", message="is not known here") for name in unknown]


def _trouble_with_address(address: str) -> str:
    """Secrets travel encrypted: plain http is for a server on this machine only."""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in {"http", "https"} or not host:
        return "must be an https address"
    if parts.username or parts.query or parts.fragment:
        return "must not carry credentials or a query"
    return "" if parts.scheme == "https" or _is_loopback(host) else "must be https; http is for this machine only"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
