"""What can be wrong with a decision on a line."""

from services.kit.base.errors import Conflict, NotFound, Unprocessable


class StaleVersion(Conflict):
    """The line was changed since it was read."""

    action = "Look at the current line and decide again."


class AgreementNotInPsa(Unprocessable):
    """The chosen agreement is not in the PSA, as far as the last mirror knows."""

    action = "Choose another agreement, or run 'Sync Organizations' first if it is new."


class ProductNotInPsa(Unprocessable):
    """The chosen product is not in the PSA's catalog, as far as the last mirror knows."""

    action = "Choose another product, or run 'Load Products' first if it is new."


class LineIsInvoiced(Conflict):
    """The PSA has invoiced the line: only its quantity, its unit price and whether it is excluded can be changed."""

    action = "Change its quantity or unit price: the difference goes out as a true-up. Else correct it in the PSA."


class EditNotFound(NotFound):
    """No edit of this id is in force on the line."""
