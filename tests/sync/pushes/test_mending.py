"""What a PSA keeps with fewer decimals is mended in the same run, to the exact total or not at all."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from services.contracts.invoicing.amounts import Decimals, represent
from services.contracts.invoicing.exact import EXACT
from services.contracts.invoicing.traits import UNDESCRIBED
from services.contracts.money import round_money
from services.contracts.shapes import DesiredAddition
from services.contracts.vocabulary import BillOption, OperationKind
from services.kit.ledger.work import JobContext
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import OperationStatus
from services.sync.psas.addition import Addition, AdditionValues
from services.sync.pushes import prove
from services.sync.pushes.lessons import count_kept, learn_decimals, list_coarser
from services.sync.pushes.mending import list_mends
from services.sync.pushes.proof import Proof, ReadBack
from services.sync.receipts import service as receipts
from services.sync.upstreams import Upstreams
from tests.sync.memory_psa import MemoryPsa
from tests.sync.plans.builders import as_addition, desire
from tests.sync.plans.desk import AGREEMENT, Desk, want
from tests.sync.pushes.test_proof import operation

FINEST = Decimals(price=8, quantity=8)
GUESSED = UNDESCRIBED.model_copy(update={"price_decimals": 8, "quantity_decimals": 8})
NUMBERS = st.decimals(Decimal(-99999), Decimal(99999), allow_nan=False, allow_infinity=False, places=8)


def keep(values: AdditionValues, kept: Decimals) -> AdditionValues:
    """The values as a PSA holds them that keeps so many decimals."""
    step, price_step = Decimal(1).scaleb(-kept.quantity), Decimal(1).scaleb(-kept.price)
    changes = {
        "quantity": values.quantity.quantize(step, ROUND_HALF_UP, EXACT),
        "unit_price": values.unit_price.quantize(price_step, ROUND_HALF_UP, EXACT),
    }
    return values.model_copy(update=changes)


def push(row: OperationRow, kept: Decimals) -> Addition:
    """Written, read back, learned from and mended, until nothing is left to mend."""
    psa = MemoryPsa(traits=GUESSED)
    for _ in range(20):
        held = as_addition("70", keep(AdditionValues.model_validate(row.after), kept))
        if held.values == AdditionValues.model_validate(row.after):
            return held
        proof = Proof({}, psa.traits, [], differing=[ReadBack(row, held)])
        learned = {lesson.trait: lesson.value for lesson in learn_decimals(proof)}
        psa.traits = psa.traits.model_copy(update=learned)
        mends = list_mends(list_coarser(proof), psa)
        if not mends:
            return held
        row = OperationRow(**{**{c: getattr(row, c) for c in ("id", "kind", "agreement_id")}, **mends[0].as_row()})
    raise AssertionError("mending does not end")


class TestTheForm:
    @given(
        quantity=NUMBERS.filter(bool),
        price=NUMBERS,
        cents=st.integers(-10_000_000, 10_000_000),
        is_product=st.booleans(),
        currency=st.sampled_from(["EUR", "JPY", "KWD"]),
        price_decimals=st.integers(2, 8),
        quantity_decimals=st.integers(0, 8),
    )
    def test_after_mending_bills_the_total_exactly_or_the_line_is_held(
        self,
        quantity: Decimal,
        price: Decimal,
        cents: int,
        is_product: bool,
        currency: str,
        price_decimals: int,
        quantity_decimals: int,
    ) -> None:
        total = round_money(quantity * price if is_product else Decimal(cents).scaleb(-2), currency)
        sent = represent(quantity, price, total, currency, FINEST)
        assert sent is not None
        desired = desire(quantity=sent.quantity, unit_price=sent.unit_price, amount=total, currency=currency)
        found = push(operation(desired, explanation=[]), Decimals(price_decimals, quantity_decimals))
        if found.values.bill_option == BillOption.BILLABLE.value:
            assert found.values.total(currency) == total
        else:
            assert price_decimals < 3
            assert currency == "KWD"

    @pytest.mark.parametrize(
        ("sent", "held", "kept"),
        [
            ("1.9435", "1.94", 2),
            ("1.9435", "1.943", 3),  # cut off
            ("1.9004", "1.90", 3),  # two would show the same; the next lesson is finer
            ("12.3456789", "12.3457", 4),
            ("1.9435", "1.95", None),
            ("1.94", "1.95", None),
            ("2.5", "2", 0),
            ("12345678901234567890.125", "12345678901234567890.13", 2),
        ],
    )
    def test_a_lesson_is_the_most_decimals_that_explain_what_is_held(
        self, sent: str, held: str, kept: int | None
    ) -> None:
        assert count_kept(Decimal(sent), Decimal(held)) == kept


class TestALesson:
    def test_is_none_where_more_decimals_of_the_same_push_were_kept(self) -> None:
        fine = desire("TO-B", quantity=Decimal(24), unit_price=Decimal("1.9435"), amount=Decimal("46.64"))
        changed, kept = operation(replace_price("1.9435")), operation(fine)
        proof = Proof({}, GUESSED, [])
        proof.differing.append(ReadBack(changed, as_addition("70", with_price(changed, "1.94"))))
        proof.proven[kept.id] = ReadBack(kept, as_addition("71", with_price(kept, "1.9435")))
        assert learn_decimals(proof) == []
        proof.proven[kept.id] = replace(proof.proven[kept.id], row=operation(fine, kind=OperationKind.NONE.value))
        assert [lesson.value for lesson in learn_decimals(proof)] == [2]

    def test_is_none_where_something_else_differs_too(self) -> None:
        row = operation(replace_price("1.9435"))
        held = with_price(row, "1.94").model_copy(update={"taxable": False})
        assert list_coarser(Proof({}, GUESSED, [], differing=[ReadBack(row, as_addition("70", held))])) == []


def replace_price(price: str) -> DesiredAddition:
    return desire(quantity=Decimal(24), unit_price=Decimal(price), amount=Decimal("46.64"))


def with_price(row: OperationRow, price: str) -> AdditionValues:
    return AdditionValues.model_validate(row.after).model_copy(update={"unit_price": Decimal(price)})


class TestAPush:
    async def test_that_dies_while_it_mends_is_finished_by_the_next_process(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.wanted = [want(f"TO-{each}", quantity=Decimal(24), unit_price=Decimal("1.9435")) for each in range(3)]
        send, calls = prove._send_mends, 0

        async def die_the_second_time(*arguments: Any) -> None:
            nonlocal calls
            calls += 1
            if calls == 2:
                raise RuntimeError("killed")
            await send(*arguments)

        monkeypatch.setattr(prove, "_send_mends", die_the_second_time)
        plan = await desk.plan()
        asked = await desk.apply(plan.id)
        await desk.settle(retry=True)
        assert {each.values.total("EUR") for each in await desk.additions()} == {Decimal("46.56")}
        await desk.settle()
        receipt = await desk.receipt(asked.id)
        assert [each.error for each in desk.settled] == ["", "", ""]
        assert {each.values.unit_price for each in await desk.additions()} == {Decimal("46.64")}
        assert receipt.arrived

    async def test_changes_an_addition_whose_creation_nobody_recorded_and_makes_no_second(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.wanted = [want("TO-A", quantity=Decimal(24), unit_price=Decimal("1.9435"))]
        look = prove._look

        async def forget_and_look(context: JobContext[Upstreams], run_id: UUID, plan_id: UUID) -> prove.Sight:
            async with context.writing() as session:
                await session.execute(
                    update(OperationRow)
                    .where(OperationRow.plan_id == plan_id, OperationRow.mending.is_(None))
                    .values(status=OperationStatus.UNKNOWN.value, addition_id=None, settled_at=None)
                )
            return await look(context, run_id, plan_id)

        monkeypatch.setattr(prove, "_look", forget_and_look)
        await desk.push()
        (only,) = await desk.additions()
        assert only.values.total("EUR") == Decimal("46.64")
        assert [each.error for each in desk.settled] == [""]

    async def test_takes_a_new_addition_back_that_no_form_can_say(self, desk: Desk) -> None:
        fils = Decimal("12.345")
        desk.wanted = [want("TO-A", currency="KWD", quantity=Decimal(1), unit_price=fils, amount=fils)]
        run = await desk.push()
        (left,) = await desk.additions()
        assert left.values.bill_option == BillOption.DO_NOT_BILL.value
        assert run.outcomes["unsent"].amounts == {"KWD": fils}
        async with desk.database.reading(desk.circumstances) as session:
            receipt = await receipts.show_receipt(session, run.id)
        assert [each.reasons for each in receipt.unsent] == [["amount_not_representable"]]
        assert receipt.arrived
        (told,) = desk.settled
        assert told.error == (
            "ConnectWise keeps 2 decimals of a price and 8 of a quantity, and nothing of so few comes to 12.345."
        )

    async def test_reads_and_writes_no_more_than_before_where_nothing_is_learned(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A", agreement_id=AGREEMENT)]
        plan = await desk.plan()
        run = await desk.push()
        assert run.outcomes["created"].count == 1
        assert all(row.mending is None for row in await desk.operations(plan.id))
