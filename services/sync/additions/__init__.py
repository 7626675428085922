"""Our additions: what one says, which of them are ours, and what we last wrote and read."""
