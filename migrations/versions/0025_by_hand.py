"""Remember what people billed by hand before go-live: on lines, in plans, and as decisions that outlive a plan.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from services.kit.base.tenancy import build_wall

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

LINE = (
    sa.Column("by_hand", sa.String(10)),
    sa.Column("by_hand_charged", sa.Numeric()),
    sa.Column("by_hand_words", sa.Text()),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for column in LINE:
        op.add_column("line", column, schema="billing")
    op.add_column("plan", sa.Column("first_period", sa.String(7)), schema="sync")
    op.add_column("plan", sa.Column("by_hand", JSONB(), server_default="{}", nullable=False), schema="sync")
    op.create_table(
        "plan_by_hand",
        sa.Column("plan_id", sa.Uuid(), sa.ForeignKey("sync.plan.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid()),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("entry", JSONB(), nullable=False),
        schema="sync",
    )
    op.create_table(
        "hand_billing",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("line_id", sa.Uuid(), primary_key=True),
        sa.Column("choice", sa.String(10), nullable=False),
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("addition_id", sa.Text(), nullable=False),
        sa.Column("charged", sa.Numeric(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        schema="sync",
    )
    op.create_index("hand_billing_of_agreement", "hand_billing", ["partner_id", "agreement_id"], schema="sync")
    for table in ("plan_by_hand", "hand_billing"):
        for statement in build_wall(f"sync.{table}"):
            op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_table("hand_billing", schema="sync")
    op.drop_table("plan_by_hand", schema="sync")
    op.drop_column("plan", "by_hand", schema="sync")
    op.drop_column("plan", "first_period", schema="sync")
    for column in LINE:
        op.drop_column("line", column.name, schema="billing")
