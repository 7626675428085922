"""Which published operation a request is: the OpenAPI document read as a tree of path segments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from services.kit.base.errors import NotFound, TieoutError

VERBS = ("get", "put", "post", "delete", "patch")


class NoSuchOperation(NotFound):
    """The path is not part of the API."""

    action = "See /docs for what exists."


class VerbNotAllowed(TieoutError):
    """The path exists, but not for this verb."""

    status: ClassVar[int] = 405
    action = "See /docs for the verbs of this path."


@dataclass(slots=True)
class _Node:
    below: dict[str, "_Node"] = field(default_factory=dict)
    any_below: "_Node | None" = None
    by_verb: dict[str, str] = field(default_factory=dict)


class Operations:
    """Finds the operation id of a verb and a path. A literal segment wins over a parameter."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._root = _Node()
        for path, item in document["paths"].items():
            node = self._grow(path)
            node.by_verb |= {verb.upper(): item[verb]["operationId"] for verb in VERBS if verb in item}

    def _grow(self, path: str) -> _Node:
        node = self._root
        for segment in path.split("/")[1:]:
            if segment.startswith("{"):
                node.any_below = node.any_below or _Node()
                node = node.any_below
            else:
                node = node.below.setdefault(segment, _Node())
        return node

    def find(self, verb: str, path: str) -> str:
        """The operation id; NoSuchOperation or VerbNotAllowed."""
        segments = path.split("/")[1:]
        # An upstream client would resolve '..' and ask for another operation than the one that was allowed.
        node = None if {".", ".."} & set(segments) else _descend(self._root, segments)
        if node is None or not node.by_verb:
            raise NoSuchOperation(f"{path} is not part of the API.")
        operation = node.by_verb.get("GET" if verb == "HEAD" else verb)
        if operation is None:
            raise VerbNotAllowed(f"{path} takes {', '.join(sorted(node.by_verb))}, not {verb}.")
        return operation


def _descend(node: _Node, segments: list[str]) -> _Node | None:
    if not segments:
        return node
    first, *rest = segments
    if (literal := node.below.get(first)) and (found := _descend(literal, rest)):
        return found
    return _descend(node.any_below, rest) if node.any_below and first else None
