"""The table of lines: what the marketplace invoiced, what the rules made of it, what was sent. Columns: see `table`."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from services.billing.lines.table import COLUMNS, Kind
from services.billing.lines.table import Column as LineColumn
from services.kit.base.db import Base

# In small letters already: ILIKE on the four names takes about ten times as long.
SEARCH_TEXT = "lower(organization_name || ' ' || offer_name || ' ' || subscription_name || ' ' || invoice_number)"
_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.ID: Uuid(),
    Kind.INTEGER: Integer(),
    Kind.TEXT: Text(),
    Kind.DATE: Date(),
    Kind.YES_NO: Boolean(),
    Kind.NUMBER: Numeric(),
    Kind.TEXTS: ARRAY(Text()),
    Kind.INSTANT: DateTime(timezone=True),
}


def _as_column(column: LineColumn) -> Column[Any]:
    kind = String(column.length) if column.length else _TYPES[column.kind]
    return Column(column.name, kind, primary_key=column.name == "id", nullable=column.is_optional)


LINES = Table(
    "line",
    Base.metadata,
    *map(_as_column, COLUMNS),
    Column("partner_id", Uuid(), nullable=False),
    Column("created_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
    Column("updated_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
    Column("search_text", Text(), Computed(SEARCH_TEXT, persisted=True), nullable=False),
    # Decisions as they were kept before migration 0010; written by nobody, to be dropped with its trigger.
    Column("is_excluded", Boolean(), server_default=text("false"), nullable=False),
    Column("user_start", Date()),
    Column("user_end", Date()),
    Column("user_agreement_id", Text()),
    Index("line_row", "partner_id", "invoice_id", "row_id", unique=True),
    # One index per sort that people use on a whole month; other sorts order a filtered month in memory.
    Index("line_by_organization", "partner_id", "period", "organization_name", "id"),
    Index("line_by_amount", "partner_id", "period", "currency", "total", "id"),
    Index("line_by_start", "partner_id", "period", text("COALESCE(charge_start, 'infinity'::date)"), "id"),
    Index("line_by_status", "partner_id", "period", "status", "organization_name", "id"),
    Index("line_of_organization", "partner_id", "organization_id", "id"),
    Index("line_of_offer", "partner_id", "offer_id", "id"),
    Index("line_of_subscription", "partner_id", "subscription_id", "period"),
    # Re-rating looks for what is not sent; sent lines leave this index.
    Index("line_open_of_offer", "partner_id", "offer_id", "id", postgresql_where=text("status <> 'sent'")),
    # A new price in the catalog changes lines that are sent as well.
    Index("line_priced_of_offer", "partner_id", "offer_id", "id", postgresql_where=text("price_terms IS NOT NULL")),
    Index("line_of_addition", "partner_id", "addition_id", postgresql_where=text("addition_id IS NOT NULL")),
    Index(
        "line_by_chosen_agreement",
        "partner_id",
        "user_agreement_id",
        postgresql_where=text("user_agreement_id IS NOT NULL"),
    ),
    schema="billing",
)
