"""Keep what is to be billed for a line beside what the marketplace charges, its cost, and the rules that priced it.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

A line without them was rated before rules could price it: its total is what is billed. A plan
says how much of its amounts price rules add.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ADDED = (
    sa.Column("amount", sa.Numeric()),
    sa.Column("unit_cost", sa.Numeric()),
    sa.Column("price_terms", sa.Text()),
    sa.Column("sent_price_terms", sa.Text()),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for column in ADDED:
        op.add_column("line", column, schema="billing")
    marked_up = sa.Column("marked_up", JSONB(), server_default="{}", nullable=False)
    op.add_column("plan", marked_up, schema="sync")
    op.create_index(
        "line_priced_of_offer",
        "line",
        ["partner_id", "offer_id", "id"],
        schema="billing",
        postgresql_where=sa.text("price_terms IS NOT NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_column("plan", "marked_up", schema="sync")
    op.drop_index("line_priced_of_offer", "line", schema="billing")
    for column in reversed(ADDED):
        op.drop_column("line", column.name, schema="billing")
