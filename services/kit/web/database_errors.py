"""What a database error means to whoever asked: their value, our load, or a server that is away.

Without this a NUL character in a search box, or a number too large for its column, is a crash here.
"""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from services.kit.base.errors import BadRequest, TieoutError, Unavailable

_DATA_EXCEPTION = "22"  # SQLSTATE class: out of range, NUL character, invalid text
_GOING_AWAY = ("08", "57P")  # connection lost, server stopping or starting
_TRY_AGAIN = {"40001", "40P01", "55P03", "57014"}  # serialization, deadlock, lock and statement time-outs


class ValueCannotBeStored(BadRequest):
    """A value in the request is one that no column can hold."""

    action = "Remove control characters, and check the size of numbers and dates."


class DatabaseIsAway(Unavailable):
    """The database does not answer."""


class TooBusy(Unavailable):
    """Too much is going on at once; the same request will pass later."""


def explain_database_error(error: Exception) -> TieoutError | None:
    """The fact behind an error of the database; None where it is a fault of ours."""
    if isinstance(error, NoConnectionFree):
        return TooBusy("All connections to the database are in use.")
    if isinstance(error, ConnectionError):
        return DatabaseIsAway("The database does not answer.")
    return _explain_answer(error) if isinstance(error, DBAPIError) else None


def _explain_answer(error: DBAPIError) -> TieoutError | None:
    state = getattr(error.orig, "sqlstate", None) or ""
    if error.connection_invalidated or state.startswith(_GOING_AWAY):
        return DatabaseIsAway("The database does not answer.")
    if state.startswith(_DATA_EXCEPTION):
        return ValueCannotBeStored("A value in the request cannot be stored.")
    if state in _TRY_AGAIN:
        return TooBusy("Another change to the same data got in the way.")
    return None
