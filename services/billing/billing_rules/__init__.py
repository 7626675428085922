"""The billing rules of a partner, version by version."""
