"""Takes what was found, or decided, about additions made by hand before go-live, and rates those lines anew."""

from collections.abc import Sequence
from dataclasses import replace

from services.billing.lines import repository as lines
from services.billing.lines.stored import StoredLine
from services.billing.rating.books import Needs, gather_books
from services.billing.rules.book import RateBook
from services.billing.rules.editable import apply_decisions
from services.billing.rules.line import Line
from services.billing.rules.rate import rate
from services.contracts.shapes import HandBilled
from services.contracts.vocabulary import ByHand
from services.kit.base.db import WriteSession


async def take_hand_billing(session: WriteSession, noted: Sequence[HandBilled]) -> None:
    """Note it on the lines that are not sent; what was sent is billed by an addition of ours."""
    by_line = {each.line_id: each for each in noted}
    found = [each for each in await lines.find_by_ids(session, list(by_line)) if each.line.sent_fingerprint is None]
    books = await gather_books(session, Needs.of(found))
    changed = [_note(each, by_line[each.id], books[each.rules_version]) for each in found]
    await lines.save(session, [new for new, old in zip(changed, found, strict=True) if new is not old])


def _note(stored: StoredLine, noted: HandBilled, book: RateBook) -> StoredLine:
    # An adopted addition is ours from then on, and its charge goes out like any other.
    state = None if noted.state is ByHand.ADOPT else noted.state
    line: Line = replace(
        stored.line,
        by_hand=state,
        by_hand_charged=noted.charged if state else None,
        by_hand_words=noted.words if state else None,
    )
    return stored.changed(line, rate(apply_decisions(line, stored.decisions), book), stored.rules_version)
