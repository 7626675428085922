"""Adds up what a bulk edit would do, batch by batch, so that no more than a batch of lines is in memory. Pure."""

from dataclasses import dataclass, field
from decimal import Decimal

from services.billing.bulk_edits.changes import Skip, SkipReason
from services.billing.bulk_edits.effects import Effect, Effects
from services.billing.bulk_edits.schemas import BulkPreview, ChangedLine, Skipped, SkippedLine
from services.billing.lines.stored import StoredLine
from services.contracts.shapes import Tally
from services.contracts.vocabulary import LineStatus

MOST_SAMPLES = 50
_GOING = (LineStatus.READY, LineStatus.SENT)


@dataclass(slots=True)
class PreviewSum:
    """The preview so far."""

    matched: int = 0
    changed: list[tuple[str, Decimal]] = field(default_factory=list)
    sent: list[tuple[str, Decimal]] = field(default_factory=list)
    organizations: set[str] = field(default_factory=set)
    skipped: dict[SkipReason, tuple[str, Tally]] = field(default_factory=dict)
    before: dict[LineStatus, Tally] = field(default_factory=dict)
    after: dict[LineStatus, Tally] = field(default_factory=dict)
    bills_before: dict[str, Decimal] = field(default_factory=dict)
    bills_after: dict[str, Decimal] = field(default_factory=dict)
    samples: list[ChangedLine] = field(default_factory=list)
    skipped_samples: list[SkippedLine] = field(default_factory=list)

    def add(self, effects: Effects) -> None:
        """Count a batch."""
        self.matched += len(effects.changed) + len(effects.skipped)
        for effect in effects.changed:
            self._add_changed(effect)
        for line, skip in effects.skipped:
            self._add_skipped(line, skip)

    def _add_changed(self, effect: Effect) -> None:
        line, money = effect.before.line, (effect.before.line.currency, effect.before.line.total)
        self.changed.append(money)
        self.organizations.add(line.organization_id)
        if effect.before.is_sent:
            self.sent.append(money)
        _count(self.before, effect.before.rated.status, money)
        _count(self.after, effect.after.rated.status, money)
        _add_forecast(self.bills_before, effect.before)
        _add_forecast(self.bills_after, effect.after)
        if len(self.samples) < MOST_SAMPLES:
            self.samples.append(_as_sample(effect))

    def _add_skipped(self, line: StoredLine, skip: Skip) -> None:
        words, tally = self.skipped.get(skip.reason, (skip.words, Tally(count=0)))
        self.skipped[skip.reason] = (words, tally + Tally.of([(line.line.currency, line.line.total)]))
        if len(self.skipped_samples) < MOST_SAMPLES:
            self.skipped_samples.append(_as_skipped(line, skip))

    def finish(self) -> BulkPreview:
        """The preview of all that was added."""
        return BulkPreview(
            matched=self.matched,
            changed=Tally.of(self.changed),
            customers=len(self.organizations),
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
        )


def _count(tallies: dict[LineStatus, Tally], status: LineStatus, money: tuple[str, Decimal]) -> None:
    tallies[status] = tallies.get(status, Tally(count=0)) + Tally.of([money])


def _add_forecast(amounts: dict[str, Decimal], line: StoredLine) -> None:
    if line.rated.status in _GOING and line.rated.forecast is not None:
        currency = line.line.currency
        amounts[currency] = amounts.get(currency, Decimal(0)) + line.rated.forecast


def _as_sample(effect: Effect) -> ChangedLine:
    line = effect.before.line
    return ChangedLine(
        line_id=effect.before.id,
        organization=line.organization_name,
        subscription=line.subscription_name or line.offer_name,
        currency=line.currency,
        changes=effect.changes,
        status_before=effect.before.rated.status,
        status_after=effect.after.rated.status,
        hold_reasons=list(effect.after.rated.hold_reasons),
    )


def _as_skipped(line: StoredLine, skip: Skip) -> SkippedLine:
    return SkippedLine(
        line_id=line.id,
        organization=line.line.organization_name,
        subscription=line.line.subscription_name or line.line.offer_name,
        reason=skip.reason,
        words=skip.words,
    )
