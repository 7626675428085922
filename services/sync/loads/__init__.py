"""Invoices of a month, kept as they came, proven by their checksums, published to billing in parts."""
