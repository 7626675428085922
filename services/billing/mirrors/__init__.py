"""Billing's own copy of what both systems list (companies, agreements, contracts, …) and of what the PSA is like."""
