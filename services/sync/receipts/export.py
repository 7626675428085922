"""A receipt as sheets: what it states, totals, differences, what was not sent, what failed, what was billed. Pure."""

from services.contracts.shapes import PlanScope
from services.kit.sheets.cells import Money, Sheet, Value
from services.sync.receipts.dropped import RULE_NAMES
from services.sync.receipts.schemas import ReceiptOut

YES_OR_NO = {True: "yes", False: "no", None: "not known: an older build made this receipt"}


def list_sheets(receipt: ReceiptOut) -> list[Sheet]:
    return [
        _list_statements(receipt),
        _list_totals(receipt),
        _list_differences(receipt),
        _list_unsent(receipt),
        _list_failures(receipt),
        _list_billed(receipt),
    ]


def _list_statements(receipt: ReceiptOut) -> Sheet:
    rows: list[tuple[str, Value]] = [
        ("Month", receipt.period),
        ("About", _describe_scope(receipt.scope)),
        ("Push", str(receipt.run_id)),
        ("Made", f"{receipt.created_at:%Y-%m-%d %H:%M} UTC"),
        ("Invoice rows examined", receipt.examined),
        ("Arrived", YES_OR_NO[receipt.arrived]),
        ("Accounted for", YES_OR_NO[receipt.accounted_for]),
        ("Bills as charged", YES_OR_NO[receipt.bills_as_charged]),
        ("Lines not sent", receipt.unsent_count),
        ("Lines billed before go-live", receipt.billed_before_count),
        ("Lines dropped by rules", receipt.dropped_count),
        ("Differences", receipt.difference_count),
        ("Failures", receipt.failure_count),
    ]
    return Sheet("Receipt", ["Statement", "Value"], rows)


def _describe_scope(scope: PlanScope | None) -> str:
    if scope is None:
        return YES_OR_NO[None]
    if scope.is_whole_period:
        return "the whole month"
    parts = [
        ("customer", len(scope.organization_ids)),
        ("agreement", len(scope.agreement_ids)),
        ("line", len(scope.line_ids)),
        ("subscription", 1 if scope.subscription_id else 0),
    ]
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in parts if count) + " of the month"


def _list_totals(receipt: ReceiptOut) -> Sheet:
    columns = ["Customer", "Currency", "AppXite charged", "Marked up or changed", "On additions", "Not sent"]
    columns += [
        "Billed before go-live",
        "Dropped by rules",
        "Rounded away",
        "Expected to be billed",
        "Sent as not billable",
        "Sent %",
    ]
    columns += ["Accounted for", "Bills as charged"]
    rows = []
    for each in receipt.totals:
        expected, free, before = each.expected_billed, each.not_billable, each.billed_before
        added = each.marked_up
        rows.append(
            (
                each.organization,
                each.currency,
                Money(each.appxite_total, each.currency),
                "" if added is None else Money(added, each.currency),
                Money(each.additions_total, each.currency),
                Money(each.unsent_total, each.currency),
                "" if before is None else Money(before, each.currency),
                "" if each.dropped is None else Money(each.dropped, each.currency),
                "" if each.rounded is None else Money(each.rounded, each.currency),
                "" if expected is None else Money(expected, each.currency),
                "" if free is None else Money(free, each.currency),
                "" if each.sent_percent is None else f"{each.sent_percent:f}",
                YES_OR_NO[each.ties_out],
                YES_OR_NO[each.bills_as_charged],
            )
        )
    return Sheet("Totals", columns, rows)


def _list_differences(receipt: ReceiptOut) -> Sheet:
    columns = ["Customer", "Agreement", "Subscription", "Addition", "Kind", "Currency", "AppXite charged"]
    columns += ["Expected to be billed", "Difference", "Reason", "Next step"]
    rows = [
        (
            each.organization,
            each.agreement,
            each.subscription,
            each.addition_id or "",
            _in_words(each.kind.value),
            each.currency,
            Money(each.charged, each.currency),
            Money(each.expected, each.currency),
            Money(each.amount, each.currency),
            each.reason,
            each.next_step,
        )
        for each in receipt.differences
    ]
    return Sheet("Differences", columns, rows)


def _list_unsent(receipt: ReceiptOut) -> Sheet:
    columns = ["Customer", "Subscription", "Product", "Invoice", "Currency", "Amount", "Status", "Reasons", "Billed by"]
    columns += ["Dropped by"]
    rows = [
        (
            each.organization,
            each.subscription,
            each.product,
            each.invoice_number or each.invoice_id,
            each.currency,
            Money(each.amount, each.currency),
            each.status,
            ", ".join(map(_in_words, each.reasons)),
            each.billed_by,
            RULE_NAMES[each.dropped_by] if each.dropped_by else "",
        )
        for each in receipt.unsent
    ]
    return Sheet("Not sent", columns, rows)


def _list_failures(receipt: ReceiptOut) -> Sheet:
    rows = [
        (
            each.organization,
            each.agreement,
            each.addition_id or "",
            each.currency,
            Money(each.amount, each.currency),
            each.error,
        )
        for each in receipt.failures
    ]
    return Sheet("Failures", ["Customer", "Agreement", "Addition", "Currency", "Amount", "What happened"], rows)


def _list_billed(receipt: ReceiptOut) -> Sheet:
    columns = ["Customer", "Agreement", "Period from", "Period to", "Currency", "Expected", "Billed", "Difference"]
    columns += ["State", "Invoices", "Likely cause", "Next step"]
    rows = [
        (
            each.organization,
            each.agreement,
            each.period_start.isoformat(),
            each.period_end.isoformat(),
            each.currency,
            Money(each.expected, each.currency),
            "" if each.billed is None else Money(each.billed, each.currency),
            "" if each.difference is None else Money(each.difference, each.currency),
            _in_words(each.state.value),
            ", ".join(each.invoice_numbers),
            each.cause,
            each.next_step,
        )
        for each in receipt.billed
    ]
    return Sheet("Invoiced since", columns, rows)


def _in_words(word: str) -> str:
    """`product_unmapped` as people read it; a sentence stays as it is."""
    return word.replace("_", " ")
