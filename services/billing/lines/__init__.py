"""Invoice lines under review: the grid, its filters and totals, and what people change."""
