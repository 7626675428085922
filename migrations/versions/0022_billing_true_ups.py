"""Remember what lines were sent with, and the true-ups that correct them after they were invoiced.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

Lines that were sent before have none of this. Where the PSA has exactly their values, the new code takes what was
sent from these, so that no row is rewritten here; others that were sent are rated as before.
"""

import sqlalchemy as sa
from alembic import op

from services.kit.base.tenancy import build_wall

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ADDED = {
    "line": (
        sa.Column("sent_amount", sa.Numeric()),
        sa.Column("sent_agreement_id", sa.Text()),
        sa.Column("sent_from", sa.Date()),
        sa.Column("sent_through", sa.Date()),
        sa.Column("sent_start", sa.Date()),
        sa.Column("sent_end", sa.Date()),
    ),
    "running_addition": (sa.Column("invoiced_before", sa.Date()), sa.Column("amount_before", sa.Numeric())),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, column, schema="billing")
    op.create_table(
        "true_up",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("line_id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("marker", sa.String(50), nullable=False),
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.Column("addition_id", sa.Text()),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("bills_from", sa.Date()),
        sa.Column("bills_through", sa.Date()),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT),
        schema="billing",
    )
    op.create_index("true_up_by_marker", "true_up", ["partner_id", "marker"], schema="billing")
    for statement in build_wall("billing.true_up"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_table("true_up", schema="billing")
    for table, columns in ADDED.items():
        for column in columns:
            op.drop_column(table, column.name, schema="billing")
