"""Give plans a scope, additions a memory of creates whose answer was lost, and agreements turns.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

Plans of the old code, and those it still makes meanwhile, are about their whole period. Creates that it left
without an answer are carried over, so that no later plan makes them again before it has looked for them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import build_wall

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _scope_plans()
    _create_unresolved_create()
    _create_agreement_turn()
    op.add_column("plan_ground", sa.Column("version", sa.Text(), nullable=False, server_default=""), schema="sync")
    op.add_column("written_addition", sa.Column("gone_at", INSTANT), schema="sync")
    op.create_index("written_addition_by_agreement", "written_addition", ["partner_id", "agreement_id"], schema="sync")


def _scope_plans() -> None:
    op.add_column("plan", sa.Column("scope", postgresql.JSONB(), nullable=False, server_default="{}"), schema="sync")
    op.add_column("plan", sa.Column("scope_key", sa.Text(), nullable=False, server_default=""), schema="sync")
    op.execute("UPDATE sync.plan SET scope = jsonb_build_object('period', period), scope_key = period")
    op.create_index(
        "plan_computing_scope",
        "plan",
        ["partner_id", "scope_key"],
        schema="sync",
        unique=True,
        postgresql_where=sa.text("status = 'computing'"),
    )
    op.drop_index("plan_computing", "plan", schema="sync")
    op.drop_index("plan_being_applied", "plan", schema="sync")


def _create_unresolved_create() -> None:
    op.create_table(
        "unresolved_create",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("marker", sa.Text(), primary_key=True),
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False, server_default=sa.func.now()),
        schema="sync",
    )
    op.create_index(
        "unresolved_create_by_agreement", "unresolved_create", ["partner_id", "agreement_id"], schema="sync"
    )
    op.execute(
        """
        INSERT INTO sync.unresolved_create (partner_id, marker, agreement_id, run_id, sent_at)
        SELECT DISTINCT ON (operation.partner_id, operation.marker)
          operation.partner_id, operation.marker, operation.agreement_id, plan.run_id, operation.sent_at
        FROM sync.plan_operation AS operation JOIN sync.plan AS plan ON plan.id = operation.plan_id
        WHERE operation.kind = 'create' AND operation.status IN ('sending', 'unknown')
          AND operation.sent_at IS NOT NULL AND plan.run_id IS NOT NULL
        ORDER BY operation.partner_id, operation.marker, operation.sent_at DESC
        """
    )
    for statement in build_wall("sync.unresolved_create"):
        op.execute(statement)


def _create_agreement_turn() -> None:
    op.create_table(
        "agreement_turn",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("agreement_id", sa.Text(), primary_key=True),
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("ticket", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False, server_default=sa.func.now()),
        schema="sync",
    )
    for statement in build_wall("sync.agreement_turn"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_table("agreement_turn", schema="sync")
    op.drop_table("unresolved_create", schema="sync")
    op.drop_index("written_addition_by_agreement", "written_addition", schema="sync")
    op.drop_column("written_addition", "gone_at", schema="sync")
    op.drop_column("plan_ground", "version", schema="sync")
    op.create_index(
        "plan_being_applied",
        "plan",
        ["partner_id"],
        schema="sync",
        unique=True,
        postgresql_where=sa.text("status = 'ready' AND run_id IS NOT NULL"),
    )
    op.create_index(
        "plan_computing",
        "plan",
        ["partner_id", "period"],
        schema="sync",
        unique=True,
        postgresql_where=sa.text("status = 'computing'"),
    )
    op.drop_index("plan_computing_scope", "plan", schema="sync")
    op.drop_column("plan", "scope_key", schema="sync")
    op.drop_column("plan", "scope", schema="sync")
