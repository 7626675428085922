"""Why no life can be shown."""

from services.kit.base.errors import NotFound


class NothingWritten(NotFound):
    """No addition was ever written for the line, nor for its subscription."""

    action = "Plan and push the line first."
