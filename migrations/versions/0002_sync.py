"""Give sync its tables: connections, runs and their parts, mirrors, invoices and rows as they came.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import build_wall

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "connection",
    "run",
    "saga",
    "saga_part",
    "mirror_record",
    "mirror_state",
    "invoice",
    "load_invoice",
    "invoice_row",
)
MONEY = sa.Numeric()  # without scale: what AppXite sent is kept digit by digit
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _create_connection()
    _create_run()
    _create_saga()
    _create_mirror()
    _create_invoice()
    _create_load_invoice()
    _create_invoice_row()
    for table in TABLES:
        for statement in build_wall(f"sync.{table}"):
            op.execute(statement)


def _create_connection() -> None:
    op.create_table(
        "connection",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("system", sa.String(20), primary_key=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("missing_rights", postgresql.JSONB(), nullable=False),
        sa.Column("tested_at", INSTANT),
        sa.Column("saved_at", INSTANT, nullable=False, server_default=sa.func.now()),
        schema="sync",
    )


def _create_run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("periods", postgresql.JSONB(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("total", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("outcomes", postgresql.JSONB(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False, server_default=""),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Uuid()),
        sa.Column("receipt_id", sa.Uuid()),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.func.now()),
        sa.Column("started_at", INSTANT),
        sa.Column("finished_at", INSTANT),
        schema="sync",
    )
    op.create_index("run_latest", "run", ["partner_id", "created_at"], schema="sync")


def _create_saga() -> None:
    op.create_table(
        "saga",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("parts_sent", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("parts_acked", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("is_sealed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("place", postgresql.JSONB(), nullable=False, server_default="{}"),
        schema="sync",
    )
    op.create_table(
        "saga_part",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("stage", sa.String(20), primary_key=True),
        sa.Column("part", sa.Integer(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("acked_at", INSTANT),
        schema="sync",
    )


def _create_mirror() -> None:
    op.create_table(
        "mirror_record",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("external_id", sa.Text(), primary_key=True),
        sa.Column("record", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("changed_at", INSTANT, nullable=False, server_default=sa.func.now()),
        schema="sync",
    )
    op.create_table(
        "mirror_state",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("unreadable", sa.Integer(), nullable=False),
        sa.Column("refreshed_at", INSTANT, nullable=False),
        schema="sync",
    )


def _create_invoice() -> None:
    op.create_table(
        "invoice",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("invoice_id", sa.Text(), primary_key=True),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("latest_run_id", sa.Uuid(), nullable=False),
        sa.Column("latest_state", sa.String(20), nullable=False),
        sa.Column("valid_run_id", sa.Uuid()),
        sa.Column("rows", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("vanished_at", INSTANT),
        sa.Column("loaded_at", INSTANT, nullable=False, server_default=sa.func.now()),
        schema="sync",
    )
    op.create_index("invoice_by_period", "invoice", ["partner_id", "period"], schema="sync")


def _create_load_invoice() -> None:
    op.create_table(
        "load_invoice",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("invoice_id", sa.Text(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("invoice_date", sa.Date()),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("currency", sa.String(10), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("is_sendable", sa.Boolean(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("checksum", MONEY),
        sa.Column("rows_total", MONEY),
        sa.Column("rows", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("bad_text", sa.Text()),
        schema="sync",
    )
    op.create_index("load_invoice_by_state", "load_invoice", ["run_id", "state"], schema="sync")


def _create_invoice_row() -> None:
    op.create_table(
        "invoice_row",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("ordinal", sa.Integer(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("organization_name", sa.Text(), nullable=False),
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("offer_name", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("subscription_name", sa.Text(), nullable=False),
        sa.Column("charge_type", sa.Text(), nullable=False),
        sa.Column("charge_start", sa.Date()),
        sa.Column("charge_end", sa.Date()),
        sa.Column("quantity", MONEY, nullable=False),
        sa.Column("unit_price", MONEY, nullable=False),
        sa.Column("total", MONEY, nullable=False),
        sa.Column("is_custom", sa.Boolean(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        schema="sync",
    )
    op.create_index("invoice_row_by_invoice", "invoice_row", ["partner_id", "invoice_id"], schema="sync")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE sync.{table}")
