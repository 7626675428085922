"""What the marketplace's organizations and offers are in the PSA: suggested by the machine, decided by people."""
