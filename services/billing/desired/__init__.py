"""From lines to additions and back: what a plan should hold, and what became of it when it was pushed."""
