"""The tie-out: AppXite's total + what is added to it = additions + listed exceptions, per customer and currency. Pure.

What is added is what price rules mark up, and what people changed in quantity or unit price; either may take away.

What rules drop is neither on additions nor to be sent: each such line is a difference with its money.

The three sides come from three places: rows as AppXite sent them, additions as the PSA holds them, and
the lists of what stayed behind. A row that none of the lists has is named, and then nothing ties out.

Beside them stands what the additions will bill. Of each customer and currency this always holds: AppXite's total +
what is added = expected to be billed + sent as not billable + unsent + rounded away - the sum of the
differences, those that are dropped among them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from services.contracts.money import show_money
from services.contracts.vocabulary import HoldReason, LineStatus
from services.sync.receipts.dropped import list_dropped
from services.sync.receipts.schemas import Difference, Failure, ReceiptTotal, UnsentItem
from services.sync.receipts.will_bill import Expected, WillBill

QUARANTINED = "quarantined"
MOST_UNEXPLAINED = 100  # rows named one by one; after that something is wrong with all of them

RowKey = tuple[str, str]
"""Invoice id, row id."""


@dataclass(frozen=True, slots=True)
class Charged:
    """One invoice row as AppXite sent it."""

    key: RowKey
    organization_id: str
    organization: str
    currency: str
    total: Decimal


@dataclass(frozen=True, slots=True)
class OnPsa:
    """One line's addition as the PSA holds it; `total` is quantity × unit price.

    `claims` are the rows that it stands for, each with how much of its charge, where that is not `key` with `total`.
    """

    key: RowKey
    organization_id: str
    organization: str
    currency: str
    total: Decimal
    marked_up: Decimal = Decimal(0)
    """The part of `total` that price rules and people add to AppXite's charge."""
    claims: Sequence[tuple[RowKey, Decimal]] = ()

    @property
    def claimed(self) -> Sequence[tuple[RowKey, Decimal]]:
        return self.claims or ((self.key, self.total - self.marked_up),)


@dataclass(frozen=True, slots=True)
class Rounded:
    """What is finer than a currency's smallest unit, and so billed by no addition."""

    organization_id: str
    organization: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class KeptOut:
    """A quarantined invoice; `amount` is what it charges beyond the rows in force, None where nobody knows."""

    invoice_id: str
    number: str
    organization_id: str
    organization: str
    currency: str
    amount: Decimal | None
    rows: int
    reason: str


@dataclass(frozen=True, slots=True)
class Sides:
    """Everything that has to tie out."""

    charged: Sequence[Charged]
    kept_out: Sequence[KeptOut]
    on_psa: Sequence[OnPsa]
    unsent: Sequence[UnsentItem]
    failures: Sequence[Failure]
    failed_keys: frozenset[RowKey]
    will_bill: WillBill
    psa: str
    """Its name, for people."""
    rounded: Sequence[Rounded] = ()


@dataclass(frozen=True, slots=True)
class TieOut:
    """What was proven: each charged cent is accounted for, and the additions bill what was charged."""

    totals: list[ReceiptTotal]
    unsent: list[UnsentItem]
    failures: list[Failure]
    differences: list[Difference]
    examined: int
    accounted_for: bool
    bills_as_charged: bool


@dataclass(slots=True)
class _Account:
    organization: str
    appxite: Decimal = Decimal(0)
    marked_up: Decimal = Decimal(0)
    """Added by price rules and people, on additions."""
    additions: Decimal = Decimal(0)
    unsent: Decimal = Decimal(0)
    moved: Decimal = Decimal(0)
    """On additions, refunds counted as positive: a share of money must not exceed the whole."""
    left: Decimal = Decimal(0)
    """Not on additions, likewise."""
    billed_before: Decimal = Decimal(0)
    """Of what is unsent: billed by hand before go-live. It is no part of the money that is to be sent."""
    dropped: Decimal = Decimal(0)
    """Not passed on by rule, and so no part of the money that is to be sent either."""
    rounded: Decimal = Decimal(0)
    """Finer than the currency; negative where more is billed than charged."""
    expected: Expected = field(default_factory=Expected)

    def leave(self, amount: Decimal) -> None:
        self.unsent += amount
        self.left += abs(amount)

    def leave_as_billed(self, amount: Decimal) -> None:
        self.unsent += amount
        self.billed_before += amount

    @property
    def is_accounted_for(self) -> bool:
        return self.appxite + self.marked_up == self.additions + self.unsent + self.dropped + self.rounded

    @property
    def unexplained(self) -> Decimal:
        """What neither the forecast nor the differences explain; zero unless something is wrong with the proof."""
        expected, priced = self.expected, self.appxite + self.marked_up - self.rounded
        sent = expected.billed + expected.not_billable - expected.differing
        return priced - (sent + self.unsent + self.dropped)

    @property
    def sent_percent(self) -> Decimal:
        whole = self.moved + self.left
        share = self.moved / whole if whole else Decimal(1)
        return (share * 100).quantize(Decimal("0.1"), rounding=ROUND_DOWN)


@dataclass(slots=True)
class _Ledger:
    accounts: dict[tuple[str, str], _Account] = field(default_factory=dict)

    def account(self, organization_id: str, organization: str, currency: str) -> _Account:
        return self.accounts.setdefault((organization_id or organization, currency), _Account(organization))


def tie_out(sides: Sides) -> TieOut:
    """Add up each side and compare. What does not tie out is named."""
    ledger = _add_up(sides)
    unexplained = [
        *_find_unexplained(sides),
        *_find_differing(sides),
        *(_unknown_amount(each) for each in sides.kept_out if each.amount is None),
    ]
    accounts = sorted(ledger.accounts.items())
    totals = [_total(*key, account) for key, account in accounts]
    named = {(each.organization_id or each.organization, each.currency) for each in unexplained}
    unexplained += [
        _unexplained_total(total)
        for total in totals
        if not total.ties_out and (total.organization_id or total.organization, total.currency) not in named
    ]
    is_accounted_for = not unexplained and all(total.ties_out for total in totals)
    unforeseen = [
        _unforeseen(total, account.unexplained)
        for total, (_, account) in zip(totals, accounts, strict=True)
        if account.is_accounted_for and account.unexplained
    ]
    return TieOut(
        totals=totals,
        unsent=[*sides.unsent, *(_as_unsent(kept) for kept in sides.kept_out)],
        failures=[*sides.failures, *unexplained, *unforeseen],
        differences=[*sides.will_bill.differences, *list_dropped(sides.unsent)],
        examined=len(sides.charged) + sum(kept.rows for kept in sides.kept_out),
        accounted_for=is_accounted_for,
        bills_as_charged=not unforeseen and all(total.bills_as_charged for total in totals),
    )


def _add_up(sides: Sides) -> _Ledger:
    ledger = _Ledger()
    for row in sides.charged:
        ledger.account(row.organization_id, row.organization, row.currency).appxite += row.total
    for addition in sides.on_psa:
        account = ledger.account(addition.organization_id, addition.organization, addition.currency)
        account.additions += addition.total
        account.marked_up += addition.marked_up
        account.moved += abs(addition.total)
    for each in sides.rounded:
        ledger.account(each.organization_id, each.organization, each.currency).rounded += each.amount
    for (organization_id, currency), expected in sides.will_bill.accounts.items():
        ledger.account(organization_id, expected.organization, currency).expected = expected
    _add_left(ledger, sides)
    return ledger


def _add_left(ledger: _Ledger, sides: Sides) -> None:
    for kept in sides.kept_out:
        account = ledger.account(kept.organization_id, kept.organization, kept.currency)
        account.appxite += kept.amount or Decimal(0)
        account.leave(kept.amount or Decimal(0))
    for item in sides.unsent:
        if _is_charged(item):
            account = ledger.account(item.organization_id, item.organization, item.currency)
            _leave(account, item)
    for failure in sides.failures:
        if failure.line_id is not None:
            ledger.account(failure.organization_id, failure.organization, failure.currency).leave(failure.amount)


def _leave(account: _Account, item: UnsentItem) -> None:
    if item.status == LineStatus.DROPPED.value:
        account.dropped += item.amount
    elif item.status == LineStatus.BILLED_BEFORE.value:
        account.leave_as_billed(item.amount)
    else:
        account.leave(item.amount)


def _is_charged(item: UnsentItem) -> bool:
    """A vanished row is listed, but AppXite no longer charges it."""
    return HoldReason.VANISHED_FROM_INVOICE.value not in item.reasons


def _as_unsent(kept: KeptOut) -> UnsentItem:
    return UnsentItem(
        line_id=None,
        invoice_id=kept.invoice_id,
        row_id="",
        organization_id=kept.organization_id,
        organization=kept.organization,
        currency=kept.currency,
        amount=kept.amount or Decimal(0),
        status=QUARANTINED,
        reasons=[f"Invoice {kept.number}: {kept.reason}"],
        invoice_number=kept.number,
    )


def _find_unexplained(sides: Sides) -> list[Failure]:
    known = {key for addition in sides.on_psa for key, _ in addition.claimed} | {
        (item.invoice_id, item.row_id) for item in sides.unsent
    }
    known |= sides.failed_keys
    missing = [row for row in sides.charged if row.key not in known]
    return [
        _residual(
            row,
            row.total,
            f"Row {row.key[1]} of invoice {row.key[0]} is neither in {sides.psa} nor listed: plan again.",
        )
        for row in missing[:MOST_UNEXPLAINED]
    ]


def _find_differing(sides: Sides) -> list[Failure]:
    """Rows for which additions and listed lines stand that come to something else than the row charges by now.

    Several may stand for one row: what was invoiced, and the true-up of a later change.
    """
    charged = {row.key: row.total for row in sides.charged}
    claims: dict[RowKey, list[tuple[Decimal, OnPsa | UnsentItem]]] = defaultdict(list)
    for each in sides.on_psa:
        for key, amount in each.claimed:
            claims[key].append((amount, each))
    for item in sides.unsent:
        if _is_charged(item):
            claims[item.invoice_id, item.row_id].append((item.amount, item))
    differing = []
    for key, claimed in claims.items():
        if key in sides.failed_keys:
            continue  # a part of it is listed as a failure
        planned = sum((amount for amount, _ in claimed), Decimal(0))
        if charged.get(key, Decimal(0)) == planned and (key in charged or not planned):
            continue
        now = f"charges {charged[key]:f} now" if key in charged else "is no longer charged"
        said = f"Row {key[1]} of invoice {key[0]} was planned with {planned:f} and {now}: plan again."
        differing.append(_residual(claimed[0][1], planned, said))
    return differing[:MOST_UNEXPLAINED]


def _unexplained_total(total: ReceiptTotal) -> Failure:
    rest = total.appxite_total + (total.marked_up or 0) - total.additions_total - total.unsent_total
    rest -= (total.dropped or 0) + (total.rounded or 0)
    return _residual(
        total,
        rest,
        f"The two sides differ by {rest:f} {total.currency} and no single row says why: load and plan again.",
    )


def _unforeseen(total: ReceiptTotal, rest: Decimal) -> Failure:
    said = f"The forecast and the differences leave {rest:f} {total.currency} unexplained: load and plan again."
    return _residual(total, rest, said)


def _unknown_amount(kept: KeptOut) -> Failure:
    return _residual(
        kept, Decimal(0), f"Nobody knows what the quarantined invoice {kept.number} charges: load it again."
    )


def _residual(of: Charged | OnPsa | UnsentItem | ReceiptTotal | KeptOut, amount: Decimal, error: str) -> Failure:
    """What keeps a receipt from tying out, where that is no single write."""
    return Failure(
        line_id=None,
        organization_id=of.organization_id,
        organization=of.organization,
        agreement="",
        addition_id=None,
        currency=of.currency,
        amount=amount,
        error=error,
    )


def _total(organization_id: str, currency: str, account: _Account) -> ReceiptTotal:
    return ReceiptTotal(
        organization=account.organization,
        organization_id=organization_id,
        currency=currency,
        appxite_total=show_money(account.appxite, currency),
        additions_total=show_money(account.additions, currency),
        marked_up=show_money(account.marked_up, currency),
        unsent_total=show_money(account.unsent, currency),
        ties_out=account.is_accounted_for,
        rounded=show_money(account.rounded, currency),
        expected_billed=show_money(account.expected.billed, currency),
        not_billable=show_money(account.expected.not_billable, currency),
        billed_before=show_money(account.billed_before, currency),
        dropped=show_money(account.dropped, currency),
        sent_percent=account.sent_percent,
        bills_as_charged=not account.expected.differences and not account.unexplained,
    )
