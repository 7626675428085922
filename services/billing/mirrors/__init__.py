"""Billing's own copy of what both systems list: companies, catalog items, agreements, contracts, subscriptions."""
