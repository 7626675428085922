"""Shows and saves the billing rules. A change is in force for lines loaded from then on."""

from services.billing.billing_rules import repository
from services.billing.billing_rules.checks import refuse_unworkable, warn_of_prices
from services.billing.billing_rules.first_period import foresee_first_period
from services.billing.billing_rules.models import RulesRow
from services.billing.billing_rules.schemas import FirstPeriodEffect, RulesChange, RulesVersion
from services.billing.rules.model import BillingRules
from services.contracts.events.billing import RulesChanged
from services.contracts.shapes import FieldChange
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import Conflict
from services.kit.ledger.bus import publish

DEFAULTS = RulesVersion(version=0, rules=BillingRules(), saved_by=None, saved_at=None)


class RulesAreStale(Conflict):
    """Somebody has saved other rules since these were read."""

    action = "Read the rules again, repeat your change and save."


class FirstPeriodMovesEarlier(Conflict):
    """Lines that count as billed before go-live would become sendable."""

    action = "Look at these lines. Where nobody has billed them by hand, save again and say that it moves earlier."


async def show_rules(session: ReadSession) -> RulesVersion:
    """The rules in force, defaults until somebody saves some."""
    row = await repository.find_latest(session)
    return DEFAULTS if row is None else await _show(session, row)


async def save_rules(session: WriteSession, change: RulesChange) -> RulesVersion:
    """Put new rules in force; saving what is in force already changes nothing."""
    current = await show_rules(session)
    if change.version != current.version:
        raise RulesAreStale(f"Version {current.version} is in force.", current=current.model_dump(mode="json"))
    if change.rules == current.rules:
        return current
    await refuse_unworkable(session, change.rules)
    await _check_first_period(session, current.rules, change)
    row = await repository.add(session, current.version + 1, change.rules.model_dump(mode="json"))
    if row is None:
        raise RulesAreStale("Somebody else has just saved other rules.")
    changes = _compare(current.rules, change.rules)
    await publish(session, RulesChanged(version=row.version, changes=changes), subject="billing-rules")
    return await _show(session, row)


async def foresee(session: ReadSession, first_period: str | None) -> FirstPeriodEffect:
    """What another first period would do."""
    current = await show_rules(session)
    return await foresee_first_period(session, current.rules.first_period, first_period)


async def _check_first_period(session: ReadSession, current: BillingRules, change: RulesChange) -> None:
    if change.moves_first_period_earlier or change.rules.first_period == current.first_period:
        return
    effect = await foresee_first_period(session, current.first_period, change.rules.first_period)
    if effect.becomes_sendable.count:
        said = f"{effect.becomes_sendable.count} lines that were billed before go-live would become sendable."
        raise FirstPeriodMovesEarlier(said, current=effect.model_dump(mode="json"))


async def _show(session: ReadSession, row: RulesRow) -> RulesVersion:
    rules = BillingRules.model_validate(row.rules)
    warnings = await warn_of_prices(session, rules)
    return RulesVersion(
        version=row.version, rules=rules, saved_by=row.saved_by, saved_at=row.saved_at, warnings=warnings
    )


def _compare(before: BillingRules, after: BillingRules) -> list[FieldChange]:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [FieldChange(field=name, before=old[name], after=new[name]) for name in new if old[name] != new[name]]
