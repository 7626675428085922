"""What can stand in the way of a plan, as errors with a status."""

from services.kit.base.errors import Conflict, NotFound, Unprocessable


class PlanNotFound(NotFound):
    """No plan of this partner has this id."""


class PlanIsNotReady(Conflict):
    """The plan is still being computed, or could not be."""

    action = "Wait until its status is ready; if it failed, mend what its error says and make a new plan."


class PlanIsStale(Conflict):
    """Something changed since the plan was computed, so it no longer says what would happen."""

    action = "Make a new plan and look at it again."


class PlanIsAlreadyApplied(Conflict):
    """The plan was applied, or is being applied right now."""

    action = "Follow its run; make a new plan if something is left to do."


class OperationIsNotUndecided(Unprocessable):
    """An operation that a decision names is not of this plan, or bills nothing without a charge."""

    action = "Decide about the plan's undecided operations only, each once."


class KeptUntilThePast(Unprocessable):
    """An addition cannot be kept until a day that is over."""

    action = "Choose today or a later day."
