"""What can be wrong with a bulk edit."""

from services.kit.base.errors import Conflict, NotFound, Unprocessable


class BulkEditNotFound(NotFound):
    """There is no such bulk edit."""


class BulkEditIsNotReady(Conflict):
    """What is asked of the bulk edit does not follow its state."""

    action = "Read the bulk edit again: its status says what can be done now."


class ReasonRequired(Unprocessable):
    """So many lines change that somebody has to say why."""

    action = "Send a reason with it."


class LinesUnknown(Unprocessable):
    """Values are given for lines that are not here."""

    action = "Read the lines again, and give values for those that are there."


class FileNotReadable(Unprocessable):
    """The file is none that can be imported."""

    action = "Send a file that was exported here, as .xlsx or CSV in UTF-8."


class CannotBeDone(Conflict):
    """The lines, or the file, are not as they would have to be. Nothing was changed."""
