from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.shapes import DesiredAddition
from services.contracts.vocabulary import BillOption, OperationKind
from services.sync.additions.state import AgreementState
from services.sync.additions.values import differing_fields
from services.sync.additions.written import Written
from services.sync.plans.diff import diff_agreement
from services.sync.plans.operation import Ending, Ground, PlannedOperation
from services.sync.psas.addition import Addition
from services.sync.unreadable import Unreadable
from tests.sync.plans.builders import MARCH, apply, desire, held, remember, written

ENDING = Ending(date(2026, 2, 28), "AppXite says that it ended.")


def diff(
    desired: list[DesiredAddition],
    actual: list[Addition],
    last: dict[str, Written] | None = None,
    endings: dict[str, Ending] | None = None,
    **ground: Any,
) -> list[PlannedOperation]:
    values: dict[str, Any] = {
        "state": AgreementState(actual),
        "written": last or {},
        "unresolved": {},
        "next_invoice": None,
        "last_day": date(2026, 3, 31),
        "as_held": lambda values: values,
        "psa": "ConnectWise",
        **ground,
    }
    return diff_agreement("11", desired, endings or {}, Ground(**values))


def only(operations: list[PlannedOperation]) -> PlannedOperation:
    (operation,) = operations
    return operation


class TestCreate:
    def test_what_nothing_carries_is_created_in_full(self) -> None:
        operation = only(diff([desire()], []))
        assert (operation.kind, operation.before, operation.addition_id) == (OperationKind.CREATE, None, None)
        assert operation.after is not None
        assert operation.after.serial_number == "TO-A"
        assert operation.explanation[-1] == "No addition of the agreement carries its marker: a new one is made."

    def test_an_addition_of_ours_that_is_gone_is_made_again_with_a_warning(self) -> None:
        operation = only(diff([desire()], [], {"TO-A": written()}))
        assert operation.kind is OperationKind.CREATE
        assert operation.warnings == ["Addition 70, which we wrote on 2026-03-02, is gone from ConnectWise."]

    def test_a_similar_addition_made_by_hand_is_a_warning(self) -> None:
        by_hand = held("70", serial_number="", quantity=Decimal(4))
        operation = only(diff([desire()], [by_hand]))
        assert operation.kind is OperationKind.CREATE
        assert operation.warnings == ["Addition 70, made by hand, has the same product: quantity 4 at 10."]

    def test_an_addition_of_another_product_is_no_warning(self) -> None:
        assert only(diff([desire()], [held(serial_number="", product_id="602")])).warnings == []


class TestNone:
    def test_equal_values_need_nothing(self) -> None:
        assert only(diff([desire()], [held()])).kind is OperationKind.NONE

    @pytest.mark.parametrize(
        "alike",
        [
            {"quantity": Decimal("5.0000")},
            {"unit_price": Decimal("10.000000")},
        ],
    )
    def test_values_are_compared_not_spellings(self, alike: dict[str, Any]) -> None:
        assert only(diff([desire()], [held(**alike)])).kind is OperationKind.NONE

    def test_a_text_is_compared_as_the_psa_keeps_it(self) -> None:
        def shout(values: Any) -> Any:
            return values.model_copy(update={"invoice_description": values.invoice_description.upper()})

        found = held(invoice_description="M365 BUSINESS")
        assert only(diff([desire()], [found], as_held=shout)).kind is OperationKind.NONE


class TestUpdate:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("product_id", "602"),
            ("quantity", Decimal(7)),
            ("unit_price", Decimal("10.01")),
            ("bill_option", BillOption.NO_CHARGE),
            ("taxable", False),
            ("effective_date", date(2026, 3, 2)),
            ("cancelled_date", date(2026, 3, 31)),
            ("invoice_description", "M365 Business, annual"),
        ],
    )
    def test_only_the_field_that_differs_is_changed(self, field: str, value: Any) -> None:
        operation = only(diff([desire("TO-A", **{field: value})], [held()]))
        assert operation.kind is OperationKind.UPDATE
        assert operation.before is not None
        assert operation.after is not None
        assert differing_fields(operation.before, operation.after) == [field]
        assert getattr(operation.after, field) == value

    def test_a_closed_addition_that_is_wanted_again_is_opened(self) -> None:
        operation = only(diff([desire()], [held(cancelled_date=date(2026, 2, 28))]))
        assert operation.before is not None
        assert operation.after is not None
        assert differing_fields(operation.before, operation.after) == ["cancelled_date"]
        assert operation.after.cancelled_date is None

    def test_it_says_what_differs(self) -> None:
        operation = only(diff([desire(quantity=Decimal(7))], [held()]))
        assert operation.explanation[-1] == "Addition 70 differs: quantity 5 → 7."

    def test_drift_is_told(self) -> None:
        operation = only(diff([desire()], [held(quantity=Decimal(4))], {"TO-A": written()}))
        assert operation.warnings == ["Changed in ConnectWise since we wrote it on 2026-03-02: quantity 5 → 4."]

    def test_a_change_of_ours_is_no_drift(self) -> None:
        assert only(diff([desire(quantity=Decimal(7))], [held()], {"TO-A": written()})).warnings == []


class TestAdopt:
    by_hand = held("70", serial_number="", effective_date=date(2025, 7, 1), invoice_description="M365")

    def test_one_alike_is_marked_instead_of_duplicated(self) -> None:
        operation = only(diff([desire()], [self.by_hand]))
        assert (operation.kind, operation.addition_id) == (OperationKind.ADOPT, "70")
        assert operation.before is not None
        assert operation.after is not None
        assert differing_fields(operation.before, operation.after) == ["serial_number", "invoice_description"]

    def test_it_keeps_its_start(self) -> None:
        first = diff([desire()], [self.by_hand])
        assert only(first).after is not None
        after = apply(first, [self.by_hand])
        assert only(diff([desire()], after, remember(first))).kind is OperationKind.NONE

    def test_it_keeps_its_start_whichever_month_asks(self) -> None:
        first = diff([desire()], [self.by_hand])
        next_month = desire(effective_date=date(2026, 4, 1))
        assert only(diff([next_month], apply(first, [self.by_hand]), remember(first))).kind is OperationKind.NONE

    def test_a_start_that_a_person_moves_later_is_obeyed(self) -> None:
        first = diff([desire()], [self.by_hand])
        moved = desire(effective_date=date(2026, 3, 10), moves_start=True)
        operation = only(diff([moved], apply(first, [self.by_hand]), remember(first)))
        assert operation.after is not None
        assert operation.after.effective_date == date(2026, 3, 10)

    @pytest.mark.parametrize(
        "unlike",
        [
            {"quantity": Decimal(4)},
            {"unit_price": Decimal("9.99")},
            {"product_id": "602"},
            {"serial_number": "SN-1"},
            {"cancelled_date": date(2026, 12, 31)},
        ],
    )
    def test_what_differs_is_left_to_people(self, unlike: dict[str, Any]) -> None:
        by_hand = held("70", **{"serial_number": "", **unlike})
        assert only(diff([desire()], [by_hand])).kind is OperationKind.CREATE

    def test_of_two_alike_none_is_guessed(self) -> None:
        twins = [held("70", serial_number=""), held("71", serial_number="")]
        operation = only(diff([desire()], twins))
        assert operation.kind is OperationKind.CREATE
        assert len(operation.warnings) == 2

    def test_for_two_charges_alike_none_is_guessed(self) -> None:
        operations = diff([desire("TO-A"), desire("TO-B")], [held(serial_number="")])
        assert [each.kind for each in operations] == [OperationKind.CREATE, OperationKind.CREATE]

    def test_a_one_time_charge_adopts_nothing(self) -> None:
        once = desire(is_recurring=False, cancelled_date=date(2026, 3, 31))
        assert only(diff([once], [held(serial_number="")])).kind is OperationKind.CREATE

    def test_an_adopted_addition_is_no_warning_to_others(self) -> None:
        operations = diff([desire("TO-A"), desire("TO-B", quantity=Decimal(9))], [held(serial_number="")])
        assert [each.kind for each in operations] == [OperationKind.ADOPT, OperationKind.CREATE]
        assert operations[1].warnings == []


class TestCancel:
    def test_an_ended_subscription_stops_with_a_last_billed_day(self) -> None:
        operation = only(diff([], [held(effective_date=date(2026, 1, 1))], {}, {"TO-A": ENDING}))
        assert (operation.kind, operation.addition_id) == (OperationKind.CANCEL, "70")
        assert operation.after is not None
        assert operation.after.cancelled_date == date(2026, 2, 28)
        assert operation.explanation == [ENDING.explanation, "The last billed day becomes 2026-02-28."]

    def test_an_addition_that_is_still_wanted_goes_on(self) -> None:
        assert only(diff([desire()], [held()], {}, {"TO-A": ENDING})).kind is OperationKind.NONE

    def test_a_closed_or_missing_addition_needs_nothing(self) -> None:
        assert diff([], [held(cancelled_date=date(2026, 2, 1))], {}, {"TO-A": ENDING}) == []
        assert diff([], [], {}, {"TO-A": ENDING}) == []

    def test_it_never_ends_before_it_starts(self) -> None:
        operation = only(diff([], [held(effective_date=MARCH)], {}, {"TO-A": ENDING}))
        assert operation.after is not None
        assert operation.after.cancelled_date == MARCH
        assert "starts after its last billed day" in operation.warnings[0]

    def test_a_month_before_the_end_does_not_open_it_again(self) -> None:
        ended = held(cancelled_date=date(2026, 3, 31))
        last = written(ended_on=date(2026, 3, 31))
        assert only(diff([desire()], [ended], {"TO-A": last})).kind is OperationKind.NONE

    def test_a_month_after_the_end_that_charges_it_again_does(self) -> None:
        ended = held(cancelled_date=date(2026, 2, 28))
        last = written(ended_on=date(2026, 2, 28))
        assert only(diff([desire()], [ended], {"TO-A": last})).kind is OperationKind.UPDATE

    def test_an_end_that_a_person_set_is_drift(self) -> None:
        ended = held(cancelled_date=date(2026, 3, 31))
        operation = only(diff([desire()], [ended], {"TO-A": written()}))
        assert operation.kind is OperationKind.UPDATE
        assert "cancelled date none → 2026-03-31" in operation.warnings[0]

    def test_drift_is_told(self) -> None:
        operation = only(diff([], [held(quantity=Decimal(4))], {"TO-A": written()}, {"TO-A": ENDING}))
        assert "quantity 5 → 4" in operation.warnings[0]


class TestTwins:
    """Two open additions with one marker bill a charge twice."""

    twins = (held("9"), held("71"))

    def test_the_older_one_stays_and_the_other_stops_billing(self) -> None:
        kept, ended = diff([desire()], list(self.twins))
        assert (kept.kind, kept.addition_id) == (OperationKind.NONE, "9")
        assert (ended.kind, ended.addition_id) == (OperationKind.CANCEL, "71")
        assert ended.after is not None
        assert (ended.after.cancelled_date, ended.after.bill_option) == (MARCH, "DoNotBill")
        assert ended.explanation[0] == (
            "Additions 9 and 71 carry the same marker, so the charge would be billed twice. "
            "Addition 9 stays, because it is the older one."
        )

    def test_the_one_that_was_invoiced_stays_though_it_is_newer(self) -> None:
        twins = [held("9", effective_date=date(2026, 4, 1)), held("71")]
        kept, ended = diff([desire()], twins, next_invoice=date(2026, 4, 1))
        assert (kept.addition_id, ended.addition_id) == ("71", "9")
        assert "because it was invoiced" in ended.explanation[0]

    def test_one_that_was_invoiced_ends_with_the_last_invoiced_day(self) -> None:
        _, ended = diff([desire()], list(self.twins), next_invoice=date(2026, 4, 1))
        assert ended.after is not None
        assert (ended.after.cancelled_date, ended.after.bill_option) == (date(2026, 3, 31), "Billable")

    def test_twins_that_no_line_of_the_plan_wants_are_found_too(self) -> None:
        operation = only(diff([], list(self.twins), {"TO-A": written()}))
        assert (operation.kind, operation.addition_id) == (OperationKind.CANCEL, "71")

    def test_one_that_has_ended_is_no_twin(self) -> None:
        """ConnectWise has invoiced past its end; until then both would bill."""
        both = [held("9"), held("71", cancelled_date=date(2026, 3, 31))]
        for next_invoice, count in ((date(2026, 4, 1), 1), (date(2026, 3, 1), 2)):
            state = AgreementState(both, next_invoice=next_invoice)
            assert len(diff([desire()], both, state=state, next_invoice=next_invoice)) == count


class TestRefusals:
    def test_a_create_of_unknown_outcome_is_not_repeated(self) -> None:
        operation = only(diff([desire()], [], unresolved={"TO-A": "Nobody knows yet."}))
        assert (operation.kind, operation.error) == (OperationKind.NONE, "Nobody knows yet.")

    def test_one_that_has_arrived_meanwhile_is_compared(self) -> None:
        assert only(diff([desire()], [held()], unresolved={"TO-A": "Nobody knows yet."})).error == ""

    def test_one_that_may_be_the_addition_that_cannot_be_read_is_not_made(self) -> None:
        state = AgreementState(unreadable=[Unreadable("no quantity", '{"serialNumber": "TO-A"}')])
        first, second = diff([desire("TO-A"), desire("TO-B")], [], state=state)
        assert "cannot be read" in first.error
        assert second.kind is OperationKind.CREATE

    def test_on_an_agreement_that_cannot_be_read_nothing_is_planned(self) -> None:
        state = AgreementState(trouble="It is gone.")
        operations = diff([desire()], [], {"TO-B": written(marker="TO-B")}, {"TO-B": ENDING}, state=state)
        assert [(each.kind, each.error) for each in operations] == [(OperationKind.NONE, "It is gone.")] * 2

    def test_an_addition_whose_marker_people_removed_is_not_made_again(self) -> None:
        operation = only(diff([desire()], [held("70", serial_number="")], {"TO-A": written()}))
        assert (operation.kind, operation.addition_id) == (OperationKind.UPDATE, "70")

    def test_two_lines_that_ask_for_one_addition_are_an_error_on_both(self) -> None:
        operations = diff([desire(), desire(line_id=desire("TO-B").line_id)], [])
        assert [(each.kind, bool(each.error)) for each in operations] == [(OperationKind.NONE, True)] * 2


class TestForecast:
    def test_a_forecast_that_differs_is_a_warning(self) -> None:
        operation = only(diff([desire(forecast=Decimal("27.42"))], [held()]))
        assert operation.warnings == [
            "ConnectWise is expected to bill 27.42 EUR for it in the period; AppXite charged 50.00."
        ]

    def test_one_that_is_equal_or_impossible_is_none(self) -> None:
        assert only(diff([desire(forecast=Decimal(50))], [held()])).warnings == []
        assert only(diff([desire(forecast=None)], [held()])).warnings == []


class TestForeignAdditions:
    def test_what_people_and_other_programs_made_is_never_touched(self) -> None:
        others = [held("1", serial_number="SN-1"), held("2", serial_number="", product_id="9")]
        operations = diff([desire()], others, {}, {"TO-Z": ENDING})
        assert [each.addition_id for each in operations] == [None]


days = st.dates(date(2025, 1, 1), date(2026, 12, 31))
markers = st.sampled_from([f"TO-{letter}" for letter in "ABCDE"])
numbers = st.decimals(Decimal("0.01"), Decimal(50), places=2)
products = st.sampled_from(["601", "602"])
some_quantities = st.sampled_from([Decimal(1), Decimal(5), Decimal("5.0")])
some_prices = st.sampled_from([Decimal(10), Decimal("10.00"), Decimal("12.34")])

wanted_additions = st.lists(
    st.builds(
        desire,
        markers,
        product_id=products,
        quantity=some_quantities,
        unit_price=some_prices,
        taxable=st.booleans(),
        is_recurring=st.booleans(),
        effective_date=days,
        cancelled_date=st.none() | days,
        invoice_description=st.sampled_from(["M365", "M365 seats"]),
    ),
    unique_by=lambda each: each.marker,
)
held_additions = st.lists(
    st.builds(
        held,
        st.integers(1, 99).map(str),
        product_id=products,
        quantity=some_quantities,
        unit_price=some_prices,
        taxable=st.booleans(),
        effective_date=days,
        cancelled_date=st.none() | days,
        serial_number=st.just("") | markers | st.just("SN-1"),
    ),
    unique_by=lambda each: each.id,
)


class TestInvoiced:
    def test_what_was_invoiced_and_what_goes_on_with_the_same_addition_are_no_dispute(self) -> None:
        invoiced = desire(row_id="row-before", is_frozen=True)
        goes_on = desire(unit_price=Decimal("12.00"))
        left, updated = diff([invoiced, goes_on], [held(serial_number=invoiced.marker)])
        assert (left.kind, left.error) == (OperationKind.NONE, "")
        assert (updated.kind, updated.error) == (OperationKind.UPDATE, "")


some_endings = st.dictionaries(markers, st.builds(Ending, days, st.just("It ended.")))


class TestApplyingAPlan:
    @given(wanted_additions, held_additions, some_endings)
    def test_leaves_nothing_to_do(
        self, desired: list[DesiredAddition], actual: list[Addition], endings: dict[str, Ending]
    ) -> None:
        first = diff(desired, actual, {}, endings)
        second = diff(desired, apply(first, actual), remember(first), endings)
        assert {each.kind for each in second} <= {OperationKind.NONE}
        assert not any(each.error for each in second)

    @given(wanted_additions, held_additions, some_endings)
    def test_never_makes_a_second_addition_of_one_marker(
        self, desired: list[DesiredAddition], actual: list[Addition], endings: dict[str, Ending]
    ) -> None:
        def count(additions: list[Addition], marker: str) -> int:
            return sum(1 for each in additions if each.marker == marker)

        after = apply(diff(desired, actual, {}, endings), actual)
        assert all(count(after, each.marker) == max(1, count(actual, each.marker)) for each in desired)

    @given(wanted_additions, held_additions, some_endings)
    def test_answers_for_every_desired_addition(
        self, desired: list[DesiredAddition], actual: list[Addition], endings: dict[str, Ending]
    ) -> None:
        operations = diff(desired, actual, {}, endings)
        assert [each.desired for each in operations[: len(desired)]] == desired
        assert all(each.explanation or each.error for each in operations)
