"""Remember how lines were sent, and which persistent additions have ended.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

Lines that were sent before have no `sent_recurring`; the new code then takes it from `is_recurring`, so that
no row is rewritten here. Both indexes are built in this transaction: writes to lines wait meanwhile, about
a second for each million lines.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ADDED = {
    "line": (sa.Column("sent_marker", sa.String(50)), sa.Column("sent_recurring", sa.Boolean())),
    "running_addition": (
        sa.Column("addition_id", sa.Text()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("last_billed_day", sa.Date()),
    ),
}
HAS_ADDITION = sa.text("addition_id IS NOT NULL")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, column, schema="billing")
    op.create_index("line_of_subscription", "line", ["partner_id", "subscription_id", "period"], schema="billing")
    op.create_index(
        "line_of_addition", "line", ["partner_id", "addition_id"], schema="billing", postgresql_where=HAS_ADDITION
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_index("line_of_addition", "line", schema="billing")
    op.drop_index("line_of_subscription", "line", schema="billing")
    for table, columns in ADDED.items():
        for column in columns:
            op.drop_column(table, column.name, schema="billing")
