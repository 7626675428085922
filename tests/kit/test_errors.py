import pytest

from services.kit.base import errors
from services.kit.base.errors import (
    BodyTooLarge,
    Conflict,
    FieldProblem,
    InvalidFields,
    NotFound,
    Problem,
    TieoutError,
    problems,
)


class PlanIsStale(Conflict):
    """The plan's ground has moved."""

    action = "Compute the plan again."


class TestTieoutError:
    def test_a_subclass_is_named_for_its_fact(self) -> None:
        problem = PlanIsStale("Agreement 7 was changed.", current={"status": "stale"}).problem()

        assert problem.model_dump(exclude_none=True) == {
            "type": "urn:tieout:problem:plan_is_stale",
            "title": "Plan is stale",
            "status": 409,
            "code": "plan_is_stale",
            "detail": "Agreement 7 was changed.",
            "action": "Compute the plan again.",
            "current": {"status": "stale"},
        }

    def test_what_to_do_can_be_said_where_it_is_raised(self) -> None:
        assert PlanIsStale("Moved.", action="Wait.").problem().action == "Wait."

    def test_every_kind_says_what_to_do(self) -> None:
        kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, TieoutError)]

        assert len(kinds) > 10
        assert all(kind.action.endswith((".", "'.")) for kind in kinds)
        assert len({kind.code() for kind in kinds}) == len(kinds)

    def test_its_text_is_its_detail(self) -> None:
        assert str(NotFound("There is no run 7.")) == "There is no run 7."


class TestInvalidFields:
    def test_each_field_is_named_with_its_message(self) -> None:
        error = InvalidFields([FieldProblem(field="a.0", message="too small"), FieldProblem(field="b", message="odd")])

        assert str(error) == "a.0: too small; b: odd"
        assert [each.field for each in error.problem().errors or []] == ["a.0", "b"]


class TestProblems:
    def test_a_routes_answers_name_the_codes_of_each_status(self) -> None:
        described = problems(PlanIsStale, BodyTooLarge, Conflict)

        assert list(described) == [409, 413]
        assert described[409] == {"model": Problem, "description": "plan_is_stale, conflict"}

    @pytest.mark.parametrize(("name", "code"), [("PlanIsStale", "plan_is_stale"), ("A", "a"), ("ABTest", "a_b_test")])
    def test_a_code_is_its_class_in_snake_case(self, name: str, code: str) -> None:
        kind: type[Conflict] = type(name, (Conflict,), {})

        assert kind.code() == code
