"""The product's own Python, parsed once, for checks that read it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
GENERATED = {"__pycache__", "node_modules", ".venv"}


@dataclass(frozen=True)
class Source:
    """One file. `name` is its path from the top of the tree."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.name)

    @property
    def length(self) -> int:
        return len(self.text.splitlines())

    def is_in(self, *places: str) -> bool:
        """Whether the file is one of `places`, or in one of them (written with a slash at the end)."""
        return any(self.name == place or (place.endswith("/") and self.name.startswith(place)) for place in places)

    def at(self, node: ast.stmt | ast.expr) -> str:
        return f"{self.name}:{node.lineno}"

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call with the dotted name of what is called; the name ends at the first thing that is no name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, dotted_name(node.func)

    def imports(self) -> Iterator[tuple[ast.stmt, str]]:
        """Every imported thing as `module` or `module.name`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def dotted_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}"
    return "…"


def sources(*folders: str) -> list[Source]:
    """Every Python file below `folders`."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return [Source(path) for path in sorted(paths) if not GENERATED & set(path.parts)]
