"""The database roles of the services: made before the first migration, because migrations grant to them.

A role reaches its own schema and `bus`, nothing else; what it may do there is in the migrations. Roles
belong to a whole server, not to one database, so a second installation beside the first shares them.
"""

import os
from collections.abc import Mapping

import asyncpg

from services.kit.base.tenancy import SERVICE_ROLES


def passwords_from(environment: Mapping[str, str]) -> dict[str, str]:
    """Service → password, from `TIEOUT_DB_PASSWORD_SYNC` and so on. Those not set are left as they are."""
    names = {service: f"TIEOUT_DB_PASSWORD_{service.upper()}" for service in SERVICE_ROLES}
    return {service: environment[name] for service, name in names.items() if environment.get(name)}


async def ensure_roles(url: str, passwords: Mapping[str, str] | None = None) -> None:
    """Make the roles that do not exist yet, and set the passwords that are given.

    Args:
        url: `postgresql://…` of a user who may create roles; one who may not is enough once they exist.
        passwords: service → password; a role without one signs in by other means (certificate, cloud identity).
    """
    passwords = passwords_from(os.environ) if passwords is None else passwords
    connection = await asyncpg.connect(url)
    try:
        existing = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        for service, role in SERVICE_ROLES.items():
            if role not in existing:
                await _create(connection, role)
            if service in passwords:
                await _execute(connection, "ALTER ROLE %I LOGIN PASSWORD %L", role, passwords[service])
    finally:
        await connection.close()


async def _create(connection: "asyncpg.Connection[asyncpg.Record]", role: str) -> None:
    try:
        await _execute(connection, "CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS", role)
    except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        return  # another database of this server is being set up at the same time
    except asyncpg.InsufficientPrivilegeError as error:
        raise SystemExit(f"Role {role} is missing, and this database user may not create roles: {error}") from error


async def _execute(connection: "asyncpg.Connection[asyncpg.Record]", template: str, *arguments: str) -> None:
    """Utility statements take no parameters, so the server itself quotes what goes into them."""
    places = ", ".join(f"${number}::text" for number in range(2, len(arguments) + 2))
    await connection.execute(await connection.fetchval(f"SELECT format($1, {places})", template, *arguments))
