"""Lines that an older build has sent say what they were sent with, where that is certain."""

import asyncpg

from tests.architecture.source import ROOT
from tests.billing.lines.test_decisions_carried_over import insert_line, migrate
from tests.support.databases import TestDatabase

AS_RATED = {
    "fingerprint": "'f-now'",
    "sent_marker": "'TO-SENT'",
    "total": "30.00",
    "agreement_id": "'agreement-1'",
    "charge_start": "'2026-10-12'",
    "charge_end": "NULL",
}
REMEMBERED = "sent_amount, sent_agreement_id, sent_from::text, sent_through, sent_start::text, sent_end"


def revision_before() -> str:
    (file,) = (ROOT / "migrations" / "versions").glob("*_billing_true_ups.py")
    return f"{int(file.name[:4]) - 1:04d}"


async def test_only_lines_whose_values_are_in_the_psa_say_what_was_sent(fresh_database: TestDatabase) -> None:
    await migrate(fresh_database, "downgrade", revision_before())
    owner = await asyncpg.connect(fresh_database.url())
    equal = await insert_line(owner, sent_fingerprint="'f-now'", **AS_RATED)
    changed = await insert_line(owner, sent_fingerprint="'f-before'", **AS_RATED)
    unsent = await insert_line(owner, **AS_RATED)
    await migrate(fresh_database, "upgrade", "heads")
    found = {row["id"]: tuple(row)[1:] for row in await owner.fetch(f"SELECT id, {REMEMBERED} FROM billing.line")}  # noqa: S608
    total = await owner.fetchval("SELECT total FROM billing.line WHERE id = $1", equal)
    assert found[equal] == (total, "agreement-1", "2026-10-12", None, "2026-10-12", None)
    assert found[changed] == found[unsent] == (None,) * 6
    await owner.close()
