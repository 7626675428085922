"""Keep of rows and lines what only descriptions say: vendor, contract number, purchase order.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

Rows and lines of the old code have none of these until they are loaded again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

WORDS = ("vendor", "contract_number", "purchase_order")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for name in WORDS:
        # The old code copies rows through a table without defaults, and leaves out columns of lines that have one.
        op.add_column("invoice_row", sa.Column(name, sa.Text()), schema="sync")
        op.add_column("line", sa.Column(name, sa.Text(), nullable=False, server_default=""), schema="billing")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for name in reversed(WORDS):
        op.drop_column("line", name, schema="billing")
        op.drop_column("invoice_row", name, schema="sync")
