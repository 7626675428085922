"""Remember additions that carry parts of several lines, and which lines go out, or were sent, in one.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

Every line that was sent so far has an addition of its own, and no price finer than its currency: such lines were held.
"""

import sqlalchemy as sa
from alembic import op

from services.kit.base.tenancy import build_wall

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ADDED = (
    sa.Column("remainder", sa.Numeric(), server_default="0", nullable=False),
    sa.Column("is_gathered", sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column("sent_gathered", sa.Boolean(), server_default=sa.false(), nullable=False),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for column in ADDED:
        op.add_column("line", column, schema="billing")
    op.create_table(
        "gathered_addition",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("marker", sa.String(50), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(10), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("addition_id", sa.Text()),
        sa.Column("amount", sa.Numeric()),
        sa.Column("bills_from", sa.Date()),
        sa.Column("bills_through", sa.Date()),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        schema="billing",
    )
    op.create_index("gathered_addition_of_period", "gathered_addition", ["partner_id", "period"], schema="billing")
    op.create_index("gathered_addition_by_marker", "gathered_addition", ["partner_id", "marker"], schema="billing")
    for statement in build_wall("billing.gathered_addition"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_table("gathered_addition", schema="billing")
    for column in reversed(ADDED):
        op.drop_column("line", column.name, schema="billing")
