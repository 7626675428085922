"""Keep which rule drops a line, and what a plan leaves out because a rule drops it.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.add_column("line", sa.Column("dropped_by", sa.String(30), nullable=True), schema="billing")
    # Nothing was dropped in the plans that are there: they keep nulls.
    op.add_column("plan", sa.Column("dropped", postgresql.JSONB(), nullable=True), schema="sync")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_column("plan", "dropped", schema="sync")
    op.drop_column("line", "dropped_by", schema="billing")
