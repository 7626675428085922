"""The map of events is true: who handles what, what an event looks like, and that old ones can still be read."""

import json
from pathlib import Path

import pytest

from services.contracts.envelope import Envelope, Event
from services.contracts.routes import CONSUMERS, EVENT_TYPES, ROUTES
from tests.architecture.compatibility import incompatibilities
from tests.architecture.source import ROOT

SERVICES = ROOT / "services"
EXAMPLES = SERVICES / "contracts" / "examples"
SCHEMAS = Path(__file__).parent / "schemas"
TYPES = sorted(EVENT_TYPES)


def _folder_of(consumer: str) -> Path:
    return SERVICES / consumer / "handlers"


def _file_of(fact: type[Event]) -> str:
    producer, subject, verb, _version = fact.type.split(".")
    return f"on_{producer}_{subject}_{verb}.py"


class TestRoutes:
    @pytest.mark.parametrize("consumer", sorted(CONSUMERS - {"audit"}))
    def test_handlers_are_exactly_the_routes(self, consumer: str) -> None:
        """An event routed to a consumer without a handler rests in the ledger for ever, and nobody notices.

        A handler without a route is dead code that looks alive. So an arrow of the map is a file name.
        """
        routed = {_file_of(fact) for fact, consumers in ROUTES.items() if consumer in consumers}
        written = {path.name for path in _folder_of(consumer).glob("on_*.py")}
        assert written == routed

    def test_audit_hears_everything(self) -> None:
        """A fact that audit does not hear never happened, as far as an auditor can tell.

        It does the same with each, so it has one handler, named for that.
        """
        deaf = [fact.type for fact, consumers in ROUTES.items() if "audit" not in consumers]
        assert not deaf
        assert [path.name for path in _folder_of("audit").glob("on_*.py")] == ["on_every_event.py"]

    def test_no_consumer_is_unknown(self) -> None:
        """A misspelt consumer is a queue that nobody empties."""
        assert set(CONSUMERS) <= {"sync", "billing", "audit", "gateway"}


class TestExamples:
    def test_each_type_has_one(self) -> None:
        """The example is what a colleague copies, and what a consumer is tested with."""
        assert sorted(path.stem for path in EXAMPLES.glob("*.json")) == TYPES

    @pytest.mark.parametrize("name", TYPES)
    def test_it_reads_and_writes_back_the_same(self, name: str) -> None:
        """A field that does not survive the round trip is lost between producer and consumer."""
        example = json.loads((EXAMPLES / f"{name}.json").read_text())
        fact = EVENT_TYPES[name].model_validate(example["data"])
        envelope = Envelope[Event].model_validate(example | {"data": fact})
        circumstances = envelope.model_dump(mode="json", exclude={"data"})
        assert circumstances | {"data": fact.model_dump(mode="json")} == example

    @pytest.mark.parametrize("name", TYPES)
    def test_its_names_agree(self, name: str) -> None:
        """`source` and `type` tell the same producer, or the audit trail blames the wrong one."""
        example = json.loads((EXAMPLES / f"{name}.json").read_text())
        assert (example["type"], example["source"]) == (name, name.split(".", maxsplit=1)[0])

    def test_every_headline_can_be_read(self) -> None:
        """A headline that raises would stop the audit of its fact."""
        for name in TYPES:
            fact = EVENT_TYPES[name].model_validate(json.loads((EXAMPLES / f"{name}.json").read_text())["data"])
            headline = fact.headline()
            assert headline is None or headline.title


class TestSchemas:
    @pytest.mark.parametrize("name", TYPES)
    def test_it_still_reads_what_is_in_flight(self, name: str) -> None:
        """During a deployment old events meet new code and new events meet old code; both must be read.

        Within a version only optional fields are added. Anything else is a new version. After an addition,
        `python -m tests.architecture.compatibility` accepts it.
        """
        committed = json.loads((SCHEMAS / f"{name}.json").read_text())
        assert not incompatibilities(committed, EVENT_TYPES[name].model_json_schema(mode="serialization"))

    @pytest.mark.parametrize("name", TYPES)
    def test_its_schema_is_the_committed_one(self, name: str) -> None:
        """A reviewer sees each change of an event as a change of a file."""
        committed = json.loads((SCHEMAS / f"{name}.json").read_text())
        assert EVENT_TYPES[name].model_json_schema(mode="serialization") == committed, (
            "run python -m tests.architecture.compatibility"
        )

    def test_none_outlives_its_event(self) -> None:
        """A schema without an event would suggest that someone still sends it."""
        assert sorted(path.stem for path in SCHEMAS.glob("*.json")) == TYPES
