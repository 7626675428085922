"""Remember which traits of a PSA were published last, so that they are published again only when they change.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.add_column("connection", sa.Column("published_traits", JSONB()), schema="sync")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_column("connection", "published_traits", schema="sync")
