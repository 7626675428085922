"""Whether a line may go out: one status, and every reason that holds it, always in the same order."""

from collections.abc import Iterable

from services.contracts.vocabulary import HoldReason, LineStatus

_ORDER = {reason: place for place, reason in enumerate(HoldReason)}
OUTLIVES_SENDING = frozenset({HoldReason.VANISHED_FROM_INVOICE, HoldReason.PUSH_FAILED})


def judge(
    reasons: Iterable[HoldReason],
    *,
    is_sendable: bool,
    is_excluded: bool,
    is_sent: bool,
    is_billed_before: bool = False,
    is_dropped: bool = False,
) -> tuple[LineStatus, tuple[HoldReason, ...]]:
    """Status and reasons: billed before go-live, then preview before excluded before dropped before held before ready.

    `is_sent` means that the PSA has exactly these values. What would hold them now (a period invoiced
    since) no longer matters, except that the invoice itself has dropped the line or that a later write failed.
    What was billed by hand is billed, whatever would hold it; only a person's exclusion counts before that. Nor does
    it matter what would hold a line that a rule drops.
    """
    held_by = set(reasons)
    if is_billed_before or is_dropped:
        held_by &= {HoldReason.VANISHED_FROM_INVOICE}
    if is_sent:
        held_by &= OUTLIVES_SENDING
    ordered = tuple(sorted(held_by, key=_ORDER.__getitem__))
    if is_billed_before and not is_excluded:
        return LineStatus.BILLED_BEFORE, ordered
    if not is_sendable:
        return LineStatus.PREVIEW, ordered
    if is_excluded:
        return LineStatus.EXCLUDED, ordered
    if is_dropped:
        return LineStatus.DROPPED, ordered
    if ordered:
        return LineStatus.HELD, ordered
    return (LineStatus.SENT if is_sent else LineStatus.READY), ()
