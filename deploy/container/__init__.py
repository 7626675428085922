"""Tieout in a container: one image, the command picks the process."""
