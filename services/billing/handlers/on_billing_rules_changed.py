"""The first period that is billed from here has moved → the lines between its old and its new place."""

from services.billing.billing_rules.first_period import find_moved_months
from services.billing.rating.service import follow_months
from services.contracts.envelope import Envelope
from services.contracts.events.billing import RulesChanged
from services.kit.base.db import WriteSession


async def handle(session: WriteSession, envelope: Envelope[RulesChanged]) -> None:
    months = find_moved_months(envelope.data)
    if months is not None:
        await follow_months(session, *months)
