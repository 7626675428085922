from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from services.contracts.invoicing.traits import UNDESCRIBED
from services.contracts.shapes import PlanScope, UnsentLine
from services.contracts.vocabulary import DecisionChoice, HoldReason, LineStatus, OperationKind, UndecidedCause
from services.kit.base.ids import new_id
from services.sync.additions.state import AgreementState
from services.sync.additions.written import Written
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import ExpectedAddition, OperationStatus
from services.sync.psas.addition import Addition
from services.sync.pushes.proof import Proof, ReadBack
from services.sync.pushes.standing import LeftOut, list_claims, list_unclaimed
from services.sync.receipts import reasons
from services.sync.receipts.reasons import Standing
from services.sync.receipts.schemas import DifferenceKind
from services.sync.receipts.will_bill import Loss, Unclaimed
from tests.sync.plans.builders import desire, held, written
from tests.sync.pushes.test_proof import operation

WHOLE = PlanScope(period="2026-06")


def ours(marker: str = "TO-OLD", **changes: Any) -> tuple[Addition, Written]:
    """An addition of ours that no line of the plan stands for, and what we know of it."""
    addition = held("80", serial_number=marker)
    known = {
        "addition_id": "80",
        "marker": marker,
        "subscription_id": "sub-1",
        "organization_id": "org-1",
        "charged_from": date(2026, 5, 1),
        "charged_through": date(2026, 5, 31),
        **changes,
    }
    return addition, written(addition.values, **known)


def left_behind(**changes: Any) -> UnsentLine:
    desired = desire("TO-U")
    names = {"line_id", "invoice_id", "row_id", "organization_id", "organization", "currency", "amount"}
    values: dict[str, Any] = {
        **desired.model_dump(include=names),
        "status": LineStatus.HELD,
        "reasons": [],
        "is_recurring": True,
        **changes,
    }
    return UnsentLine(**values)


def without_line(kind: OperationKind, **changes: Any) -> OperationRow:
    row = operation(kind=kind.value, addition_id="80", marker="TO-OLD", **changes)
    row.desired = None
    return row


def prove(additions: list[Addition], known: list[Written], *rows: OperationRow) -> Proof:
    """Every operation came out as planned, unless it counts as failed."""
    proof = Proof({"11": AgreementState(additions)}, UNDESCRIBED, known)
    for row in rows:
        found = proof.states["11"].find(row.addition_id or "")
        if found is not None and row.status == OperationStatus.DONE.value:
            proof.proven[row.id] = ReadBack(row, found)
    return proof


def stand(
    addition: Addition,
    known: Written,
    *rows: OperationRow,
    unsent: list[UnsentLine] | None = None,
    expected: list[ExpectedAddition] | None = None,
    scope: PlanScope = WHOLE,
) -> list[Unclaimed]:
    proof = prove([held("70"), addition], [known], *rows)
    claims = list_claims(rows, proof)
    return list_unclaimed(rows, proof, claims, LeftOut(unsent or [], expected or []), scope)


class TestClaims:
    def test_a_line_stands_on_what_was_read_back_under_its_marker(self) -> None:
        row = operation(before=held().values.as_json())
        (claim,) = list_claims([row], prove([held("70")], [], row))
        assert (claim.addition_id, claim.is_listed, claim.held, claim.before) == (
            "70",
            False,
            held().values,
            held().values,
        )

    def test_what_was_invoiced_stands_without_any_addition(self) -> None:
        row = operation(desire(is_frozen=True), addition_id=None)
        proof = prove([], [], row)
        proof.invoiced.append(row)
        (claim,) = list_claims([row], proof)
        assert (claim.held, claim.is_listed) == (None, False)

    def test_all_that_stands_under_the_marker_of_a_failed_line_pays_for_nothing(self) -> None:
        row = operation(status=OperationStatus.FAILED.value)
        claims = list_claims([row], prove([held("70"), held("71")], [], row))
        assert [(each.addition_id, each.is_listed) for each in claims] == [("70", True), ("71", True)]

    def test_a_line_whose_agreement_cannot_be_read_claims_nothing(self) -> None:
        row = operation(status=OperationStatus.FAILED.value)
        assert list_claims([row], prove([], [], row)) == []


class TestWithoutALine:
    def test_what_people_made_is_none_of_ours(self) -> None:
        row = operation()
        foreign = held("90", serial_number="by hand")
        proof = prove([held("70"), foreign], [], row)
        assert list_unclaimed([row], proof, list_claims([row], proof), LeftOut([], []), WHOLE) == []

    def test_an_addition_of_ours_says_whose_it_is_and_how_far_it_is_charged(self) -> None:
        (found,) = stand(*ours(), operation())
        assert (found.subject.organization_id, found.subject.organization) == ("org-1", "Contoso")
        assert (found.charged_from, found.charged_through) == (date(2026, 5, 1), date(2026, 5, 31))
        assert (found.standing, found.loss) == (reasons.NOT_IN_PLAN, Loss.NONE)

    def test_an_undecided_one_names_its_cause(self) -> None:
        row = without_line(OperationKind.UNDECIDED, cause=UndecidedCause.VANISHED.value)
        (found,) = stand(*ours(), row)
        assert found.standing == reasons.VANISHED

    def test_one_that_is_kept_names_who_keeps_it_why_and_until_when(self) -> None:
        row = without_line(
            OperationKind.UNDECIDED,
            cause=UndecidedCause.EXCLUDED.value,
            choice=DecisionChoice.KEEP.value,
            choice_reason="a trial",
            keep_until=date(2026, 8, 31),
            decided_by="Ada",
        )
        (found,) = stand(*ours(), row)
        assert found.standing.because == "Ada keeps it until 2026-08-31 (a trial)"

    def test_one_that_was_ended_says_how_long_it_bills(self) -> None:
        (found,) = stand(*ours(), without_line(OperationKind.CLOSE))
        assert "it was ended" in found.standing.because

    def test_one_whose_end_failed_says_so(self) -> None:
        (found,) = stand(*ours(), without_line(OperationKind.CLOSE, status=OperationStatus.FAILED.value))
        assert found.standing == reasons.NOT_ENDED

    def test_a_second_addition_of_a_charge_is_a_twin(self) -> None:
        (found,) = stand(*ours("TO-A"), operation())
        assert found.standing == reasons.TWIN

    def test_one_whose_charge_is_still_to_come_is_not_charged_yet(self) -> None:
        due = ExpectedAddition(
            marker="TO-OLD",
            addition_id="80",
            organization_id="org-1",
            organization="Contoso",
            agreement_id="11",
            agreement="Cloud",
            product="M365",
            subscription_id="sub-1",
            subscription="Seats",
            currency="EUR",
            amount=Decimal("50.00"),
            reason="The month has not charged it yet.",
        )
        (found,) = stand(*ours(), operation(), expected=[due])
        assert (found.standing.kind, found.standing.because) == ("not_charged_yet", "the month has not charged it yet")

    def test_the_line_that_stays_behind_says_why(self) -> None:
        causes: list[tuple[dict[str, Any], Standing]] = [
            ({"status": LineStatus.PREVIEW}, reasons.PREVIEW),
            ({"status": LineStatus.EXCLUDED}, reasons.EXCLUDED),
            ({"reasons": [HoldReason.VANISHED_FROM_INVOICE]}, reasons.VANISHED),
            ({"reasons": [HoldReason.SUPERSEDED]}, reasons.SUPERSEDED),
            ({"reasons": [HoldReason.ZERO_PRICE]}, reasons.FREE),
            ({"reasons": [HoldReason.PRODUCT_UNMAPPED]}, reasons.HELD),
        ]
        for changes, standing in causes:
            (found,) = stand(*ours(), operation(), unsent=[left_behind(subscription_id="sub-1", **changes)])
            assert (found.standing, found.loss) == (standing, Loss.NONE)

    def test_the_line_that_it_was_sent_for_last_pays_for_nothing_once_it_stays_behind(self) -> None:
        line = left_behind(sent_marker="TO-OLD")
        (newest,) = stand(*ours(line_id=line.line_id), operation(), unsent=[line])
        (older,) = stand(*ours(line_id=new_id()), operation(), unsent=[line])
        (unknown,) = stand(*ours(line_id=None), operation(), unsent=[line])
        assert [each.loss for each in (newest, older, unknown)] == [Loss.NEWEST, Loss.OLDER, Loss.NEWEST]


class TestAfterTheLastLine:
    """July's charge is billed in the period from 15 June: the addition bills the period from 15 July too."""

    home: ClassVar[dict[str, Any]] = {"bills_from": date(2026, 6, 15), "bills_through": date(2026, 7, 14)}
    july = PlanScope(period="2026-07")

    def stand(self, *rows: OperationRow, is_complete: bool = False, **known: Any) -> list[Unclaimed]:
        proof = prove([held("70")], [written(addition_id="70", **known)] if known else [], *rows)
        for row in rows:
            if row.desired is not None and row.desired["is_frozen"]:
                proof.invoiced.append(row)
        left_out = LeftOut([], [], is_complete=is_complete)
        return list_unclaimed(rows, proof, list_claims(rows, proof), left_out, self.july)

    def test_an_addition_is_followed_as_one_whose_charge_is_still_to_come(self) -> None:
        (found,) = self.stand(operation(desire(**self.home)))
        assert (found.addition.id, found.charged_through, found.has_lines) == ("70", date(2026, 7, 14), True)
        assert found.standing == reasons.bills_on(is_complete=False)
        assert found.standing.kind is DifferenceKind.NOT_CHARGED_YET

    def test_where_a_person_calls_the_month_complete_nothing_is_charged(self) -> None:
        (found,) = self.stand(operation(desire(**self.home)), is_complete=True)
        assert found.standing.kind is DifferenceKind.NO_CHARGE

    def test_one_of_an_invoiced_line_is_followed_too(self) -> None:
        (found,) = self.stand(operation(desire(is_frozen=True, **self.home)))
        assert found.charged_through == date(2026, 7, 14)

    def test_a_later_line_that_it_was_sent_for_counts(self) -> None:
        (found,) = self.stand(operation(desire(**self.home)), charged_through=date(2026, 8, 14))
        assert found.charged_through == date(2026, 8, 14)

    def test_of_two_lines_on_one_addition_the_later_one_counts_and_it_is_followed_once(self) -> None:
        later: dict[str, Any] = {"bills_from": date(2026, 7, 1), "bills_through": date(2026, 7, 20)}
        frozen = operation(desire(is_frozen=True, **self.home))
        (found,) = self.stand(frozen, operation(desire(**later)))
        assert found.charged_through == date(2026, 7, 20)

    def test_one_that_is_charged_to_the_end_of_the_month_is_not_followed(self) -> None:
        assert self.stand(operation(desire(bills_through=date(2026, 7, 31)))) == []

    def test_what_bills_once_or_in_unknown_periods_is_not_followed(self) -> None:
        assert self.stand(operation(desire(is_recurring=False, **self.home))) == []
        assert self.stand(operation(desire())) == []


class TestScope:
    def test_a_plan_about_single_lines_speaks_of_theirs_only(self) -> None:
        narrow = PlanScope(period="2026-06", line_ids=[desire().line_id])
        line = left_behind(sent_marker="TO-OLD")
        assert stand(*ours(), operation(), scope=narrow) == []
        assert len(stand(*ours(), operation(), scope=narrow, unsent=[line])) == 1
        assert len(stand(*ours("TO-A"), operation(), scope=narrow)) == 1  # a twin of the line's addition

    def test_a_plan_about_one_subscription_speaks_of_its_additions(self) -> None:
        assert len(stand(*ours(), operation(), scope=PlanScope(period="2026-06", subscription_id="sub-1"))) == 1
        assert stand(*ours(), operation(), scope=PlanScope(period="2026-06", subscription_id="sub-2")) == []
