import pytest

from services.contracts.charge_types import parse_charge_type
from services.contracts.vocabulary import ChargeType


class TestParseChargeType:
    @pytest.mark.parametrize("charge_type", ChargeType)
    def test_every_core_type_reads_back_from_its_own_code(self, charge_type: ChargeType) -> None:
        assert parse_charge_type(charge_type.value) is charge_type

    @pytest.mark.parametrize(
        "text", ["OneTimeFee", "One-Time Fee", "one time fee", " ONE_TIME FEE ", "One\u2011Time\u00a0Fee"]
    )
    def test_case_spaces_and_hyphens_say_nothing(self, text: str) -> None:
        assert parse_charge_type(text) is ChargeType.ONE_TIME_FEE

    @pytest.mark.parametrize("text", ["", "RenewalFee", "Fee", "CycleFees"])
    def test_a_text_nobody_knows_is_never_guessed(self, text: str) -> None:
        assert parse_charge_type(text) is None
