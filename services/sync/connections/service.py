"""Saving connections so that a secret can go to no other place than the one it was given for."""

import ipaddress
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from services.contracts.events.sync import ConnectionSaved, PsaDescribed
from services.contracts.shapes import PsaTraits
from services.contracts.vocabulary import ConnectedSystem
from services.kit.base import clock
from services.kit.base.crypto import Sealer
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import Conflict, FieldProblem, InvalidFields
from services.kit.ledger import bus
from services.sync.connections import repository
from services.sync.connections.models import ConnectionRow
from services.sync.connections.schemas import (
    ConnectionCheck,
    ConnectionIn,
    ConnectionOut,
    ConnectionStatus,
    ConnectionTest,
)
from services.sync.marketplaces.registry import MARKETPLACES
from services.sync.psas.registry import PSAS
from services.sync.systems import Access, ConnectionForm, TraitOrigin


class ConnectionMissing(Conflict):
    """Credentials of an upstream were never saved."""

    action = "Save the connection first, then try again."


def psa_forms() -> list[ConnectionForm]:
    return [system.form for system in PSAS.values()]


def marketplace_forms() -> list[ConnectionForm]:
    return [system.form for system in MARKETPLACES.values()]


def form_of(system: str) -> ConnectionForm:
    """What connecting a system asks for, whichever registry has it."""
    return PSAS[system].form if system in PSAS else MARKETPLACES[system].form


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
    form = form_of(system)
    before = await repository.find_connection(session, system)
    address = given.address.strip().rstrip("/")
    profile = (given.profile or form.profiles[0]) if form.profiles else ""
    settings = {name: value.strip() for name, value in given.settings.items()}
    secrets = {name: value.get_secret_value().strip() for name, value in given.secrets.items()}
    keeps = not secrets and before is not None and (before.address, before.settings) == (address, settings)
    await _check_only_one(session, form)
    _check(form, address, profile, settings, None if keeps else secrets)
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
    if before is not None and (before.address, before.settings) != (address, settings):
        # Another tenant may keep other decimals.
        await repository.forget_traits(session, system, None, (TraitOrigin.LEARNED,))
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


async def require_connection(session: ReadSession, system: str) -> None:
    """ConnectionMissing unless this system has credentials."""
    if await repository.find_connection(session, system) is None:
        raise ConnectionMissing(f"No credentials are saved for {form_of(system).label}.")


def describe_access(tried: Sequence[Access]) -> list[ConnectionCheck]:
    return [ConnectionCheck(name=each.name, ok=not each.trouble, detail=each.trouble or each.detail) for each in tried]


def missing_rights(checks: Sequence[ConnectionCheck]) -> list[str]:
    return [check.name for check in checks if not check.ok]


async def find_saved(session: ReadSession, forms: Iterable[ConnectionForm]) -> ConnectionRow:
    """The one connection of a partner to a system of one kind; ConnectionMissing before it was saved."""
    labels = {form.name: form.label for form in forms}
    for row in await repository.list_connections(session):
        if row.system in labels:
            return row
    raise ConnectionMissing(f"No credentials are saved for {' or '.join(labels.values())}.")


async def publish_traits(session: WriteSession, traits: PsaTraits) -> None:
    """Publish what the partner's PSA is like, if it differs from what was published last."""
    row = await find_saved(session, psa_forms())
    described = traits.model_dump(mode="json")
    if row.published_traits != described:
        row.published_traits = described
        await bus.publish(session, PsaDescribed(traits=traits), subject=f"psa/{row.system}")


async def is_described(session: ReadSession, system: str) -> bool:
    """Whether billing knows what a connected PSA is like."""
    row = await repository.find_connection(session, system)
    return row is not None and row.published_traits is not None


async def require_connections(session: ReadSession) -> None:
    """ConnectionMissing unless a marketplace and a PSA have credentials."""
    known = {row.system for row in await repository.list_connections(session)}
    sides = [marketplace_forms(), psa_forms()]
    missing = [" or ".join(form.label for form in side) for side in sides if not known & {form.name for form in side}]
    if missing:
        raise ConnectionMissing(f"No credentials are saved for {' and '.join(missing)}.")


async def _check_only_one(session: ReadSession, form: ConnectionForm) -> None:
    """A partner has one PSA and one marketplace: nothing may be written to a second one by accident."""
    side = next(side for side in (psa_forms(), marketplace_forms()) if form.name in {each.name for each in side})
    labels = {each.name: each.label for each in side if each.name != form.name}
    for row in await repository.list_connections(session):
        if row.system in labels:
            message = f"{labels[row.system]} is connected already, and only one such system can be"
            raise InvalidFields([FieldProblem(field="system", message=message)])


def _check(
    form: ConnectionForm, address: str, profile: str, settings: dict[str, str], secrets: dict[str, str] | None
) -> None:
    problems = []
    if trouble := _trouble_with_address(address):
        problems.append(FieldProblem(field="address", message=trouble))
    if form.profiles and profile not in form.profiles:
        problems.append(FieldProblem(field="profile", message=f"choose one of {', '.join(form.profiles)}"))
    problems += _missing("settings", form.settings, settings)
    if secrets is not None:
        problems += _missing("secrets", form.secrets, secrets)
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
