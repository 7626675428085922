"""Remember persistent additions by segment, each with its home: the billing period that bills its charge.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

Every row becomes the first segment, with nothing known of its home. The primary key is another one afterwards, so the
old code cannot note what was pushed any more: such a fact is handled again, and succeeds once the new code serves.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLE, KEY = "running_addition", ["partner_id", "subscription_id", "agreement_id"]
ADDED = (
    sa.Column("segment", sa.Integer(), server_default="1", nullable=False),
    sa.Column("bills_from", sa.Date()),
    sa.Column("bills_through", sa.Date()),
    sa.Column("charge_end", sa.Date()),
    sa.Column("money", sa.Text(), server_default="", nullable=False),
    sa.Column("charged_from", sa.Date()),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for column in ADDED:
        op.add_column(TABLE, column, schema="billing")
    op.drop_constraint("running_addition_pkey", TABLE, schema="billing")
    op.create_primary_key("running_addition_pkey", TABLE, [*KEY, "segment"], schema="billing")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    # The old code knows one addition for each subscription: the newest one is kept.
    op.execute(
        "DELETE FROM billing.running_addition AS o USING billing.running_addition AS n "
        "WHERE o.partner_id = n.partner_id AND o.subscription_id = n.subscription_id "
        "AND o.agreement_id = n.agreement_id AND o.segment < n.segment"
    )
    op.drop_constraint("running_addition_pkey", TABLE, schema="billing")
    op.create_primary_key("running_addition_pkey", TABLE, KEY, schema="billing")
    for column in reversed(ADDED):
        op.drop_column(TABLE, column.name, schema="billing")
