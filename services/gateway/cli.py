"""Commands for operators: `python -m services.gateway.cli create-partner --name … --owner-email … --password-stdin`.

Reads the same settings as the gateway. Can be repeated: an owner who exists keeps the partner and gets
the given password.
"""

import argparse
import asyncio
import sys
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.gateway.people.repository import NOBODY_YET, find_account
from services.gateway.people.service import Owner, ensure_partner
from services.gateway.sessions.passwords import LONGEST, SHORTEST
from services.gateway.sessions.schemas import Email
from services.gateway.settings import GatewaySettings
from services.kit.base.db import Database, system_circumstances
from services.kit.base.ids import new_id
from services.kit.base.settings import read_settings


async def create_partner(database: Database, name: str, owner: Owner) -> tuple[UUID, bool]:
    """The partner's id, and whether it is new."""
    async with database.reading(system_circumstances(NOBODY_YET, "gateway")) as reading:
        account = await find_account(reading, owner.email)
    partner_id = new_id() if account is None else account.home_partner_id
    async with database.writing(system_circumstances(partner_id, "gateway")) as writing:
        return partner_id, await ensure_partner(writing, partner_id, name, owner)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m services.gateway.cli", description=__doc__)
    commands = parser.add_subparsers(required=True)
    create = commands.add_parser("create-partner", help="make a partner and its owner, or give the owner a password")
    create.add_argument("--name", required=True, help="of the partner")
    create.add_argument("--owner-email", required=True)
    create.add_argument("--owner-name", help="how the owner is shown; the e-mail when left out")
    create.add_argument("--password-stdin", action="store_true", required=True, help="the first line of stdin")
    chosen = parser.parse_args(arguments)
    try:
        email = TypeAdapter[str](Email).validate_python(chosen.owner_email)
    except ValidationError:
        parser.error(f"{chosen.owner_email!r} is not an e-mail address")
    password = sys.stdin.readline().rstrip("\r\n")
    if not SHORTEST <= len(password) <= LONGEST:
        parser.error(f"the password needs {SHORTEST} to {LONGEST} characters")
    owner = Owner(email, chosen.owner_name or email, password)
    partner_id, is_new = asyncio.run(_create(read_settings(GatewaySettings), chosen.name, owner))
    sys.stdout.write(f"partner {partner_id} {'created' if is_new else 'exists'}\n")


async def _create(settings: GatewaySettings, name: str, owner: Owner) -> tuple[UUID, bool]:
    database = Database(settings.database_url, "gateway", pool_size=1)
    try:
        return await create_partner(database, name, owner)
    finally:
        await database.close()


if __name__ == "__main__":
    main()
