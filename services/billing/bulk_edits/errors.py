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
