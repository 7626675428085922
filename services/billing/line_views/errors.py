"""What can be wrong with a saved view."""

from services.kit.base.errors import BadRequest, Conflict, Forbidden, NotFound


class LineViewNotFound(NotFound):
    """There is no such view, or it is somebody else's and not shared."""


class LineViewIsStale(Conflict):
    """The view was changed since it was read."""

    action = "Read the view again, and repeat your change."


class LineViewNameTaken(Conflict):
    """Whoever saves has another view of this name."""

    action = "Choose another name, or change the view that has it."


class LineViewIsOfAnother(Forbidden):
    """Only its owner changes a view."""

    action = "Save a copy of your own."


class TooManyLineViews(BadRequest):
    """Views are made by hand, and listed in one page."""

    action = "Delete views that you no longer need."
