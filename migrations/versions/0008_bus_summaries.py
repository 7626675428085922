"""Keep a bulk fact's summary beside it, so that the audit need not read its rows, and let nobody alter a fact.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import SERVICE_ROLES

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROLES = ", ".join(SERVICE_ROLES.values())


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.add_column("event", sa.Column("summary", postgresql.JSON()), schema="bus")
    op.execute(f"REVOKE UPDATE ON bus.event FROM {ROLES}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.execute(f"GRANT UPDATE ON bus.event TO {ROLES}")
    op.drop_column("event", "summary", schema="bus")
