"""Views of the grid of lines that people keep: filter, order, columns and grouping, for themselves or for all."""
