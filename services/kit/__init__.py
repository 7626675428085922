"""How any service runs: sessions, ledger, queue, errors, identity, log. Knows no domain."""
