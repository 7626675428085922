"""Keep of additions what they bill between their charges, and when they were made.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

Additions of the old code have no gaps, and count as invoiced wherever their agreement is.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    gaps = sa.Column("gaps", JSONB(), nullable=False, server_default="[]")
    op.add_column("written_addition", gaps, schema="sync")
    op.add_column("written_addition", sa.Column("invoiced_before", sa.Date()), schema="sync")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_column("written_addition", "invoiced_before", schema="sync")
    op.drop_column("written_addition", "gaps", schema="sync")
