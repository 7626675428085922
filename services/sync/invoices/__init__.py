"""What the PSA has invoiced: its invoices as stored, the periods they cover, and what they billed beside what was
expected.
"""
