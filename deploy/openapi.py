"""Writes `openapi.yaml`: the services' own documents merged into the one that is published.

    python -m deploy.openapi            write it
    python -m deploy.openapi --check    fail when it is not what the code says

Services declare their operations once, with full paths. Here they are put side by side: one spelling of
errors, one way to sign in, who may do what (from the gateway's rights table), unique operation ids, and
component names that do not clash.
"""

import argparse
import inspect
import json
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI

from services.gateway.rights import PUBLIC, RIGHTS

ROOT = Path(__file__).parent.parent
FILE = ROOT / "openapi.yaml"
SERVICES = ("gateway", "sync", "billing", "audit")
VERBS = ("get", "put", "post", "delete", "patch")
PROBLEM = {"$ref": "#/components/schemas/Problem"}
REPLACED = ("HTTPValidationError", "ValidationError")  # FastAPI announces these, `kit.web.edge` answers with problems
_REF = "#/components/schemas/"

# Nothing listens there: an app whose document is asked for is never started.
_PLACEHOLDERS = {
    "database_url": "postgresql://nobody@127.0.0.1/nothing",
    "internal_key": "x" * 32,
    "sealing_keys": "A" * 43 + "=",
}

Json = dict[str, Any]


class ClashingOperations(Exception):
    """Two operations have one id: clients could not tell them apart."""


def documents() -> dict[str, Json]:
    """Each service's own document."""
    found = (service for service in SERVICES if find_spec(f"services.{service}.main"))
    return {service: document_of(service) for service in found}


def document_of(service: str) -> Json:
    create = import_module(f"services.{service}.main").create
    settings_type = inspect.signature(create, eval_str=True).parameters["settings"].annotation
    app: FastAPI = create(settings_type(**_PLACEHOLDERS))
    document: Json = json.loads(json.dumps(app.openapi()))
    return _with_plain_names(document)


def _with_plain_names(document: Json) -> Json:
    """`Page_LogEntry_` becomes `LogEntryPage`."""
    text = json.dumps(document)
    for name in document.get("components", {}).get("schemas", {}):
        generic, _, argument = name.rstrip("_").partition("_")
        if argument and name.endswith("_"):
            text = text.replace(f'{_REF}{name}"', f'{_REF}{argument}{generic}"').replace(
                f'"{name}":', f'"{argument}{generic}":'
            )
    plain: Json = json.loads(text)
    return plain


def merge(parts: Mapping[str, Json]) -> Json:
    """One document of all; the same parts give the same text."""
    paths: Json = {}
    schemas: Json = {}
    operation_ids: set[str] = set()
    for service, part in parts.items():
        for path, item in _adopt_schemas(service, part, schemas).items():
            mine = {verb: _publish(item[verb]) for verb in VERBS if verb in item}
            for operation in mine.values():
                if operation["operationId"] in operation_ids:
                    raise ClashingOperations(f"{service}: {operation['operationId']} exists already")
                operation_ids.add(operation["operationId"])
            paths[path] = paths.get(path, {}) | mine
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tieout",
            "version": "1",
            "description": "Puts what was sold on an AppXite marketplace onto ConnectWise PSA agreements, to the cent.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"session": []}, {"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {"securitySchemes": _SECURITY_SCHEMES, "schemas": dict(sorted(schemas.items()))},
    }


_SECURITY_SCHEMES: Json = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "tieout_session",
        "description": "Writes also need the header X-CSRF-Token with the value of the cookie tieout_csrf.",
    },
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, `tieout_…`."},
}


def _adopt_schemas(service: str, part: Json, schemas: Json) -> Json:
    """Put a part's schemas beside those there are; the part's paths with the names they got."""
    mine: Json = part.get("components", {}).get("schemas", {})
    names: dict[str, str] = {}
    for name in mine:
        is_taken = name in schemas and _expand(mine, name) != _expand(schemas, name)
        names[name] = f"{service.capitalize()}{name}" if is_taken else name
    for name, schema in mine.items():
        if name not in REPLACED:
            schemas[names[name]] = _rename(schema, names)
    paths: Json = _rename(part["paths"], names)
    return paths


def _expand(schemas: Json, name: str, above: tuple[str, ...] = ()) -> Any:
    """A schema with everything it refers to in place, so that two can be compared."""

    def walk(node: Any) -> Any:
        if isinstance(node, list):
            return [walk(each) for each in node]
        if not isinstance(node, dict):
            return node
        if isinstance(reference := node.get("$ref"), str) and (target := reference.removeprefix(_REF)) not in above:
            return _expand(schemas, target, (*above, target))
        return {key: walk(value) for key, value in node.items()}

    return walk(schemas[name])


def _rename(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, list):
        return [_rename(each, names) for each in node]
    if not isinstance(node, dict):
        return node
    renamed = {key: _rename(value, names) for key, value in node.items()}
    if isinstance(reference := node.get("$ref"), str):
        name = reference.removeprefix(_REF)
        renamed["$ref"] = _REF + names.get(name, name)
    return renamed


def _publish(operation: Json) -> Json:
    """An operation as the gateway offers it."""
    name = operation["operationId"]
    responses = {status: _as_problem(status, answer) for status, answer in operation["responses"].items()}
    if name in PUBLIC:
        operation["security"] = []
    else:
        for status, codes in (("401", "not_signed_in, credential_not_accepted"), ("403", "not allowed")):
            responses.setdefault(status, _problem(codes))
    if right := RIGHTS.get(name):
        operation["x-roles"], operation["x-scope"] = sorted(right.roles), right.scope.value
    responses["default"] = _problem("Any other problem")
    operation["responses"] = dict(sorted(responses.items()))
    return operation


def _as_problem(status: str, answer: Json) -> Json:
    return _problem("invalid_fields" if status == "422" else answer["description"]) if status >= "400" else answer


def _problem(description: str) -> Json:
    return {"description": description, "content": {"application/problem+json": {"schema": PROBLEM}}}


def as_yaml(document: Json) -> str:
    plain = json.loads(json.dumps(document))  # without shared objects, which YAML would write as anchors
    return yaml.dump(plain, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=120)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is out of date")
    chosen = parser.parse_args(arguments)
    text = as_yaml(merge(documents()))
    if not chosen.check:
        FILE.write_text(text)
    elif not FILE.exists() or FILE.read_text() != text:
        sys.exit("openapi.yaml is not what the code says. Run: python -m deploy.openapi")


if __name__ == "__main__":
    main()
