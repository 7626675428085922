"""Who may do what."""

from pathlib import Path

import pytest
import yaml

from services.contracts.vocabulary import Role
from services.gateway.operations import VERBS, NoSuchOperation, Operations, VerbNotAllowed
from services.gateway.rights import PUBLIC, RIGHTS, Right, RoleDoesNotAllow, Scope, ScopeDoesNotAllow, require_right
from services.gateway.routing import SERVICE_OF, service_of
from tests.gateway.conftest import Door

DOCUMENT = yaml.load((Path(__file__).parents[2] / "openapi.yaml").read_text(), Loader=yaml.CSafeLoader)
PUBLISHED = {
    item[verb]["operationId"]: (verb, path)
    for path, item in DOCUMENT["paths"].items()
    for verb in VERBS
    if verb in item
}
OF_ONES_OWN = {"close_session", "create_line_view", "change_line_view", "delete_line_view"}
"""What changes nothing for anybody else."""
PEOPLE_WHO_CHANGE_THINGS = {Role.OWNER, Role.ADMIN, Role.FINANCE}


class TestTable:
    def test_the_table_is_exactly_what_is_published(self) -> None:
        assert RIGHTS.keys() | PUBLIC == PUBLISHED.keys()
        assert not RIGHTS.keys() & PUBLIC

    def test_every_published_path_has_its_service(self) -> None:
        nouns = {path.split("/")[3] for _, path in PUBLISHED.values()}
        assert nouns == SERVICE_OF.keys()
        assert all(service_of(path) for _, path in PUBLISHED.values())

    @pytest.mark.parametrize("operation", sorted(RIGHTS))
    def test_only_reading_is_for_those_who_only_read(self, operation: str) -> None:
        verb, _ = PUBLISHED[operation]
        if verb != "get" and operation not in OF_ONES_OWN:
            assert RIGHTS[operation].roles <= PEOPLE_WHO_CHANGE_THINGS
        if verb != "get" and operation != "close_session":
            assert RIGHTS[operation].scope is not Scope.READ

    @pytest.mark.parametrize("role", list(Role))
    @pytest.mark.parametrize("operation", sorted(RIGHTS))
    def test_a_role_reaches_what_the_table_gives_it_and_a_token_needs_the_scope_as_well(
        self, operation: str, role: Role
    ) -> None:
        right: Right = RIGHTS[operation]
        if role not in right.roles:
            with pytest.raises(RoleDoesNotAllow):
                require_right(operation, frozenset({role}), None)
            return
        require_right(operation, frozenset({role}), None)
        require_right(operation, frozenset({role}), frozenset({right.scope}))
        with pytest.raises(ScopeDoesNotAllow):
            require_right(operation, frozenset({role}), frozenset(Scope) - {right.scope})

    def test_what_is_not_in_the_table_is_refused_to_everybody(self) -> None:
        with pytest.raises(RoleDoesNotAllow):
            require_right("drop_everything", frozenset(Role), None)


class TestRolesAtTheDoor:
    @pytest.mark.parametrize("role", list(Role))
    async def test_tokens_are_for_owners_and_admins(self, door: Door, role: Role) -> None:
        client = await door.sign_in_as(role)
        answer = await client.get("/api/v1/tokens")
        assert answer.status_code == (200 if role in {Role.OWNER, Role.ADMIN} else 403)

    @pytest.mark.parametrize("role", list(Role))
    async def test_the_trail_is_for_owners_admins_and_auditors(self, door: Door, role: Role) -> None:
        client = await door.sign_in_as(role)
        answer = await client.get("/api/v1/audit-trail")
        assert answer.status_code == (503 if role in {Role.OWNER, Role.ADMIN, Role.AUDITOR} else 403)


class TestOperations:
    operations = Operations(
        {
            "paths": {
                "/api/v1/lines": {"get": {"operationId": "list"}},
                "/api/v1/lines/totals": {"get": {"operationId": "totals"}},
                "/api/v1/lines/{line_id}": {"get": {"operationId": "one"}, "patch": {"operationId": "edit"}},
                "/api/v1/lines/{line_id}/history": {"get": {"operationId": "history"}},
            }
        }
    )

    @pytest.mark.parametrize(
        ("verb", "path", "operation"),
        [
            ("GET", "/api/v1/lines", "list"),
            ("HEAD", "/api/v1/lines", "list"),
            ("GET", "/api/v1/lines/totals", "totals"),
            ("GET", "/api/v1/lines/7", "one"),
            ("PATCH", "/api/v1/lines/7", "edit"),
            ("GET", "/api/v1/lines/totals/history", "history"),
        ],
    )
    def test_a_literal_segment_wins_over_a_parameter(self, verb: str, path: str, operation: str) -> None:
        assert self.operations.find(verb, path) == operation

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/api/v1",
            "/api/v1/line",
            "/api/v1/lines/",
            "/api/v1/lines/7/",
            "/api/v1/lines/..",
            "/api/v1/lines/./history",
            "/api/v1//lines",
            "/api/v1/lines/7/history/8",
        ],
    )
    def test_anything_else_is_not_found(self, path: str) -> None:
        with pytest.raises(NoSuchOperation):
            self.operations.find("GET", path)

    def test_another_verb_is_not_allowed_and_the_right_ones_are_named(self) -> None:
        with pytest.raises(VerbNotAllowed, match="takes GET, PATCH, not DELETE"):
            self.operations.find("DELETE", "/api/v1/lines/7")
