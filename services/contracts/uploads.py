"""Addresses that take a whole file, so that gateway and service bound its body alike."""

UPLOADS = frozenset({"/api/v1/bulk-edits/files"})
"""Bodies sent here may be longer, and take longer to arrive, than those of other requests."""
