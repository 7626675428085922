"""Additions that carry parts of several lines: what is known of them, and how their lines are marked."""
