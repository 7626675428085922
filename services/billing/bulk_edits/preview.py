"""Adds up what a bulk edit would do, batch by batch, so that no more than a batch of lines is in memory. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from services.billing.bulk_edits.changes import Skip, SkipReason
from services.billing.bulk_edits.effects import Effect, Effects
from services.billing.bulk_edits.schemas import (
    MOST_CUSTOMERS,
    BulkPreview,
    ChangedCustomer,
    ChangedLine,
    Skipped,
    SkippedLine,
)
from services.billing.lines.decisions.comparing import spell
from services.billing.lines.stored import StoredLine
from services.billing.rules.editable import EDITABLE
from services.contracts.shapes import FieldChange, Tally
from services.contracts.vocabulary import HoldReason, LineStatus, MirrorKind

MOST_SAMPLES = 50
_GOING = (LineStatus.READY, LineStatus.SENT)
# What is in force for a field that the rules may fill in too; any other is as people decided.
_IN_FORCE: Mapping[str, Callable[[StoredLine], object]] = {
    "charge_start_date": lambda line: line.rated.start.value,
    "charge_end_date": lambda line: line.rated.end.value,
    "agreement_id": lambda line: line.rated.agreement_id,
}


@dataclass(slots=True)
class _Customer:
    name: str
    changed: list[tuple[str, Decimal]] = field(default_factory=list)
    skipped: int = 0


@dataclass(slots=True)
class PreviewSum:
    """The preview so far."""

    matched: int = 0
    changed: list[tuple[str, Decimal]] = field(default_factory=list)
    sent: list[tuple[str, Decimal]] = field(default_factory=list)
    customers: dict[str, _Customer] = field(default_factory=dict)
    skipped: dict[SkipReason, tuple[str, Tally]] = field(default_factory=dict)
    before: dict[LineStatus, Tally] = field(default_factory=dict)
    after: dict[LineStatus, Tally] = field(default_factory=dict)
    holds: dict[HoldReason, list[tuple[str, Decimal]]] = field(default_factory=dict)
    bills_before: dict[str, Decimal] = field(default_factory=dict)
    bills_after: dict[str, Decimal] = field(default_factory=dict)
    samples: list[ChangedLine] = field(default_factory=list)
    skipped_samples: list[SkippedLine] = field(default_factory=list)
    mentioned: set[tuple[MirrorKind, str]] = field(default_factory=set)
    """Records of the PSA whose ids are among the values of samples."""

    def add(self, effects: Effects) -> None:
        """Count a batch."""
        self.matched += len(effects.changed) + len(effects.skipped)
        for effect in effects.changed:
            self._add_changed(effect)
        for line, skip in effects.skipped:
            self._add_skipped(line, skip)

    def _add_changed(self, effect: Effect) -> None:
        money = (effect.before.line.currency, effect.before.line.total)
        self.changed.append(money)
        self._customer_of(effect.before).changed.append(money)
        for reason in effect.after.rated.hold_reasons:
            self.holds.setdefault(reason, []).append(money)
        if effect.before.is_sent:
            self.sent.append(money)
        _count(self.before, effect.before.rated.status, money)
        _count(self.after, effect.after.rated.status, money)
        _add_forecast(self.bills_before, effect.before)
        _add_forecast(self.bills_after, effect.after)
        if len(self.samples) < MOST_SAMPLES:
            self.samples.append(self._as_sample(effect))

    def _add_skipped(self, line: StoredLine, skip: Skip) -> None:
        self._customer_of(line).skipped += 1
        words, tally = self.skipped.get(skip.reason, (skip.words, Tally(count=0)))
        self.skipped[skip.reason] = (words, tally + Tally.of([(line.line.currency, line.line.total)]))
        if len(self.skipped_samples) < MOST_SAMPLES:
            self.skipped_samples.append(as_skipped(line, skip))

    def _customer_of(self, line: StoredLine) -> _Customer:
        return self.customers.setdefault(line.line.organization_id, _Customer(line.line.organization_name))

    def _as_sample(self, effect: Effect) -> ChangedLine:
        changes = [_in_force(effect, each) for each in effect.changes]
        for change in changes:
            kind = EDITABLE[change.field].refers_to
            if kind is not None:
                self.mentioned |= {(kind, str(value)) for value in (change.before, change.after) if value is not None}
        return _describe(effect, changes)

    def finish(self, names: Mapping[tuple[str, str], str]) -> BulkPreview:
        """The preview of all that was added.

        Args:
            names: kind and id of a record that is mentioned → its name.
        """
        return BulkPreview(
            matched=self.matched,
            changed=Tally.of(self.changed),
            customers=sum(1 for each in self.customers.values() if each.changed),
            already_sent=Tally.of(self.sent),
            skipped=[
                Skipped(reason=reason, words=words, lines=lines) for reason, (words, lines) in self.skipped.items()
            ],
            before=self.before,
            after=self.after,
            will_bill_before=self.bills_before,
            will_bill_after=self.bills_after,
            samples=self.samples,
            skipped_samples=self.skipped_samples,
            holds_after={reason: Tally.of(lines) for reason, lines in self.holds.items()},
            by_customer=self._first_customers(),
            names={external_id: name for (_, external_id), name in names.items()},
        )

    def _first_customers(self) -> list[ChangedCustomer]:
        by_name = sorted(self.customers.items(), key=lambda item: (item[1].name, item[0]))
        return [
            ChangedCustomer(
                organization_id=organization_id,
                organization=each.name,
                changed=Tally.of(each.changed),
                skipped=each.skipped,
            )
            for organization_id, each in by_name[:MOST_CUSTOMERS]
        ]


def _count(tallies: dict[LineStatus, Tally], status: LineStatus, money: tuple[str, Decimal]) -> None:
    tallies[status] = tallies.get(status, Tally(count=0)) + Tally.of([money])


def _add_forecast(amounts: dict[str, Decimal], line: StoredLine) -> None:
    if line.rated.status in _GOING and line.rated.forecast is not None:
        currency = line.line.currency
        amounts[currency] = amounts.get(currency, Decimal(0)) + line.rated.forecast


def _in_force(effect: Effect, change: FieldChange) -> FieldChange:
    """The change as people see it: where they decided nothing before or after, what the rules say."""
    read = _IN_FORCE.get(change.field)
    if read is None:
        return change
    return FieldChange(field=change.field, before=spell(read(effect.before)), after=spell(read(effect.after)))


def _describe(effect: Effect, changes: list[FieldChange]) -> ChangedLine:
    line = effect.before.line
    return ChangedLine(
        line_id=effect.before.id,
        organization=line.organization_name,
        subscription=line.subscription_name or line.offer_name,
        currency=line.currency,
        changes=changes,
        status_before=effect.before.rated.status,
        status_after=effect.after.rated.status,
        hold_reasons=list(effect.after.rated.hold_reasons),
    )


def as_skipped(line: StoredLine, skip: Skip) -> SkippedLine:
    return SkippedLine(
        line_id=line.id,
        organization=line.line.organization_name,
        subscription=line.line.subscription_name or line.line.offer_name,
        reason=skip.reason,
        words=skip.words,
    )
