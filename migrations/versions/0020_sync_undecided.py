"""Let additions know what they were charged for, and plans what bills without a charge and what is decided about it.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

Which customer and line an addition was written for is carried over from the operations that wrote it. Through which
day it is charged, no operation of the old code says: that stays null until it is pushed or planned again.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import build_wall

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ADDITION_COLUMNS = ("organization_id", "line_id", "charged_from", "charged_through")
OPERATION_COLUMNS = (
    "organization_id",
    "cause",
    "choice",
    "choice_reason",
    "keep_until",
    "decided_by",
    "will_bill",
    "ending",
)
TABLES = ("plan_closing", "plan_expected", "addition_decision", "period_completeness")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _describe_additions()
    _describe_operations()
    _create_parts_of_plans()
    _create_decisions()
    for table in TABLES:
        for statement in build_wall(f"sync.{table}"):
            op.execute(statement)


def _describe_additions() -> None:
    for column in (
        sa.Column("organization_id", sa.Text(), nullable=False, server_default=""),
        sa.Column("line_id", sa.Uuid()),
        sa.Column("charged_from", sa.Date()),
        sa.Column("charged_through", sa.Date()),
    ):
        op.add_column("written_addition", column, schema="sync")
    op.execute(
        """
        UPDATE sync.written_addition AS known SET organization_id = said.organization_id, line_id = said.line_id
        FROM (
          SELECT DISTINCT ON (partner_id, marker)
            partner_id, marker, line_id, coalesce(desired ->> 'organization_id', '') AS organization_id
          FROM sync.plan_operation WHERE desired IS NOT NULL AND settled_at IS NOT NULL
          ORDER BY partner_id, marker, settled_at DESC
        ) AS said
        WHERE said.partner_id = known.partner_id AND said.marker = known.marker
        """
    )


def _describe_operations() -> None:
    op.add_column(
        "plan", sa.Column("when_undecided", postgresql.JSONB(), nullable=False, server_default="{}"), schema="sync"
    )
    for column in (
        sa.Column("organization_id", sa.Text(), nullable=False, server_default=""),
        sa.Column("cause", sa.String(20)),
        sa.Column("choice", sa.String(20)),
        sa.Column("choice_reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("keep_until", sa.Date()),
        sa.Column("decided_by", sa.Text(), nullable=False, server_default=""),
        sa.Column("will_bill", sa.Numeric()),
        sa.Column("ending", postgresql.JSONB()),
    ):
        op.add_column("plan_operation", column, schema="sync")


def _create_parts_of_plans() -> None:
    plan_id = "sync.plan.id"
    op.create_table(
        "plan_closing",
        sa.Column("plan_id", sa.Uuid(), sa.ForeignKey(plan_id, ondelete="CASCADE"), primary_key=True),
        sa.Column("marker", sa.Text(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.Column("closing", postgresql.JSONB(), nullable=False),
        schema="sync",
    )
    op.create_table(
        "plan_expected",
        sa.Column("plan_id", sa.Uuid(), sa.ForeignKey(plan_id, ondelete="CASCADE"), primary_key=True),
        sa.Column("marker", sa.Text(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("addition", postgresql.JSONB(), nullable=False),
        schema="sync",
    )


def _create_decisions() -> None:
    op.create_table(
        "addition_decision",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("marker", sa.Text(), primary_key=True),
        sa.Column("choice", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("charged_through", sa.Date()),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False, server_default=sa.func.now()),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        schema="sync",
    )
    op.create_table(
        "period_completeness",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("period", sa.String(7), primary_key=True),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False, server_default=sa.func.now()),
        schema="sync",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for table in reversed(TABLES):
        op.drop_table(table, schema="sync")
    # The old code knows neither kind: what nobody decided it would show as an error.
    op.execute("UPDATE sync.plan_operation SET kind = 'none' WHERE kind = 'undecided'")
    for column in reversed(OPERATION_COLUMNS):
        op.drop_column("plan_operation", column, schema="sync")
    op.drop_column("plan", "when_undecided", schema="sync")
    for column in reversed(ADDITION_COLUMNS):
        op.drop_column("written_addition", column, schema="sync")
