from enum import StrEnum

import pytest

from services.contracts import vocabulary
from services.contracts.vocabulary import ChargeType, RunStatus

WORDS = [each for each in vars(vocabulary).values() if isinstance(each, type) and issubclass(each, StrEnum)]


class TestVocabulary:
    @pytest.mark.parametrize("words", [each for each in WORDS if each is not StrEnum], ids=lambda each: each.__name__)
    def test_a_word_is_its_value_wherever_it_travels(self, words: type[StrEnum]) -> None:
        assert all(f"{word}" == word.value for word in words)
        assert len({word.value.lower() for word in words}) == len(words)


class TestChargeType:
    def test_purchases_and_cycles_recur_and_the_others_do_not(self) -> None:
        assert {each for each in ChargeType if each.is_recurring} == {ChargeType.PURCHASE_FEE, ChargeType.CYCLE_FEE}


class TestRunStatus:
    def test_a_run_that_succeeded_or_failed_is_over(self) -> None:
        assert {each for each in RunStatus if each.is_final} == {RunStatus.SUCCEEDED, RunStatus.FAILED}
