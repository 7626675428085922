"""Who may end a transaction, and who may speak SQL."""

from tests.architecture.source import sources

SQL_BUILDERS = {f"sqlalchemy.{name}" for name in "select insert update delete text union union_all exists".split()} | {
    "sqlalchemy.dialects.postgresql.insert"
}


class TestTransactions:
    def test_only_the_edge_commits(self) -> None:
        """A service that commits midway makes half an effect permanent when the rest of its job fails.

        The event it published leaves with the first half; a retry then does the first half twice. One
        transaction per request or job, ended by `kit.base.db` alone, makes every effect whole or absent.
        """
        commits = [
            source.at(call)
            for source in sources("services")
            if not source.is_in("services/kit/", "services/sandbox/")
            for call, name in source.calls()
            if name.split(".")[-1] in ("commit", "rollback", "begin_nested")
        ]
        assert not commits, "only services/kit ends transactions"

    def test_only_repositories_build_sql(self) -> None:
        """SQL in a service hides a missing index and a missing lock from whoever reads the repository.

        With every statement of a domain in one file, what it reads, locks and writes is on one screen.
        """
        builders = [
            f"{source.at(statement)} imports {name}"
            for source in sources("services")
            if not source.is_in("services/kit/") and source.path.name not in ("repository.py", "models.py")
            for statement, name in source.imports()
            if name in SQL_BUILDERS
        ]
        assert not builders, "statements belong into repository.py"
