"""Remember what each addition of ours held before an update, and which billing periods were invoiced with it.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

Rows of an older build begin with an empty history: their invoiced periods count as billed with what they hold.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TABLE, COLUMN = "written_addition", "held_before"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.add_column(TABLE, sa.Column(COLUMN, JSONB(), server_default="[]", nullable=False), schema="sync")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_column(TABLE, COLUMN, schema="sync")
