"""What can be wrong with a mapping somebody asks for."""

from services.kit.base.errors import Conflict, NotFound, Unprocessable


class MappingNotFound(NotFound):
    """There is no such organization or offer."""


class MappingIsStale(Conflict):
    """Somebody has changed this mapping since it was read."""

    action = "Look at the current mapping and decide again."


class NotInPsa(Unprocessable):
    """The chosen record is not in the PSA, as far as the last mirror knows."""

    action = "Choose another one, or run 'Sync Organizations' first if it is new."


class AgreementOfAnotherCompany(Unprocessable):
    """The chosen agreement does not belong to the chosen company."""

    action = "Choose an agreement of this company, or another company first."
