"""Keep late charges held for partners who have lines and never saved rules: the defaults change for new ones only.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

A line that was held may have been billed by hand since; released by a new default, it would bill twice. Version 0
stands for the defaults, and so far nobody could save it. Both builds read what is written here. Going back
writes saved rules as the former build reads them, and loses what it does not know.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

AS_THEY_WERE = """
INSERT INTO billing.rules (partner_id, version, rules, saved_by)
SELECT DISTINCT partner_id, 0, '{"when_already_invoiced": "hold"}'::jsonb, 'migration' FROM billing.line
ON CONFLICT DO NOTHING
"""
AS_FORMERLY_READ = """
UPDATE billing.rules
SET rules = (rules - ARRAY['late_one_time', 'late_recurring', 'when_undecided'])
  || jsonb_build_object('when_already_invoiced', rules -> 'late_recurring')
WHERE rules ? 'late_recurring'
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _run_before_the_wall(AS_THEY_WERE, "billing.line", "billing.rules")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _run_before_the_wall("DELETE FROM billing.rules WHERE version = 0", "billing.rules")
    _run_before_the_wall(AS_FORMERLY_READ, "billing.rules")


def _run_before_the_wall(statement: str, *tables: str) -> None:
    # The owner of the tables is behind the wall as well, and would find nothing.
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
