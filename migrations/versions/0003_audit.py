"""Lay the audit trail and the system log, the first of them append-only.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import SERVICE_ROLES, build_wall

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _create_trail()
    _forbid_change()
    _create_system_log()


def _create_trail() -> None:
    op.create_table(
        "trail_entry",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("position", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(120), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correlation_id", sa.String(80), nullable=False),
        sa.Column("causation_id", sa.Uuid()),
        sa.Column("actor_id", sa.String(200), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("data", postgresql.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        schema="audit",
    )
    op.create_index("trail_entry_event", "trail_entry", ["event_id"], unique=True, schema="audit")
    for column in ("type", "actor_id", "subject"):
        name = f"trail_entry_{column.removesuffix('_id')}"
        op.create_index(name, "trail_entry", ["partner_id", column, "position"], schema="audit")
    op.create_table(
        "trail_head",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        schema="audit",
    )
    for statement in (*build_wall("audit.trail_entry"), *build_wall("audit.trail_head")):
        op.execute(statement)


def _forbid_change() -> None:
    """Twice: a grant may be given again by mistake, and a trigger binds the owner too."""
    op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON audit.trail_entry FROM {SERVICE_ROLES['audit']}")
    op.execute(
        "CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit.trail_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit.refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON audit.trail_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()"
    )


def _create_system_log() -> None:
    op.create_table(
        "system_log",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid()),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("correlation_id", sa.String(80), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        schema="audit",
    )
    op.create_index("system_log_newest", "system_log", ["partner_id", "occurred_at", "id"], schema="audit")
    op.create_index("system_log_run", "system_log", ["partner_id", "run_id", "occurred_at", "id"], schema="audit")
    for statement in build_wall("audit.system_log"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for table in ("system_log", "trail_head", "trail_entry"):
        op.drop_table(table, schema="audit")
    op.execute("DROP FUNCTION audit.refuse_change()")
