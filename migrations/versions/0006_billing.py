"""Give billing its tables: references, mappings, rules, lines, persistent additions.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import build_wall

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("reference", "organization", "product", "rules", "line", "running_addition")
NOW = sa.func.now()
INSTANT = sa.DateTime(timezone=True)
MONEY = sa.Numeric()  # without scale: what AppXite sent is kept digit by digit
TEXTS = postgresql.ARRAY(sa.Text())
OPEN = "status <> 'sent'"
SEARCH_TEXT = "lower(organization_name || ' ' || offer_name || ' ' || subscription_name || ' ' || invoice_number)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _create_reference()
    _create_mappings()
    _create_rules()
    _create_line()
    _index_line()
    _create_running_addition()
    for table in TABLES:
        for statement in build_wall(f"billing.{table}"):
            op.execute(statement)


def _create_reference() -> None:
    op.create_table(
        "reference",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("external_id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("parent_id", sa.Text()),
        sa.Column("currency", sa.String(10)),
        sa.Column("identifier", sa.Text()),
        sa.Column("attributes", postgresql.JSONB(), nullable=False),
        sa.Column("agreement", postgresql.JSONB()),
        schema="billing",
    )
    op.create_index("reference_by_parent", "reference", ["partner_id", "kind", "parent_id"], schema="billing")
    op.create_index("reference_by_name", "reference", ["partner_id", "kind", "name", "external_id"], schema="billing")


def _create_mappings() -> None:
    op.create_table(
        "organization",
        *_mapping_columns(),
        sa.Column("currency", sa.String(10)),
        sa.Column("is_excluded", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("agreement_id", sa.Text()),
        schema="billing",
    )
    op.create_index("organization_by_name", "organization", ["partner_id", "name", "id"], schema="billing")
    op.create_index("organization_by_company", "organization", ["partner_id", "target_id"], schema="billing")
    op.create_table("product", *_mapping_columns(), schema="billing")
    op.create_index("product_by_name", "product", ["partner_id", "name", "id"], schema="billing")


def _mapping_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text()),
        sa.Column("target_id", sa.Text()),
        sa.Column("suggested_id", sa.Text()),
        sa.Column("suggestion_score", sa.Integer()),
        sa.Column("suggestion_reason", sa.Text()),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    ]


def _create_rules() -> None:
    op.create_table(
        "rules",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_at", INSTANT, server_default=NOW, nullable=False),
        schema="billing",
    )


def _create_line() -> None:
    op.create_table(
        "line",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, server_default=NOW, nullable=False),
        sa.Column("updated_at", INSTANT, server_default=NOW, nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("invoice_number", sa.Text(), nullable=False),
        sa.Column("invoice_date", sa.Date(), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("currency", sa.String(10), nullable=False),
        sa.Column("is_sendable", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("organization_name", sa.Text(), nullable=False),
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("offer_name", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("subscription_name", sa.Text(), nullable=False),
        sa.Column("source_charge_type", sa.Text(), nullable=False),
        sa.Column("source_start", sa.Date()),
        sa.Column("source_end", sa.Date()),
        sa.Column("quantity", MONEY, nullable=False),
        sa.Column("unit_price", MONEY, nullable=False),
        sa.Column("total", MONEY, nullable=False),
        sa.Column("is_custom", sa.Boolean(), nullable=False),
        sa.Column("is_vanished", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.Text(), sa.Computed(SEARCH_TEXT, persisted=True), nullable=False),
        sa.Column("is_excluded", sa.Boolean(), nullable=False),
        sa.Column("user_start", sa.Date()),
        sa.Column("user_end", sa.Date()),
        sa.Column("user_agreement_id", sa.Text()),
        *_rated_columns(),
        sa.Column("push_error", sa.Text(), nullable=False),
        sa.Column("sent_fingerprint", sa.String(40)),
        sa.Column("sent_at", INSTANT),
        sa.Column("addition_id", sa.Text()),
        schema="billing",
    )


def _rated_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("drives", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("hold_reasons", TEXTS, nullable=False),
        sa.Column("charge_type", sa.Text(), nullable=False),
        sa.Column("is_recurring", sa.Boolean(), nullable=False),
        sa.Column("company_id", sa.Text()),
        sa.Column("agreement_id", sa.Text()),
        sa.Column("product_id", sa.Text()),
        sa.Column("charge_start", sa.Date()),
        sa.Column("start_provenance", sa.String(10), nullable=False),
        sa.Column("start_explanation", sa.Text(), nullable=False),
        sa.Column("system_start", sa.Date()),
        sa.Column("charge_end", sa.Date()),
        sa.Column("end_provenance", sa.String(10), nullable=False),
        sa.Column("end_explanation", sa.Text(), nullable=False),
        sa.Column("system_end", sa.Date()),
        sa.Column("addition_quantity", MONEY),
        sa.Column("addition_unit_price", MONEY),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("bill_option", sa.String(20), nullable=False),
        sa.Column("taxable", sa.Boolean(), nullable=False),
        sa.Column("forecast", MONEY),
        sa.Column("explanation", TEXTS, nullable=False),
        sa.Column("warnings", TEXTS, nullable=False),
        sa.Column("fingerprint", sa.String(40)),
    ]


def _index_line() -> None:
    def index(name: str, columns: list[str | sa.TextClause], where: str | None = None, *, unique: bool = False) -> None:
        only = sa.text(where) if where else None
        op.create_index(name, "line", ["partner_id", *columns], schema="billing", unique=unique, postgresql_where=only)

    start = sa.text("COALESCE(charge_start, 'infinity'::date)")
    index("line_row", ["invoice_id", "row_id"], unique=True)
    index("line_by_organization", ["period", "organization_name", "id"])
    index("line_by_total", ["period", "total", "id"])
    index("line_by_start", ["period", start, "id"])
    index("line_by_status", ["period", "status", "organization_name", "id"])
    index("line_of_organization", ["organization_id", "id"])
    index("line_open_of_offer", ["offer_id", "id"], OPEN)
    index("line_by_chosen_agreement", ["user_agreement_id"], "user_agreement_id IS NOT NULL")


def _create_running_addition() -> None:
    op.create_table(
        "running_addition",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("subscription_id", sa.Text(), primary_key=True),
        sa.Column("agreement_id", sa.Text(), primary_key=True),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("effective_date", sa.Date(), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        schema="billing",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for table in reversed(TABLES):
        op.drop_table(table, schema="billing")
