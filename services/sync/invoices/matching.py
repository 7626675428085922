"""Which lines of an invoice stand for which additions of ours. Pure.

No line names its addition. A line can be one of ours when it has its product; the text that we put on the invoice,
the quantity and the price say which. Lines that nothing of this tells apart are matched only when there are as many of
them as additions; else nobody can tell ours from those that people made, and none is matched.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.sync.invoices.schemas import ExpectedAddition
from services.sync.psas.invoice import PsaInvoiceLine

Test = Callable[[ExpectedAddition, PsaInvoiceLine], bool]


@dataclass(slots=True)
class Matches:
    """What was matched, and what was not."""

    pairs: list[tuple[ExpectedAddition, PsaInvoiceLine]] = field(default_factory=list)
    extra: list[PsaInvoiceLine] = field(default_factory=list)
    """Lines with the product and the text of an addition of ours that has its own line already."""
    missing: list[ExpectedAddition] = field(default_factory=list)
    """Additions of whose product no line is left."""
    unclear: list[tuple[ExpectedAddition, list[PsaInvoiceLine]]] = field(default_factory=list)
    """Additions of whose product more lines are left than of ours."""


def match_lines(additions: Sequence[ExpectedAddition], lines: Sequence[PsaInvoiceLine]) -> Matches:
    found = Matches()
    by_product: dict[str, list[PsaInvoiceLine]] = defaultdict(list)
    for line in lines:
        by_product[line.product_id].append(line)
    wanted: dict[str, list[ExpectedAddition]] = defaultdict(list)
    for each in additions:
        wanted[each.product_id].append(each)
    for product_id, ours in wanted.items():
        _match_product(ours, by_product[product_id], found)
    return found


def _match_product(ours: list[ExpectedAddition], lines: list[PsaInvoiceLine], found: Matches) -> None:
    left, unmatched = list(lines), list(ours)
    for test in (_is_same, _is_same_bill, _has_text_and_quantity, _has_text):
        unmatched = _pair(unmatched, left, test, found)
    texts = {each.description for each in ours if each.description}
    twins = [line for line in left if any(_starts_with(line.text, text) for text in texts)]
    if not unmatched:
        found.extra += twins
    elif not left:
        found.missing += unmatched
    elif len(left) <= len(unmatched):
        found.pairs += zip(unmatched, left, strict=False)
        found.missing += unmatched[len(left) :]
    else:
        found.unclear += [(each, list(left)) for each in unmatched]


def _pair(
    ours: list[ExpectedAddition], left: list[PsaInvoiceLine], test: Test, found: Matches
) -> list[ExpectedAddition]:
    """Pair what passes a test, taking its lines from those left; the additions that found none."""
    unmatched = []
    for each in ours:
        line = next((line for line in left if test(each, line)), None)
        if line is None:
            unmatched.append(each)
        else:
            left.remove(line)
            found.pairs.append((each, line))
    return unmatched


def _starts_with(text: str, description: str) -> bool:
    """ConnectWise adds to the text of a prorated line."""
    return bool(description) and text.startswith(description)


def _is_same(each: ExpectedAddition, line: PsaInvoiceLine) -> bool:
    return _has_text_and_quantity(each, line) and each.amount == line.amount


def _has_text_and_quantity(each: ExpectedAddition, line: PsaInvoiceLine) -> bool:
    return _has_text(each, line) and each.quantity == line.quantity


def _has_text(each: ExpectedAddition, line: PsaInvoiceLine) -> bool:
    return _starts_with(line.text, each.description)


def _is_same_bill(each: ExpectedAddition, line: PsaInvoiceLine) -> bool:
    """Without a text of ours, quantity and amount have to do."""
    return not each.description and (each.quantity, each.amount) == (line.quantity, line.amount)
