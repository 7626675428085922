"""Calls to other people's servers: one client, one pace per account, retries by cause."""
