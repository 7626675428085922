"""Names and sizes: the tree stays readable one file at a time."""

import ast

import pytest

from tests.architecture.source import Source, sources

CODE_LINES, TEST_LINES, FUNCTION_LINES = 500, 600, 80
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
TOP_LEVEL = {"services", "frontend", "migrations", "deploy", "tests", "docs"}
TOP_LEVEL_FILES = {"pyproject.toml", "Makefile", "openapi.yaml", "README.md", "LICENSE", "requirements.lock"}


def _long_functions(source: Source) -> list[str]:
    return [
        f"{source.name}:{node.lineno} {node.name} ({(node.end_lineno or node.lineno) - node.lineno + 1} lines)"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or node.lineno) - node.lineno >= FUNCTION_LINES
    ]


class TestShape:
    @pytest.mark.parametrize(
        ("folder", "limit"), [("services", CODE_LINES), ("deploy", CODE_LINES), ("tests", TEST_LINES)]
    )
    def test_a_file_fits_a_sitting(self, folder: str, limit: int) -> None:
        """A file that grew past this was always two things, and each change to one of them risked the other."""
        long = [f"{source.name} ({source.length} lines)" for source in sources(folder) if source.length > limit]
        assert not long, f"split at {limit} lines"

    def test_a_function_fits_a_screen(self) -> None:
        """What cannot be seen whole is not reviewed whole: a hold was once skipped by an `else` two screens down."""
        long = [
            finding for source in sources("services", "deploy", "migrations") for finding in _long_functions(source)
        ]
        assert not long, f"split at {FUNCTION_LINES} lines"

    def test_a_file_is_named_for_what_it_does(self) -> None:
        """`utils.py` has room for everything, so everything ends up there and nothing can be found again."""
        empty = [source.name for source in sources("services", "deploy", "tests") if source.path.stem in EMPTY_NAMES]
        assert not empty, "name the file for what it does"

    def test_every_module_says_what_it_is(self) -> None:
        """A reader decides by the first line whether this is the file to read."""
        silent = [
            source.name
            for source in sources("services", "deploy")
            if source.text.strip() and ast.get_docstring(source.tree) is None
        ]
        assert not silent, "begin with a docstring"
