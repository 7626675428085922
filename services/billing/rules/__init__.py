"""Billing rules as pure functions: all arguments in, a value and its explanation out. No clock, no I/O."""
