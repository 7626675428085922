"""Nothing is forgotten: the audit trail, chained by hash, and the system log of the last 30 days."""
