from decimal import Decimal

import pytest

from services.sync.additions.values import draft_of, find_changes, values_held, values_wanted
from tests.sync.plans.builders import desire, held


class TestChanges:
    def test_of_a_new_addition_are_all_fields_that_are_set(self) -> None:
        changes = {change.field: change.after for change in find_changes(None, values_wanted(desire()))}
        assert changes["unit_price"] == "10.00"
        assert "cancelled_date" not in changes

    def test_travel_as_exact_text(self) -> None:
        (change,) = find_changes(values_held(held()), values_wanted(desire(unit_price=Decimal("10.10"))))
        assert (change.field, change.before, change.after) == ("unit_price", "10", "10.10")


class TestDraft:
    def test_it_is_the_addition_in_full(self) -> None:
        draft = draft_of(values_wanted(desire()))
        assert (draft.serial_number, draft.product_id, draft.cancelled_date) == ("TO-A", "601", None)

    def test_one_without_a_start_is_refused(self) -> None:
        with pytest.raises(ValueError, match="effective date"):
            draft_of(values_held(held(effective_date=None)))
