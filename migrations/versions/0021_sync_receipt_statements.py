"""Let a receipt say three things apart: arrived, accounted for, bills as charged; with its differences and its scope.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

STATEMENTS = ("arrived", "accounted_for", "bills_as_charged")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    # Receipts that are there keep nulls: nobody proved these statements when they were written.
    op.add_column("receipt", sa.Column("scope", postgresql.JSONB(), nullable=True), schema="sync")
    for name in STATEMENTS:
        op.add_column("receipt", sa.Column(name, sa.Boolean(), nullable=True), schema="sync")
    op.add_column(
        "receipt", sa.Column("differences", postgresql.JSONB(), server_default="[]", nullable=False), schema="sync"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_column("receipt", "differences", schema="sync")
    for name in reversed(STATEMENTS):
        op.drop_column("receipt", name, schema="sync")
    op.drop_column("receipt", "scope", schema="sync")
