"""Bulk edits: one act of a person on many lines. Previewed first, applied as a whole, and undone as a whole."""
