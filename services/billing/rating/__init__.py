"""Rows become lines, and lines are rated again when what they depend on changes; written only where it differs."""
