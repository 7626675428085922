"""Open the front door: partners, accounts, memberships, sessions, API tokens.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import build_wall

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NOW = sa.func.now()


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _create_people()
    _wall_people()
    _create_sessions()
    _create_tokens()


def _create_people() -> None:
    op.create_table(
        "partner",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        schema="gateway",
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("home_partner_id", sa.Uuid(), sa.ForeignKey("gateway.partner.id"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        schema="gateway",
    )
    op.create_table(
        "membership",
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("gateway.partner.id"), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("gateway.account.id"), primary_key=True),
        sa.Column("roles", postgresql.ARRAY(sa.String(20)), nullable=False),
        schema="gateway",
    )


def _wall_people() -> None:
    """An account has no partner of its own: its members' partners see it, and whoever names its e-mail to sign in."""
    for statement in build_wall("gateway.membership"):
        op.execute(statement)
    for table, wall in {
        "partner": "id = bus.current_partner()",
        "account": (
            "email = current_setting('tieout.sign_in', true) OR EXISTS "
            "(SELECT FROM gateway.membership WHERE membership.account_id = account.id)"
        ),
    }.items():
        op.execute(f"ALTER TABLE gateway.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE gateway.{table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY partner_wall ON gateway.{table} USING ({wall})")


def _create_sessions() -> None:
    op.create_table(
        "session",
        sa.Column("secret_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("gateway.partner.id"), nullable=False),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("gateway.account.id"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        schema="gateway",
    )
    op.create_index("session_account", "session", ["partner_id", "account_id"], schema="gateway")
    for statement in build_wall("gateway.session"):
        op.execute(statement)


def _create_tokens() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), sa.ForeignKey("gateway.partner.id"), nullable=False),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("gateway.account.id"), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String(20)), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        schema="gateway",
    )
    op.create_index("api_token_newest", "api_token", ["partner_id", "created_at", "id"], schema="gateway")
    for statement in build_wall("gateway.api_token"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.execute("DROP POLICY partner_wall ON gateway.account")  # it reads membership, which goes before account
    for table in ("api_token", "session", "membership", "account", "partner"):
        op.drop_table(table, schema="gateway")
