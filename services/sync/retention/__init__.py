"""How long sync keeps what it no longer needs. Receipts, runs, applied plans and rows in force stay."""
