"""Lines for people: windows of the grid, totals with facets, groups with subtotals."""
