"""Give the search of lines their names to read, orders by money an index by currency, and saved views a table.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

Triggers keep the names, so that lines which the old code writes are found as well. Names of lines that exist are
copied after the triggers are in force, and indexes are built concurrently: both hold no lock that a load waits for.
Run again, it does again what was not finished.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import build_wall

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NAMED = [f"{thing}_{part}" for thing in ("organization", "offer", "subscription") for part in ("id", "name")]
NAMED += ["invoice_id", "invoice_number"]
NAMES = """
SELECT DISTINCT {l}.partner_id, each.kind, md5(lower(each.name)), each.id, lower(each.name) FROM {source}
CROSS JOIN LATERAL (VALUES ('organization', {l}.organization_id, {l}.organization_name),
  ('offer', {l}.offer_id, {l}.offer_name), ('subscription', {l}.subscription_id, {l}.subscription_name),
  ('invoice', {l}.invoice_id, {l}.invoice_number)) AS each (kind, id, name)
WHERE each.name <> ''
"""
# In one order, so that two loads which bring the same names do not wait for each other in a circle.
INSERT = """
INSERT INTO billing.line_name (partner_id, kind, digest, id, name) {names} ORDER BY 1, 2, 3, 4 ON CONFLICT DO NOTHING
"""
ADD = INSERT.format(names=NAMES.format(l="l", source="new_lines l"))
CHANGE = INSERT.format(names=NAMES.format(l="NEW", source="(SELECT 1) AS one"))
FUNCTION = "CREATE FUNCTION billing.{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {does}; RETURN NULL; END $$"
ON_INSERT = """
CREATE TRIGGER add_line_names AFTER INSERT ON billing.line
REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION billing.add_line_names()
"""
ON_UPDATE = f"""
CREATE TRIGGER change_line_names AFTER UPDATE OF {", ".join(NAMED)} ON billing.line FOR EACH ROW
WHEN (({", ".join(f"NEW.{name}" for name in NAMED)}) IS DISTINCT FROM ({", ".join(f"OLD.{name}" for name in NAMED)}))
EXECUTE FUNCTION billing.change_line_names()
"""
COPY = INSERT.format(names=NAMES.format(l="l", source="billing.line l"))
INDEXES = {
    "line_by_amount": "(partner_id, period, currency, total, id)",
    "line_of_offer": "(partner_id, offer_id, id)",
}
OLD_INDEXES = {"line_by_total": "(partner_id, period, total, id)"}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _drop_what_was_begun()
    _create_views()
    _create_names()
    with _without_transaction():
        _copy_names()
        _replace_indexes(OLD_INDEXES, INDEXES)


def _drop_what_was_begun() -> None:
    """What an earlier try has committed, when it came no further than the copy or an index."""
    op.execute("DROP TABLE IF EXISTS billing.line_view")
    op.execute("DROP TRIGGER IF EXISTS add_line_names ON billing.line")
    op.execute("DROP TRIGGER IF EXISTS change_line_names ON billing.line")
    op.execute("DROP FUNCTION IF EXISTS billing.add_line_names()")
    op.execute("DROP FUNCTION IF EXISTS billing.change_line_names()")
    op.execute("DROP TABLE IF EXISTS billing.line_name")


def _create_views() -> None:
    op.create_table(
        "line_view",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", INSTANT, server_default=sa.func.now(), nullable=False),
        schema="billing",
    )
    op.create_index("line_view_by_name", "line_view", ["partner_id", "owner_id", "name"], unique=True, schema="billing")
    for statement in build_wall("billing.line_view"):
        op.execute(statement)


def _create_names() -> None:
    op.create_table(
        "line_name",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("digest", sa.String(32), primary_key=True),
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        schema="billing",
    )
    for statement in build_wall("billing.line_name"):
        op.execute(statement)
    op.execute(FUNCTION.format(name="add_line_names", does=ADD))
    op.execute(FUNCTION.format(name="change_line_names", does=CHANGE))
    op.execute(ON_INSERT)
    op.execute(ON_UPDATE)


def _copy_names() -> None:
    # The owner of the tables is behind the wall as well, and would find nothing.
    for table in ("billing.line", "billing.line_name"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    try:
        op.execute(COPY)
    finally:
        for table in ("billing.line", "billing.line_name"):
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _replace_indexes(old: dict[str, str], new: dict[str, str]) -> None:
    for name, columns in new.items():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS billing.{name}")  # one that was not finished is invalid
        op.execute(f"CREATE INDEX CONCURRENTLY {name} ON billing.line {columns}")
    for name in old:
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS billing.{name}")


@contextmanager
def _without_transaction() -> Iterator[None]:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '4s'")
        try:
            yield
        finally:
            op.execute("RESET lock_timeout")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _drop_what_was_begun()
    with _without_transaction():
        _replace_indexes(INDEXES, OLD_INDEXES)
