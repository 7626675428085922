"""What can be wrong with a decision on a line."""

from services.kit.base.errors import Conflict, NotFound, Unprocessable


class StaleVersion(Conflict):
    """The line was changed since it was read."""

    action = "Look at the current line and decide again."


class AgreementNotInPsa(Unprocessable):
    """The chosen agreement is not in the PSA, as far as the last mirror knows."""

    action = "Choose another agreement, or run 'Sync Organizations' first if it is new."


class LineIsInvoiced(Conflict):
    """The PSA has invoiced the line: its dates and its agreement can no longer be changed."""

    action = "Correct it in the PSA, or exclude the line. A changed amount goes out as a true-up by itself."


class EditNotFound(NotFound):
    """No edit of this id is in force on the line."""
