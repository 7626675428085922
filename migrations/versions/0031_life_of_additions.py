"""Keep with each plan what it knew of its agreements, and find what pushes have seen of an addition.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

Plans of the old code stay without the facts of their agreements: what was billed at their time is then not known.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

INDEXES = {
    "plan_operation_by_marker": ("plan_operation", ["partner_id", "marker"]),
    "written_addition_by_line": ("written_addition", ["partner_id", "line_id"]),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.add_column("plan_ground", sa.Column("agreement_facts", postgresql.JSONB()), schema="sync")
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns, schema="sync")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for name, (table, _) in reversed(INDEXES.items()):
        op.drop_index(name, table, schema="sync")
    op.drop_column("plan_ground", "agreement_facts", schema="sync")
