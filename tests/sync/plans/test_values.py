from decimal import Decimal

from services.sync.additions.values import describe_difference, find_changes, wanted_values
from tests.sync.plans.builders import desire, held


class TestChanges:
    def test_of_a_new_addition_are_all_fields_that_are_set(self) -> None:
        changes = {change.field: change.after for change in find_changes(None, wanted_values(desire()))}
        assert changes["unit_price"] == "10.00"
        assert "cancelled_date" not in changes

    def test_travel_as_exact_text(self) -> None:
        (change,) = find_changes(held().values, wanted_values(desire(unit_price=Decimal("10.10"))))
        assert (change.field, change.before, change.after) == ("unit_price", "10", "10.10")

    def test_are_said_in_words(self) -> None:
        after = wanted_values(desire(product_id="602", invoice_description=""))
        assert describe_difference(held().values, after) == [
            "product 601 → 602",
            "invoice description M365 Business → none",
        ]
