from decimal import Decimal

import pytest

from services.billing.rules.names import DISPLAY_NAMES, display_name
from services.billing.rules.templates import check_template, describe
from services.contracts.vocabulary import ChargeType

VALUES = {"subscription": "M365", "charge_type": "Cycle Fee"}


class TestDisplayName:
    def test_every_charge_type_has_an_ordinary_name(self) -> None:
        assert set(DISPLAY_NAMES) == set(ChargeType)

    def test_an_administrators_name_wins(self) -> None:
        assert display_name(ChargeType.CYCLE_FEE, "Monthly licence") == "Monthly licence"
        assert display_name(ChargeType.CYCLE_FEE, None) == "Cycle Fee"


class TestTemplate:
    def test_placeholders_are_filled_and_spaces_tidied(self) -> None:
        assert describe("{subscription}  -\n{charge_type}", VALUES, 100) == "M365 - Cycle Fee"

    def test_a_quantity_that_was_not_sent_is_told(self) -> None:
        assert describe("{subscription}", VALUES, 100, Decimal("12.50")) == "M365 (quantity 12.5)"

    def test_a_description_never_exceeds_what_the_psa_takes(self) -> None:
        assert len(describe("{subscription}", {"subscription": "x" * 9000}, 255)) == 255

    @pytest.mark.parametrize("template", ["{price}", "{subscription!r}", "{subscription:>10}", "{}", "{subscription"])
    def test_a_placeholder_nobody_knows_is_refused(self, template: str) -> None:
        with pytest.raises(ValueError, match=r"placeholder|expected|brace"):
            check_template(template)

    def test_plain_text_is_a_template(self) -> None:
        check_template("Cloud services")
