"""Keep jobs beside deliveries, and the steps of runs in place of sagas and plan chunks.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.

The steps of an old run mean nothing to the new code. So runs and plans that are open end here, with a sentence, and
what was ordered or is acknowledged for them is marked as handled. Until the old processes are gone, whoever asks
them for a load, plan or push meets an error; reading, mapping and editing go on.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.kit.base.tenancy import SERVICE_ROLES, build_wall

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

DUE = sa.text("handled_at IS NULL AND rested_at IS NULL")
INSTANT = sa.DateTime(timezone=True)
JSONB = postgresql.JSONB
ROLES = ", ".join(SERVICE_ROLES.values())
ENDED = "Tieout was updated while this ran; start it again."
ORDERS = (
    "sync.mirror.requested.v1",
    "sync.load.requested.v1",
    "sync.load.prepared.v1",
    "sync.plan.requested.v1",
    "sync.plan.assembled.v1",
    "sync.push.requested.v1",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    _create_job()
    _create_steps()
    op.add_column("run", sa.Column("step", sa.String(40), nullable=False, server_default=""), schema="sync")
    op.add_column("plan", sa.Column("computing_run_id", sa.Uuid()), schema="sync")
    _end_what_is_open()
    for table in ("saga_part", "saga", "plan_chunk"):
        op.execute(f"DROP TABLE sync.{table}")
    op.drop_index("delivery_leased", "delivery", schema="bus")
    op.drop_column("delivery", "lease_id", schema="bus")
    op.drop_column("delivery", "leased_until", schema="bus")


def _create_job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("consumer", sa.String(40), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("arguments", postgresql.JSON(), nullable=False),
        sa.Column("actor", JSONB(), nullable=False),
        sa.Column("correlation_id", sa.String(80), nullable=False),
        sa.Column("causation_id", sa.Uuid()),
        sa.Column("created_at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.Column("rings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", INSTANT, nullable=False),
        sa.Column("lease_id", sa.Uuid()),
        sa.Column("leased_until", INSTANT),
        sa.Column("handled_at", INSTANT),
        sa.Column("rested_at", INSTANT),
        sa.Column("last_error", sa.Text()),
        schema="bus",
    )
    op.create_index("job_due", "job", ["next_attempt_at"], schema="bus", postgresql_where=DUE)
    resting = sa.text("rested_at IS NOT NULL")
    op.create_index("job_resting", "job", ["partner_id", "rested_at"], schema="bus", postgresql_where=resting)
    leased = sa.text("lease_id IS NOT NULL AND handled_at IS NULL")
    op.create_index("job_leased", "job", ["lease_id"], schema="bus", postgresql_where=leased)
    op.execute("ALTER TABLE bus.job ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE bus.job FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY partner_wall ON bus.job "
        "USING (partner_id = bus.current_partner() OR bus.is_relay()) "
        "WITH CHECK (partner_id = bus.current_partner() OR bus.is_relay())"
    )
    op.execute(f"GRANT DELETE ON bus.job TO {ROLES}")  # a job is no record; what is done and old may go


def _create_steps() -> None:
    op.create_table(
        "run_step",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("step", sa.String(40), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("parts", sa.Integer()),
        sa.Column("acknowledged", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("is_sealed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("checkpoint", JSONB(), nullable=False, server_default="{}"),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("acknowledged_at", INSTANT),
        schema="sync",
    )
    op.create_table(
        "step_part",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("step", sa.String(40), primary_key=True),
        sa.Column("part", sa.Integer(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged_at", INSTANT),
        schema="sync",
    )
    for table in ("run_step", "step_part"):
        for statement in build_wall(f"sync.{table}"):
            op.execute(statement)


def _end_what_is_open() -> None:
    """All statements look across partners: a migration runs as the owner, whom walls would stop if they were forced."""
    for table in ("run", "plan"):
        op.execute(f"ALTER TABLE sync.{table} NO FORCE ROW LEVEL SECURITY")
    for table in ("event", "delivery"):
        op.execute(f"ALTER TABLE bus.{table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE sync.plan SET status = 'stale', moved = jsonb_build_array("
        "'Tieout was updated while it was applied; make a new plan.') "
        "WHERE status = 'ready' AND run_id IS NOT NULL"
    )
    op.execute(f"UPDATE sync.plan SET status = 'failed', error = '{ENDED}' WHERE status = 'computing'")  # noqa: S608 - our own words
    op.execute(
        f"UPDATE sync.run SET status = 'failed', error = '{ENDED}', finished_at = now() "  # noqa: S608 - our own words
        "WHERE status IN ('queued', 'running')"
    )
    types = ", ".join(f"'{name}'" for name in ORDERS)
    op.execute(
        "UPDATE bus.delivery SET handled_at = now(), rested_at = NULL FROM bus.event "  # noqa: S608 - our own words
        f"WHERE event.id = delivery.event_id AND event.type IN ({types}) AND delivery.handled_at IS NULL"
    )
    for table in ("event", "delivery"):
        op.execute(f"ALTER TABLE bus.{table} FORCE ROW LEVEL SECURITY")
    for table in ("run", "plan"):
        op.execute(f"ALTER TABLE sync.{table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    op.add_column("delivery", sa.Column("leased_until", INSTANT), schema="bus")
    op.add_column("delivery", sa.Column("lease_id", sa.Uuid()), schema="bus")
    leased = sa.text("lease_id IS NOT NULL AND handled_at IS NULL")
    op.create_index("delivery_leased", "delivery", ["lease_id"], schema="bus", postgresql_where=leased)
    _create_sagas()
    op.drop_column("plan", "computing_run_id", schema="sync")
    op.drop_column("run", "step", schema="sync")
    op.execute("DROP TABLE sync.step_part")
    op.execute("DROP TABLE sync.run_step")
    op.execute("DROP TABLE bus.job")


def _create_sagas() -> None:
    op.create_table(
        "saga",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("parts_sent", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("parts_acked", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("is_sealed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("place", JSONB(), nullable=False, server_default="{}"),
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
    op.create_table(
        "plan_chunk",
        sa.Column("plan_id", sa.Uuid(), sa.ForeignKey("sync.plan.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("chunk", sa.Integer(), primary_key=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        schema="sync",
    )
    for table in ("saga", "saga_part", "plan_chunk"):
        for statement in build_wall(f"sync.{table}"):
            op.execute(statement)
