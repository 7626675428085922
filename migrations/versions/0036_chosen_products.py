"""Find the lines for which people chose a product, when the price of it changes in the catalog.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

CHOSEN_PRODUCT = sa.text("field = 'product_id' AND reverted_at IS NULL")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    # No decision has named a product so far: the index is empty when it is built.
    op.create_index(
        "line_decision_by_product",
        "line_decision",
        ["partner_id", "value"],
        schema="billing",
        postgresql_where=CHOSEN_PRODUCT,
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_index("line_decision_by_product", table_name="line_decision", schema="billing")
