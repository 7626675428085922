"""A plan: what ConnectWise should hold for a period, beside what it holds, and the operations between the two."""
