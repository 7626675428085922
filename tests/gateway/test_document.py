"""The published document: whole, valid, and what the code says."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from deploy import openapi
from services.gateway.operations import VERBS

STORED = yaml.load(openapi.FILE.read_text(), Loader=yaml.CSafeLoader)
OPERATIONS = [(path, verb, item[verb]) for path, item in STORED["paths"].items() for verb in VERBS if verb in item]


class TestStoredDocument:
    def test_it_is_what_the_code_says(self) -> None:
        openapi.main(["--check"])

    def test_it_is_valid_openapi(self) -> None:
        OpenAPIV31SpecValidator(STORED).validate()

    def test_operation_ids_are_unique(self) -> None:
        ids = [operation["operationId"] for _, _, operation in OPERATIONS]
        assert len(ids) == len(set(ids))

    @pytest.mark.parametrize(("path", "verb", "operation"), OPERATIONS, ids=lambda each: str(each)[:60])
    def test_every_problem_has_the_one_shape(self, path: str, verb: str, operation: dict[str, Any]) -> None:
        problems = {status: each for status, each in operation["responses"].items() if status >= "400"}
        assert "default" in problems
        for each in problems.values():
            assert each["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

    @pytest.mark.parametrize(("path", "verb", "operation"), OPERATIONS, ids=lambda each: str(each)[:60])
    def test_every_operation_says_who_may(self, path: str, verb: str, operation: dict[str, Any]) -> None:
        assert operation.get("security") == [] or (operation["x-roles"] and operation["x-scope"])

    def test_nothing_of_frameworks_shows(self) -> None:
        assert not set(openapi.REPLACED) & STORED["components"]["schemas"].keys()
        assert not any(name.endswith("_") for name in STORED["components"]["schemas"])


def a_part(operation: str, path: str, **schemas: object) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Line"}
    answer = {"description": "ok", "content": {"application/json": {"schema": schema}}}
    return {
        "paths": {path: {"get": {"operationId": operation, "responses": {"200": answer}}}},
        "components": {"schemas": schemas},
    }


def schema_of(document: dict[str, Any], path: str) -> str:
    answer = document["paths"][path]["get"]["responses"]["200"]
    reference: str = answer["content"]["application/json"]["schema"]["$ref"]
    return reference.rpartition("/")[2]


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
LINE = {"type": "object", "properties": {"price": {"$ref": "#/components/schemas/Price"}}}


class TestMerge:
    def test_equal_components_are_one(self) -> None:
        merged = openapi.merge({"sync": a_part("a", "/a", Line=TEXT), "billing": a_part("b", "/b", Line=TEXT)})
        assert merged["components"]["schemas"] == {"Line": TEXT}

    def test_different_components_of_one_name_get_the_name_of_their_service(self) -> None:
        merged = openapi.merge({"sync": a_part("a", "/a", Line=TEXT), "billing": a_part("b", "/b", Line=NUMBER)})
        assert merged["components"]["schemas"] == {"BillingLine": NUMBER, "Line": TEXT}
        assert (schema_of(merged, "/a"), schema_of(merged, "/b")) == ("Line", "BillingLine")

    def test_components_that_differ_only_in_what_they_refer_to_are_different(self) -> None:
        merged = openapi.merge(
            {"sync": a_part("a", "/a", Line=LINE, Price=TEXT), "billing": a_part("b", "/b", Line=LINE, Price=NUMBER)}
        )
        schemas = merged["components"]["schemas"]
        assert schema_of(merged, "/b") == "BillingLine"
        assert schemas["BillingLine"]["properties"]["price"]["$ref"].endswith("/BillingPrice")
        assert schemas["BillingPrice"] == NUMBER

    def test_components_that_refer_to_themselves_are_compared_too(self) -> None:
        tree = {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}
        merged = openapi.merge({"sync": a_part("a", "/a", Line=tree), "billing": a_part("b", "/b", Line=tree)})
        assert list(merged["components"]["schemas"]) == ["Line"]

    def test_one_id_for_two_operations_is_refused(self) -> None:
        with pytest.raises(openapi.ClashingOperations, match="billing: a exists already"):
            openapi.merge({"sync": a_part("a", "/a", Line=TEXT), "billing": a_part("a", "/b", Line=TEXT)})

    def test_the_same_parts_give_the_same_text(self) -> None:
        parts = {"sync": a_part("a", "/a", Line=TEXT), "billing": a_part("b", "/b", Line=NUMBER)}
        again = {"sync": a_part("a", "/a", Line=TEXT), "billing": a_part("b", "/b", Line=NUMBER)}
        assert openapi.as_yaml(openapi.merge(parts)) == openapi.as_yaml(openapi.merge(again))


class TestDrift:
    def test_a_stored_document_that_is_out_of_date_fails_the_check(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(openapi, "FILE", tmp_path / "openapi.yaml")
        with pytest.raises(SystemExit, match="is not what the code says"):
            openapi.main(["--check"])
        openapi.main([])
        openapi.main(["--check"])
