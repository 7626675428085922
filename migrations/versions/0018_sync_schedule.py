"""Remember which nights were begun, and which additions were found to have twins.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op

from services.kit.base.tenancy import build_wall

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.create_table(
        "scheduled_night",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("entry", sa.String(40), primary_key=True),
        sa.Column("night", sa.Date(), primary_key=True),
        sa.Column("begun_at", INSTANT, nullable=False),
        schema="sync",
    )
    for statement in build_wall("sync.scheduled_night"):
        op.execute(statement)
    op.add_column("written_addition", sa.Column("twins_seen_at", INSTANT), schema="sync")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_column("written_addition", "twins_seen_at", schema="sync")
    op.execute("DROP TABLE sync.scheduled_night")
