"""Whether an event's schema still reads what the other side of a deployment writes.

`python -m tests.architecture.compatibility` writes the committed schemas anew, and refuses what would break readers.
`--unreleased` overrides that while no release has carried the event.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.contracts.routes import EVENT_TYPES

FOLDER = Path(__file__).parent / "schemas"
Schema = dict[str, Any]


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """What a reader of `old` or a reader of `new` would stumble over, as sentences."""
    return list(_compare(old, new, old, new, "data"))


def _compare(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> Iterator[str]:
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    if old.get("type") != new.get("type") or old.get("format") != new.get("format"):
        yield f"{place} changed its type"
        return
    yield from _compare_enums(old, new, place)
    yield from _compare_fields(old, new, old_root, new_root, place)
    for keyword in ("items", "additionalProperties"):
        if isinstance(old.get(keyword), dict) and isinstance(new.get(keyword), dict):
            yield from _compare(old[keyword], new[keyword], old_root, new_root, f"{place}[]")
    yield from _compare_choices(old, new, old_root, new_root, place)


def _compare_enums(old: Schema, new: Schema, place: str) -> Iterator[str]:
    if gone := set(old.get("enum", [])) - set(new.get("enum", [])):
        yield f"{place} no longer takes {', '.join(map(str, sorted(gone)))}"


def _compare_fields(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before.keys() - after.keys():
        yield f"{place}.{name} is gone"
    for name in after.keys() - before.keys():
        if "default" not in after[name]:
            yield f"{place}.{name} is new and required: events already in flight lack it"
    for name in before.keys() & after.keys():
        yield from _compare(before[name], after[name], old_root, new_root, f"{place}.{name}")


def _compare_choices(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> Iterator[str]:
    before = [_resolve(choice, old_root) for choice in old.get("anyOf", [])]
    after = [_resolve(choice, new_root) for choice in new.get("anyOf", [])]
    for choice in before:
        if not any(not list(_compare(choice, other, old_root, new_root, place)) for other in after):
            yield f"{place} no longer takes {choice.get('type')}"


def _resolve(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, fact in EVENT_TYPES.items():
        file = FOLDER / f"{name}.json"
        schema = fact.model_json_schema(mode="serialization")
        broken = incompatibilities(json.loads(file.read_text()), schema) if file.exists() else []
        if broken and "--unreleased" not in sys.argv:
            raise SystemExit(f"{name} needs a new version: " + "; ".join(broken))
        file.write_text(json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
    for file in FOLDER.glob("*.json"):
        if file.stem not in EVENT_TYPES:
            file.unlink()


if __name__ == "__main__":
    main()
