"""What a database error means to whoever asked: their value, our load, or a server that is away.

Without this a NUL character in a search box, or a number too large for its column, is a crash here.
"""

from asyncpg import PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from services.kit.base.errors import BadRequest, TieoutError, Unavailable

_DATA_EXCEPTION = "22"  # SQLSTATE class: out of range, NUL character, invalid text
_GOING_AWAY = ("08", "57P")  # connection lost, server stopping or starting
LOCK_NOT_AVAILABLE = "55P03"  # lock time-out
_TRY_AGAIN = {"40001", "40P01", LOCK_NOT_AVAILABLE}  # the first two: serialization, deadlock
_CANCELED = "57014"  # statement time-out


class ValueCannotBeStored(BadRequest):
    """A value in the request is one that no column can hold."""

    action = "Remove control characters, and check the size of numbers and dates."


class DatabaseIsAway(Unavailable):
    """The database does not answer."""


class TooBusy(Unavailable):
    """Too much is going on at once; the same request will pass later."""


class StatementTookTooLong(Unavailable):
    """The database ended a statement that ran longer than a request may."""

    action = "Ask for less: a shorter period, a narrower filter, fewer lines. Or try again when less is going on."


def explain_database_error(error: Exception) -> TieoutError | None:
    """The fact behind an error of the database; None where it is a fault of ours."""
    if isinstance(error, NoConnectionFree):
        return TooBusy("All connections to the database are in use.")
    if isinstance(error, ConnectionError):
        return DatabaseIsAway("The database does not answer.")
    if isinstance(error, DBAPIError):
        return _explain_answer(getattr(error.orig, "sqlstate", None) or "", is_away=error.connection_invalidated)
    # Statements about thousands of rows use the driver itself.
    return _explain_answer(error.sqlstate or "") if isinstance(error, PostgresError) else None


def _explain_answer(state: str, *, is_away: bool = False) -> TieoutError | None:
    if is_away or state.startswith(_GOING_AWAY):
        return DatabaseIsAway("The database does not answer.")
    if state.startswith(_DATA_EXCEPTION):
        return ValueCannotBeStored("A value in the request cannot be stored.")
    if state == _CANCELED:
        return StatementTookTooLong("This took longer than the database may work on one request.")
    if state in _TRY_AGAIN:
        return TooBusy("Another change to the same data got in the way.")
    return None
