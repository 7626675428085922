"""Let old events and answers be deleted, by functions that can delete nothing else.

The services' roles still may not delete an event: these functions run as the tables' owner, and refuse what is
younger than a week or not yet handled by every consumer.

Runs while the old code is still serving: add before use, remove after the last use, never rename.
A lock that is not granted in 4 s fails this migration instead of queueing every request behind it.
"""

from alembic import op

from services.kit.base.tenancy import SERVICE_ROLES

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ROLES = ", ".join(SERVICE_ROLES.values())
A_WEEK_AGO = "now() - interval '7 days'"
TABLES = {"event": "occurred_at", "idempotency": "created_at"}

# An id begins with the milliseconds of its making, so the primary key finds the oldest first.
PURGE_EVENTS = f"""
CREATE FUNCTION bus.purge_events(before timestamptz, batch integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET tieout.relay = 'on' AS $$
  WITH bounded AS (SELECT least(before, {A_WEEK_AGO}) AS oldest_kept),
  old AS (
    SELECT event.id FROM bus.event AS event, bounded
    WHERE event.occurred_at < bounded.oldest_kept
      AND event.id < (lpad(to_hex((extract(epoch FROM bounded.oldest_kept) * 1000)::bigint), 12, '0')
                      || '00000000000000000000')::uuid
      AND NOT EXISTS (
        SELECT FROM bus.delivery AS owed WHERE owed.event_id = event.id AND owed.handled_at IS NULL)
    ORDER BY event.id LIMIT batch),
  gone AS (DELETE FROM bus.event AS event USING old WHERE event.id = old.id RETURNING event.id)
  SELECT count(*) FROM gone
$$
"""  # noqa: S608 - constants of this module
PURGE_IDEMPOTENCY = f"""
CREATE FUNCTION bus.purge_idempotency(before timestamptz, batch integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH old AS (
    SELECT partner_id, service, key FROM bus.idempotency
    WHERE created_at < least(before, {A_WEEK_AGO}) LIMIT batch),
  gone AS (
    DELETE FROM bus.idempotency AS answer USING old
    WHERE answer.partner_id = old.partner_id AND answer.service = old.service AND answer.key = old.key
    RETURNING answer.key)
  SELECT count(*) FROM gone
$$
"""  # noqa: S608 - constants of this module


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for table, made in TABLES.items():
        # The owner is bound by the walls too; it sees, across partners, what is old enough to go.
        op.execute(f"CREATE POLICY retention ON bus.{table} TO CURRENT_USER USING ({made} < {A_WEEK_AGO})")
    for function in (PURGE_EVENTS, PURGE_IDEMPOTENCY):
        op.execute(function)
    for name in ("purge_events", "purge_idempotency"):
        op.execute(f"REVOKE ALL ON FUNCTION bus.{name}(timestamptz, integer) FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION bus.{name}(timestamptz, integer) TO {ROLES}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '30s'")
    for name in ("purge_events", "purge_idempotency"):
        op.execute(f"DROP FUNCTION bus.{name}(timestamptz, integer)")
    for table in TABLES:
        op.execute(f"DROP POLICY retention ON bus.{table}")
