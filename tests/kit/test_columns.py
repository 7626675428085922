"""Columns that hold enum members and pydantic models."""

from collections.abc import AsyncIterator
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.contracts.money import Amount
from services.contracts.vocabulary import LogLevel, Role
from services.kit.base.columns import PydanticJson, StringEnum
from services.kit.base.db import Database, WriteSession
from tests.kit.conftest import in_the_name_of


class Price(BaseModel):
    amount: Amount
    currency: str


class _Base(DeclarativeBase):
    """Apart from the services' base, whose tables are compared with the migrations."""


class Thing(_Base):
    __tablename__ = "thing"
    __table_args__ = {"prefixes": ["TEMPORARY"]}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[UUID] = mapped_column(primary_key=True)
    level: Mapped[LogLevel | None] = mapped_column(StringEnum(LogLevel, 10))
    roles: Mapped[list[Role]] = mapped_column(ARRAY(StringEnum(Role, 20)))
    price: Mapped[Price | None] = mapped_column(PydanticJson(Price))
    prices: Mapped[list[Price]] = mapped_column(PydanticJson(list[Price]))


@pytest.fixture
async def session(sync_db: Database) -> AsyncIterator[WriteSession]:
    async with sync_db.writing(in_the_name_of(uuid4())) as session:
        await (await session.connection()).run_sync(_Base.metadata.create_all)
        yield session


def a_thing(level: LogLevel | None = LogLevel.ERROR, price: Price | None = None) -> Thing:
    prices = [Price(amount=Decimal("1.10"), currency="EUR")]
    return Thing(id=uuid4(), level=level, roles=[Role.OWNER, Role.AUDITOR], price=price, prices=prices)


async def kept(session: WriteSession, thing: Thing) -> Thing:
    session.add(thing)
    await session.flush()
    session.expunge_all()
    return (await session.scalars(select(Thing))).one()


class TestStringEnum:
    async def test_a_member_comes_back_as_a_member(self, session: WriteSession) -> None:
        found = await kept(session, a_thing())

        assert found.level is LogLevel.ERROR
        assert found.roles == [Role.OWNER, Role.AUDITOR]
        assert all(isinstance(role, Role) for role in found.roles)

    async def test_none_stays_none(self, session: WriteSession) -> None:
        assert (await kept(session, a_thing(level=None))).level is None

    async def test_a_query_compares_with_members(self, session: WriteSession) -> None:
        await kept(session, a_thing())

        assert (await session.scalars(select(Thing.level).where(Thing.level == LogLevel.ERROR))).all()
        assert not (await session.scalars(select(Thing.level).where(Thing.level.in_([LogLevel.INFO])))).all()

    async def test_what_is_no_member_is_not_stored(self, session: WriteSession) -> None:
        with pytest.raises(StatementError):
            await session.execute(select(Thing).where(Thing.level == "LOUD"))

    async def test_a_stored_value_that_this_build_does_not_know_is_not_read(self, session: WriteSession) -> None:
        await kept(session, a_thing())
        await session.execute(text("UPDATE thing SET level = 'LOUD'"))

        with pytest.raises(ValueError, match="LOUD"):
            await session.execute(select(Thing.level))


class TestPydanticJson:
    async def test_a_model_comes_back_as_a_model_with_exact_decimals(self, session: WriteSession) -> None:
        found = await kept(session, a_thing(price=Price(amount=Decimal("12.3400"), currency="EUR")))

        assert found.price == Price(amount=Decimal("12.3400"), currency="EUR")
        assert str(found.price.amount) == "12.3400"
        assert found.prices == [Price(amount=Decimal("1.10"), currency="EUR")]
        stored = (await session.execute(text("SELECT price->>'amount' FROM thing"))).scalar_one()
        assert stored == "12.3400"

    async def test_none_is_null_of_sql(self, session: WriteSession) -> None:
        await kept(session, a_thing())

        assert (await session.execute(text("SELECT count(*) FROM thing WHERE price IS NULL"))).scalar_one() == 1

    async def test_what_is_no_such_model_is_not_read(self, session: WriteSession) -> None:
        await kept(session, a_thing(price=Price(amount=Decimal(1), currency="EUR")))
        await session.execute(text("""UPDATE thing SET price = '{"amount": 1.5}'"""))

        with pytest.raises(ValidationError):
            await session.execute(select(Thing.price))
