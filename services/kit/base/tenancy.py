"""The walls between partners: row-level security that the database enforces on every table.

A session sets its partner for the length of one transaction; a table with a `partner_id` shows and
takes only that partner's rows. A query that forgets its filter therefore leaks nothing, and a session
that sets no partner sees nothing. Across partners the relay reads deliveries and jobs, and nothing else; the
database's own purge functions delete what is old (`kit.ledger.retention`).
"""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

SERVICE_ROLES = {name: f"tieout_{name}" for name in ("sync", "billing", "audit", "gateway")}

_NAME_PARTNER = text("SELECT set_config('tieout.partner', :partner, true), set_config('tieout.relay', '', true)")
_NAME_RELAY = text("SELECT set_config('tieout.relay', 'on', true)")


async def name_partner(session: AsyncSession, partner_id: UUID) -> None:
    """Bind the running transaction to one partner."""
    await session.execute(_NAME_PARTNER, {"partner": str(partner_id)})


async def name_relay(session: AsyncSession) -> None:
    """Let the running transaction see the deliveries and jobs of all partners, and nothing else of theirs."""
    await session.execute(_NAME_RELAY)


def build_wall(table: str) -> list[str]:
    """The statements that wall a table `schema.name` with a `partner_id`; migrations run them."""
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"""CREATE POLICY partner_wall ON {table}
            USING (partner_id = bus.current_partner()) WITH CHECK (partner_id = bus.current_partner())""",
    ]


def open_schema(service: str) -> list[str]:
    """The statements that give a service's role its own schema and nothing else's."""
    role = SERVICE_ROLES[service]
    return [
        f"CREATE SCHEMA IF NOT EXISTS {service}",
        f"GRANT USAGE ON SCHEMA {service} TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {service} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {service} GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    ]
