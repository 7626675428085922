"""Keep what the PSA has invoiced, and what was expected of it.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import build_wall

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = ("psa_invoice", "invoice_reading", "expected_billing")


def _key(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _defaulted(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.create_table(
        "psa_invoice",
        _key("partner_id", sa.Uuid()),
        _key("invoice_id", sa.Text()),
        _text("agreement_id"),
        _text("number"),
        sa.Column("day", sa.Date()),
        sa.Column("period_start", sa.Date()),
        sa.Column("period_end", sa.Date()),
        sa.Column("currency", sa.String(10)),
        sa.Column("total", sa.Numeric(), nullable=False),
        sa.Column("products_total", sa.Numeric()),
        sa.Column("changed_at", INSTANT),
        sa.Column("read_at", INSTANT, nullable=False),
        sa.Column("gone_at", INSTANT),
        schema="sync",
    )
    op.create_index("psa_invoice_by_agreement", "psa_invoice", ["partner_id", "agreement_id"], schema="sync")
    op.create_table(
        "invoice_reading",
        _key("partner_id", sa.Uuid()),
        _key("agreement_id", sa.Text()),
        sa.Column("watched_from", sa.Date()),
        sa.Column("next_invoice_date", sa.Date()),
        sa.Column("vouched_before", sa.Date()),
        sa.Column("moved_at", INSTANT, nullable=False),
        schema="sync",
    )
    op.create_table(
        "expected_billing",
        _key("partner_id", sa.Uuid()),
        _key("agreement_id", sa.Text()),
        _key("period_start", sa.Date()),
        _key("currency", sa.String(10)),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        _text("agreement"),
        _text("organization"),
        _text("organization_id"),
        sa.Column("expected", sa.Numeric(), nullable=False),
        sa.Column("additions", postgresql.JSONB(), nullable=False),
        sa.Column("billed", sa.Numeric()),
        sa.Column("state", sa.String(30), nullable=False),
        _defaulted("cause"),
        _defaulted("next_step"),
        sa.Column("invoice_numbers", postgresql.JSONB(), server_default="[]", nullable=False),
        _defaulted("basis"),
        schema="sync",
    )
    op.create_index("expected_billing_by_run", "expected_billing", ["partner_id", "run_id"], schema="sync")
    for table in TABLES:
        for statement in build_wall(f"sync.{table}"):
            op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE sync.{table}")
