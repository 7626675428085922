import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel, ValidationError

from services.contracts.envelope import SYSTEM_ACTOR, Envelope, Event, Headline
from services.contracts.events.gateway import SessionOpened
from services.contracts.events.sync import RowsLoaded
from services.contracts.routes import CONSUMERS, EVENT_TYPES, ROUTES


def wrap(fact: Event, **changed: Any) -> dict[str, Any]:
    circumstances = {
        "id": uuid4(),
        "type": fact.type,
        "source": "gateway",
        "partner_id": uuid4(),
        "subject": "session/1",
        "sequence": 1,
        "occurred_at": datetime(2026, 3, 15, tzinfo=UTC),
        "correlation_id": "c-1",
        "causation_id": None,
        "actor": SYSTEM_ACTOR,
        "data": fact,
    }
    return circumstances | changed


class TestEnvelope:
    def test_it_survives_the_journey_with_its_fact(self) -> None:
        sent = Envelope[SessionOpened](**wrap(SessionOpened(email="ann@example.com")))

        assert Envelope[SessionOpened].model_validate_json(sent.model_dump_json()) == sent

    def test_a_time_without_zone_is_refused(self) -> None:
        naive = wrap(SessionOpened(email="ann@example.com"), occurred_at="2026-03-15T00:00:00")

        with pytest.raises(ValidationError, match="timezone"):
            Envelope[SessionOpened](**naive)

    @pytest.mark.parametrize("kept", [SYSTEM_ACTOR, SessionOpened(email="a"), Headline(level="INFO", title="x")])  # type: ignore[arg-type]
    def test_what_was_said_stays_said(self, kept: BaseModel) -> None:
        field = next(iter(type(kept).model_fields))

        with pytest.raises(ValidationError, match="frozen"):
            setattr(kept, field, "changed")

    def test_a_newer_producer_may_add_a_field(self) -> None:
        """Within a version only optional fields are added, so an older consumer must read past them."""
        assert SessionOpened.model_validate({"email": "a", "device": "new"}) == SessionOpened(email="a")

    def test_the_system_has_a_name(self) -> None:
        assert (SYSTEM_ACTOR.id, SYSTEM_ACTOR.name) == ("system", "Tieout")


class TestFacts:
    @pytest.mark.parametrize("fact", ROUTES, ids=lambda fact: fact.__name__)
    def test_a_type_names_producer_subject_participle_and_version(self, fact: type[Event]) -> None:
        assert re.fullmatch(r"[a-z]+\.[a-z_]+\.[a-z]+(ed|en|t|k)\.v[1-9]\d*", fact.type)
        assert fact.type.split(".", maxsplit=1)[0] == fact.__module__.rpartition(".")[2]

    def test_no_two_facts_share_a_type(self) -> None:
        assert len(EVENT_TYPES) == len(ROUTES)
        assert all(EVENT_TYPES[fact.type] is fact for fact in ROUTES)

    @pytest.mark.parametrize("fact", ROUTES, ids=lambda fact: fact.__name__)
    def test_every_fact_reaches_the_audit_trail_and_nobody_twice(self, fact: type[Event]) -> None:
        assert "audit" in ROUTES[fact]
        assert len(set(ROUTES[fact])) == len(ROUTES[fact])

    def test_consumers_fit_their_column(self) -> None:
        assert {"sync", "billing", "audit"} == CONSUMERS
        assert all(len(fact.type) <= 120 for fact in ROUTES)

    def test_a_fact_without_a_headline_says_nothing_to_people(self) -> None:
        assert RowsLoaded(run_id=uuid4(), part=0, period="2026-03", invoices=[], rows=[]).headline() is None
