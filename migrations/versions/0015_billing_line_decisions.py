"""Give decisions on lines a table of their own, with those that people have made so far.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

The four columns that held decisions stay, with a default that lets the new code leave them out. A trigger
carries over what the old code still writes to them while both run. The columns, their index and the trigger
are to be dropped by a migration of a later release. Going back loses decisions that were made since.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import build_wall

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
CHOSEN_AGREEMENT = sa.text("field = 'agreement_id' AND reverted_at IS NULL")
COLUMNS = "is_excluded, user_start, user_end, user_agreement_id"
# The decisions of a line `l` that differ from those of `b`, as (field, value).
CARRIED = """
  VALUES ('excluded', to_jsonb({l}.is_excluded), {l}.is_excluded IS DISTINCT FROM {b}.is_excluded),
    ('charge_start_date', to_jsonb({l}.user_start), {l}.user_start IS DISTINCT FROM {b}.user_start),
    ('charge_end_date', to_jsonb({l}.user_end), {l}.user_end IS DISTINCT FROM {b}.user_end),
    ('agreement_id', to_jsonb({l}.user_agreement_id), {l}.user_agreement_id IS DISTINCT FROM {b}.user_agreement_id)
"""
COPY = f"""
INSERT INTO billing.line_decision (partner_id, line_id, field, value, edit_id, actor)
SELECT l.partner_id, l.id, each.field, each.value, gen_random_uuid(), 'migration' FROM billing.line l
CROSS JOIN (SELECT false AS is_excluded, NULL::date AS user_start, NULL::date AS user_end, NULL AS user_agreement_id) n
CROSS JOIN LATERAL ({CARRIED.format(l="l", b="n")}) AS each (field, value, is_decided)
WHERE each.is_decided
"""  # noqa: S608 - constants of this migration
CARRY_OVER = f"""
CREATE FUNCTION billing.carry_decisions_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO billing.line_decision (partner_id, line_id, field, value, edit_id, actor)
  SELECT NEW.partner_id, NEW.id, each.field, COALESCE(each.value, 'null'::jsonb), gen_random_uuid(), 'migration'
  FROM ({CARRIED.format(l="NEW", b="OLD")}) AS each (field, value, is_decided) WHERE each.is_decided;
  RETURN NULL;
END $$
"""  # noqa: S608 - constants of this migration
TRIGGER = f"""
CREATE TRIGGER carry_decisions_over AFTER UPDATE OF {COLUMNS} ON billing.line FOR EACH ROW
WHEN ((NEW.is_excluded, NEW.user_start, NEW.user_end, NEW.user_agreement_id)
  IS DISTINCT FROM (OLD.is_excluded, OLD.user_start, OLD.user_end, OLD.user_agreement_id))
EXECUTE FUNCTION billing.carry_decisions_over()
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.create_table(
        "line_decision",
        sa.Column("partner_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("edit_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.Column("reverted_at", INSTANT),
        sa.Column("reverted_by", sa.Text()),
        schema="billing",
    )
    op.alter_column("line", "is_excluded", server_default=sa.text("false"), schema="billing")
    op.execute(CARRY_OVER)
    op.execute(TRIGGER)
    # Its owner is behind the wall as well, and would find nothing. The lock lasts: no edit falls in between.
    op.execute("ALTER TABLE billing.line NO FORCE ROW LEVEL SECURITY")
    op.execute(COPY)
    op.execute("ALTER TABLE billing.line FORCE ROW LEVEL SECURITY")
    _index()
    for statement in build_wall("billing.line_decision"):
        op.execute(statement)


def _index() -> None:
    op.create_index("line_decision_of_line", "line_decision", ["partner_id", "line_id", "id"], schema="billing")
    op.create_index(
        "line_decision_by_agreement",
        "line_decision",
        ["partner_id", "value"],
        schema="billing",
        postgresql_where=CHOSEN_AGREEMENT,
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.execute("DROP TRIGGER carry_decisions_over ON billing.line")
    op.execute("DROP FUNCTION billing.carry_decisions_over()")
    op.alter_column("line", "is_excluded", server_default=None, schema="billing")
    op.drop_table("line_decision", schema="billing")
