import random

import pytest

from services.billing.rules.readiness import judge
from services.contracts.vocabulary import HoldReason, LineStatus


def status(*reasons: HoldReason, sendable: bool = True, excluded: bool = False, sent: bool = False) -> LineStatus:
    return judge(reasons, is_sendable=sendable, is_excluded=excluded, is_sent=sent)[0]


class TestJudge:
    def test_a_line_with_nothing_against_it_is_ready(self) -> None:
        assert status() is LineStatus.READY

    def test_preview_comes_before_excluded_before_held(self) -> None:
        zero = HoldReason.ZERO_PRICE
        assert status(zero, sendable=False, excluded=True) is LineStatus.PREVIEW
        assert status(zero, excluded=True) is LineStatus.EXCLUDED
        assert status(zero) is LineStatus.HELD

    def test_what_is_in_the_psa_is_sent_whatever_would_hold_it_now(self) -> None:
        assert status(HoldReason.PERIOD_ALREADY_INVOICED, sent=True) is LineStatus.SENT

    def test_a_sent_line_that_its_invoice_dropped_is_held(self) -> None:
        assert status(HoldReason.VANISHED_FROM_INVOICE, sent=True) is LineStatus.HELD

    def test_a_sent_line_whose_later_write_failed_is_held(self) -> None:
        assert status(HoldReason.PUSH_FAILED, sent=True) is LineStatus.HELD

    @pytest.mark.parametrize("seed", range(3))
    def test_reasons_always_come_in_the_same_order(self, seed: int) -> None:
        shuffled = random.Random(seed).sample(list(HoldReason), len(HoldReason))  # noqa: S311 - any order will do
        assert judge(shuffled, is_sendable=True, is_excluded=False, is_sent=False)[1] == tuple(HoldReason)
