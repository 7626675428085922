"""Lay the ledger: schema bus with events, deliveries and idempotency keys, walled by partner.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import SERVICE_ROLES, build_wall, open_schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

DUE = "handled_at IS NULL AND rested_at IS NULL"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _open_bus()
    _create_event()
    _create_delivery()
    _create_idempotency()
    for service in SERVICE_ROLES:
        for statement in open_schema(service):
            op.execute(statement)


def _open_bus() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS bus")
    op.execute(
        "CREATE FUNCTION bus.current_partner() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE "
        "AS $$ SELECT NULLIF(current_setting('tieout.partner', true), '')::uuid $$"
    )
    op.execute(
        "CREATE FUNCTION bus.is_relay() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE "
        "AS $$ SELECT COALESCE(current_setting('tieout.relay', true), '') = 'on' $$"
    )
    roles = ", ".join(SERVICE_ROLES.values())
    op.execute(f"GRANT USAGE ON SCHEMA bus TO {roles}")
    op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA bus GRANT SELECT, INSERT, UPDATE ON TABLES TO {roles}")


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("type", sa.String(120), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("correlation_id", sa.String(80), nullable=False),
        sa.Column("causation_id", sa.Uuid()),
        sa.Column("actor", postgresql.JSONB(), nullable=False),
        sa.Column("data", postgresql.JSON(), nullable=False),
        schema="bus",
    )
    for statement in build_wall("bus.event"):
        op.execute(statement)


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("event_id", sa.Uuid(), sa.ForeignKey("bus.event.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("consumer", sa.String(40), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("rings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_id", sa.Uuid()),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("handled_at", sa.DateTime(timezone=True)),
        sa.Column("rested_at", sa.DateTime(timezone=True)),
        sa.Column("last_error", sa.Text()),
        schema="bus",
    )
    op.create_index("delivery_due", "delivery", ["next_attempt_at"], schema="bus", postgresql_where=sa.text(DUE))
    op.create_index(
        "delivery_resting",
        "delivery",
        ["partner_id", "rested_at"],
        schema="bus",
        postgresql_where=sa.text("rested_at IS NOT NULL"),
    )
    op.create_index(
        "delivery_leased",
        "delivery",
        ["lease_id"],
        schema="bus",
        postgresql_where=sa.text("lease_id IS NOT NULL AND handled_at IS NULL"),
    )
    op.execute("ALTER TABLE bus.delivery ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE bus.delivery FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY partner_wall ON bus.delivery "
        "USING (partner_id = bus.current_partner() OR bus.is_relay()) "
        "WITH CHECK (partner_id = bus.current_partner() OR bus.is_relay())"
    )


def _create_idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("service", sa.String(40), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        schema="bus",
    )
    for statement in build_wall("bus.idempotency"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.execute("DROP SCHEMA bus CASCADE")
    for service in SERVICE_ROLES:
        op.execute(f"DROP SCHEMA {service} CASCADE")
