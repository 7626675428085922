"""A push: the operations of a plan, written once each, found again when their answer was lost, then read back."""
