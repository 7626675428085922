"""Keep edited files until they are read, what they want of each line, and which of their cells were refused.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import build_wall

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLES = ("bulk_edit_file", "bulk_edit_values", "bulk_edit_refused_cell")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.add_column("bulk_edit", sa.Column("file", postgresql.JSONB()), schema="billing")
    op.create_table(
        "bulk_edit_file",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("bulk_edit_id", sa.Uuid(), primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        schema="billing",
    )
    op.create_table(
        "bulk_edit_values",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("bulk_edit_id", sa.Uuid(), primary_key=True),
        sa.Column("line_id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        schema="billing",
    )
    op.create_table(
        "bulk_edit_refused_cell",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("bulk_edit_id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("at", sa.String(20), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Uuid()),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        schema="billing",
    )
    for table in TABLES:
        for statement in build_wall(f"billing.{table}"):
            op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for table in reversed(TABLES):
        op.drop_table(table, schema="billing")
    op.drop_column("bulk_edit", "file", schema="billing")
