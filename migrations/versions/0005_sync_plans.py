"""Give sync the tables of plans and receipts: what should exist, what does, the operations, the proof.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import build_wall

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "plan",
    "plan_chunk",
    "plan_desired",
    "plan_unsent",
    "plan_ground",
    "plan_operation",
    "written_addition",
    "receipt",
)
MONEY = sa.Numeric()  # without scale: what AppXite sent is kept digit by digit
INSTANT = sa.DateTime(timezone=True)
JSONB = postgresql.JSONB


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _create_plan()
    _create_what_should_exist()
    _create_ground()
    _create_operation()
    _create_written()
    _create_receipt()
    for table in TABLES:
        for statement in build_wall(f"sync.{table}"):
            op.execute(statement)


def _create_plan() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("summary", JSONB(), nullable=False, server_default="{}"),
        sa.Column("amounts", JSONB(), nullable=False, server_default="{}"),
        sa.Column("unsent", JSONB(), nullable=False, server_default="{}"),
        sa.Column("calls_needed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("error", sa.Text(), nullable=False, server_default=""),
        sa.Column("moved", JSONB(), nullable=False, server_default="[]"),
        sa.Column("prepared_sequence", sa.BigInteger()),
        sa.Column("run_id", sa.Uuid()),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.func.now()),
        sa.Column("computed_at", INSTANT),
        schema="sync",
    )
    op.create_index("plan_latest", "plan", ["partner_id", "created_at"], schema="sync")
    op.create_index(
        "plan_computing",
        "plan",
        ["partner_id", "period"],
        unique=True,
        schema="sync",
        postgresql_where=sa.text("status = 'computing'"),
    )
    op.create_index(
        "plan_being_applied",
        "plan",
        ["partner_id"],
        unique=True,
        schema="sync",
        postgresql_where=sa.text("status = 'ready' AND run_id IS NOT NULL"),
    )


def _of_a_plan() -> "sa.Column[object]":
    return sa.Column("plan_id", sa.Uuid(), sa.ForeignKey("sync.plan.id", ondelete="CASCADE"), primary_key=True)


def _create_what_should_exist() -> None:
    op.create_table(
        "plan_chunk",
        _of_a_plan(),
        sa.Column("chunk", sa.Integer(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        schema="sync",
    )
    op.create_table(
        "plan_desired",
        _of_a_plan(),
        sa.Column("line_id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.Column("addition", JSONB(), nullable=False),
        schema="sync",
    )
    op.create_table(
        "plan_unsent",
        _of_a_plan(),
        sa.Column("line_id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("line", JSONB(), nullable=False),
        schema="sync",
    )


def _create_ground() -> None:
    op.create_table(
        "plan_ground",
        _of_a_plan(),
        sa.Column("agreement_id", sa.Text(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("additions", JSONB(), nullable=False),
        schema="sync",
    )


def _create_operation() -> None:
    op.create_table(
        "plan_operation",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("plan_id", sa.Uuid(), sa.ForeignKey("sync.plan.id", ondelete="CASCADE"), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.Column("addition_id", sa.Text()),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("marker", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Uuid()),
        sa.Column("currency", sa.String(10), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("desired", JSONB()),
        sa.Column("before", JSONB()),
        sa.Column("after", JSONB()),
        sa.Column("explanation", JSONB(), nullable=False),
        sa.Column("warnings", JSONB(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False, server_default=""),
        sa.Column("sent_at", INSTANT),
        sa.Column("settled_at", INSTANT),
        schema="sync",
    )
    op.create_index("plan_operation_in_order", "plan_operation", ["plan_id", "position"], schema="sync")
    op.create_index("plan_operation_by_status", "plan_operation", ["plan_id", "status"], schema="sync")


def _create_written() -> None:
    op.create_table(
        "written_addition",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("marker", sa.Text(), primary_key=True),
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.Column("addition_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("is_recurring", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(10), nullable=False),
        sa.Column("names", JSONB(), nullable=False),
        sa.Column("held", JSONB(), nullable=False),
        sa.Column("wanted_effective_date", sa.Date(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False, server_default=sa.func.now()),
        schema="sync",
    )
    op.create_index(
        "written_addition_by_subscription", "written_addition", ["partner_id", "subscription_id"], schema="sync"
    )


def _create_receipt() -> None:
    op.create_table(
        "receipt",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("ties_out", sa.Boolean(), nullable=False),
        sa.Column("examined", sa.Integer(), nullable=False),
        sa.Column("totals", JSONB(), nullable=False),
        sa.Column("unsent", JSONB(), nullable=False),
        sa.Column("failures", JSONB(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.func.now()),
        schema="sync",
    )
    op.create_index("receipt_latest", "receipt", ["partner_id", "created_at"], schema="sync")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE sync.{table}")
