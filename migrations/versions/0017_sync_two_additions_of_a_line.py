"""Let a plan want two additions for one line: what was invoiced for it, and the true-up of a later change.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    # The rows live only while a plan is computed. The old code leaves the marker out, and wants one addition a line.
    op.add_column("plan_desired", sa.Column("marker", sa.Text(), server_default="", nullable=False), schema="sync")
    op.drop_constraint("plan_desired_pkey", "plan_desired", schema="sync")
    op.create_primary_key("plan_desired_pkey", "plan_desired", ["plan_id", "line_id", "marker"], schema="sync")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.execute(
        "DELETE FROM sync.plan_desired AS d USING sync.plan_desired AS o "
        "WHERE d.plan_id = o.plan_id AND d.line_id = o.line_id AND d.marker > o.marker"
    )
    op.drop_constraint("plan_desired_pkey", "plan_desired", schema="sync")
    op.create_primary_key("plan_desired_pkey", "plan_desired", ["plan_id", "line_id"], schema="sync")
    op.drop_column("plan_desired", "marker", schema="sync")
