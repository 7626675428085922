"""Keep what was learned or fixed about a partner's PSA, let operations be mended, and count what goes as quantity 1.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import build_wall

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

COUNTED = ("plan", "receipt")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.create_table(
        "psa_trait",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.String(20), nullable=False),
        sa.Column("trait", sa.String(40), nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("addition_id", sa.Text(), nullable=False, server_default=""),
        sa.Column("sent", sa.Text(), nullable=False, server_default=""),
        sa.Column("kept", sa.Text(), nullable=False, server_default=""),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id", "system", "trait", "origin"),
        schema="sync",
    )
    for statement in build_wall("sync.psa_trait"):
        op.execute(statement)
    op.add_column("plan_operation", sa.Column("mending", postgresql.JSONB(), nullable=True), schema="sync")
    # Nobody counted in the plans and receipts that are there: they keep nulls.
    for table in COUNTED:
        op.add_column(table, sa.Column("singles", postgresql.JSONB(), nullable=True), schema="sync")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for table in reversed(COUNTED):
        op.drop_column(table, "singles", schema="sync")
    op.drop_column("plan_operation", "mending", schema="sync")
    op.drop_table("psa_trait", schema="sync")
