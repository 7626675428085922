"""Remember which month charges the newest line behind an addition, and the last billed day of a persistent one.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

The month is empty in rows of an older build, until the next plan names their additions. Without a day, a persistent
addition counts as open, as every one did in an older build.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.add_column(
        "written_addition", sa.Column("charged_in", sa.String(7), server_default="", nullable=False), schema="sync"
    )
    op.add_column("running_addition", sa.Column("ends_on", sa.Date()), schema="billing")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_column("running_addition", "ends_on", schema="billing")
    op.drop_column("written_addition", "charged_in", schema="sync")
