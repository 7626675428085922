"""Rules that hold at once have changed: the first period → the lines between its old and its new place; what is
dropped → the lines that may be.
"""

from services.billing.billing_rules.first_period import find_moved_months
from services.billing.rating.service import follow_dropping, follow_months
from services.contracts.envelope import Envelope
from services.contracts.events.billing import RulesChanged
from services.kit.base.db import WriteSession

DROP_RULES = ("drop_zero_lines", "drop_favourable_prorations")


async def handle(session: WriteSession, envelope: Envelope[RulesChanged]) -> None:
    months = find_moved_months(envelope.data)
    if months is not None:
        await follow_months(session, *months)
    if any(change.field in DROP_RULES for change in envelope.data.changes):
        await follow_dropping(session)
