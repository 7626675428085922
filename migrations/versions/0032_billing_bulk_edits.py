"""Give bulk edits a table. What each decided about a line stands among the decisions on lines.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import build_wall

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.create_table(
        "bulk_edit",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("scope", postgresql.JSONB(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("basis", sa.String(64), server_default="", nullable=False),
        sa.Column("preview", postgresql.JSONB()),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.Column("applied_by", sa.Text()),
        sa.Column("applied_at", INSTANT),
        sa.Column("undone_by", sa.Text()),
        sa.Column("undone_at", INSTANT),
        schema="billing",
    )
    op.create_index("bulk_edit_by_time", "bulk_edit", ["partner_id", "created_at", "id"], schema="billing")
    # Which lines an edit decided about: asked when it is taken back.
    op.create_index("line_decision_of_edit", "line_decision", ["partner_id", "edit_id"], schema="billing")
    for statement in build_wall("billing.bulk_edit"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.drop_index("line_decision_of_edit", table_name="line_decision", schema="billing")
    op.drop_table("bulk_edit", schema="billing")
