"""Which lines a filter finds."""
