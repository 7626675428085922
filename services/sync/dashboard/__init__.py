"""One glance at where everything stands."""
