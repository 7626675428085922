"""Every value that a consumer branches on is produced somewhere."""

import ast
from collections.abc import Sequence
from functools import cache

import pytest

from services.contracts.envelope import Event
from services.contracts.routes import ROUTES
from services.contracts.shapes import PUSHED
from tests.architecture.source import ROOT, Source, sources
from tests.architecture.values import ENUMS, Field, Use, fields_of, find_uses, members_of, name_of

SERVICES = ("sync", "billing", "gateway", "audit")
SAID_BY_CONTRACTS = "contracts/events"  # headlines name levels

# Every member of these is made at once, out of texts that come from outside: the file that does it.
PARSED = {
    "ChargeType": "services/contracts/charge_types.py",  # the marketplace's rows
    "BillOption": "services/billing/rules/model.py",  # what an administrator chooses
    "ConnectedSystem": "services/sync/connections/api.py",  # the address of the connection that is edited
    "Role": "services/gateway/people/schemas.py",  # what a membership grants
}


@cache
def uses_in(service: str) -> tuple[Use, ...]:
    return tuple(find_uses(sources(f"services/{service}")))


@cache
def made_in(service: str) -> frozenset[str]:
    parsed = (
        members_of(name)
        for name, file in PARSED.items()
        if file.startswith((f"services/{service}/", "services/contracts/"))
    )
    named = {use.member for use in (*uses_in(service), *uses_in(SAID_BY_CONTRACTS)) if not use.is_branch}
    return frozenset(named.union(*parsed))


def producer_of(fact: type[Event]) -> str:
    return fact.type.partition(".")[0]


def arrivals(service: str) -> list[tuple[str, Field]]:
    """Every vocabulary field that events bring to a service, with the service that fills it."""
    return [
        (producer_of(fact), field)
        for fact, consumers in ROUTES.items()
        if any(consumer.partition(".")[0] == service for consumer in consumers) and producer_of(fact) != service
        for field in fields_of(fact)
    ]


def find_vain_branches(uses: Sequence[Use], arriving: Sequence[tuple[str, Field]], own: frozenset[str]) -> list[str]:
    """Branches on members that no event brings and that the service does not make itself.

    What is compared with an attribute named like a field of an event is held against that field alone.
    """
    vain = []
    for use in (use for use in uses if use.is_branch):
        same = [each for each in arriving if each[1].words.__name__ == use.member.partition(".")[0]]
        named = [each for each in same if each[1].name == use.compared_with]
        coming = own.union(*(made_in(by) if field.only is None else field.only for by, field in named or same))
        if same and use.member not in coming:
            vain.append(f"{use.place} waits for {use.member}")
    return vain


def uses_of(code: str) -> list[Use]:
    source = Source(ROOT / "services" / "billing" / "example.py")
    source.__dict__["tree"] = ast.parse(code)
    return find_uses([source])


class TestValues:
    @pytest.mark.parametrize("service", SERVICES)
    def test_whatever_a_consumer_branches_on_is_produced_somewhere(self, service: str) -> None:
        """Billing waited for pushed additions of kind CANCEL, and sync never published one.

        A cancelled addition is desired by no line, so it is in no `PushedAddition`. Billing's branch was tested
        with a fact made by hand, looked alive and never ran: billing believed in cancelled additions for ever.

        Where fewer members travel in a field than its producer makes, the contract says so (`Only`), and pydantic
        refuses to publish any other. What the check cannot see: "made" means named in the producer's code, not
        that the line is ever reached; a value that is renamed on its way to a comparison, or looked up in a
        mapping, is held against all that its producers make, not against its field; whatever a service makes
        itself passes; HTTP answers and the front end are not looked at.
        """
        assert not find_vain_branches(uses_in(service), arrivals(service), made_in(service))

    @pytest.mark.parametrize(
        "code",
        [
            "if result.operation is OperationKind.CANCEL: forget()",
            "if OperationKind.CANCEL.value == result.operation: forget()",
            "if result.operation in (OperationKind.NONE, OperationKind.CANCEL): forget()",
            "match result.operation:\n    case OperationKind.CANCEL: forget()",
            "OVER = frozenset({OperationKind.CANCEL})\nif result.operation in OVER: forget()",
        ],
    )
    def test_the_branch_that_waited_in_vain_would_have_been_found(self, code: str) -> None:
        """A check that has never failed may be one that cannot."""
        found = find_vain_branches(uses_of(code), arrivals("billing"), made_in("billing"))
        assert [each.partition(" ")[2] for each in found] == ["waits for OperationKind.CANCEL"]

    def test_what_does_travel_is_not_complained_about(self) -> None:
        """A check that complains of good code is switched off."""
        code = "\n".join(f"if result.operation is {name_of(member)}: note()" for member in PUSHED.members)
        assert not find_vain_branches(uses_of(code), arrivals("billing"), made_in("billing"))

    def test_no_member_is_idle(self) -> None:
        """`RunStatus.HELD` was in the API and had a colour in the front end, and no run could ever have it."""
        used = {use.member for service in (*SERVICES, SAID_BY_CONTRACTS) for use in uses_in(service)}
        assert not set().union(*map(members_of, ENUMS)) - used.union(*map(members_of, PARSED))

    def test_what_is_parsed_still_is(self) -> None:
        """An entry that outlives its parser would excuse every branch on its enum."""
        assert all(name in Source(ROOT / file).text for name, file in PARSED.items())
