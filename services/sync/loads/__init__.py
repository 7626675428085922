"""Invoices of a month, kept as they came, proven by their checksums, told to billing in parts."""
